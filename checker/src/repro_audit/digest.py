"""Digests of files, within a bound of size for each and for all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_audit.plainfile import Folder
    from repro_audit.repository import Repository

LARGEST = 64_000_000
MOST = 512_000_000


@dataclass
class Digests:
    """The SHA-256 of the files that somebody asked for, each read once."""

    folder: Folder
    left: int = MOST
    kept: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def collect(cls, repo: Repository) -> Digests:
        """Begin with none."""
        return cls(repo.disk)

    def of(self, path: str) -> str | None:
        """Return the digest of a regular file; None for anything else or beyond the bounds."""
        if path not in self.kept:
            self.kept[path] = self.read(path)
        return self.kept[path]

    def read(self, path: str) -> str | None:
        """Read and digest one file."""
        found = hashlib.sha256()
        try:
            for block in self.folder.blocks(path, min(LARGEST, self.left)):
                self.left -= len(block)
                found.update(block)
        except OSError:
            return None
        return found.hexdigest()
