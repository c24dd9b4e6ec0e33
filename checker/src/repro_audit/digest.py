"""Digests of files, within a bound of size."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 64_000_000
BLOCK = 1 << 20


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a regular file; None for anything else or larger than the bound."""
    try:
        seen = os.lstat(path)
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > LARGEST:
            return None
        found = hashlib.sha256()
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                found.update(block)
    except OSError:
        return None
    return found.hexdigest()
