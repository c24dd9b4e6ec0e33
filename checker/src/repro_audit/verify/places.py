"""Where runs are made: a folder of one name, and old paths that lead to new ones for a while."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def linked(aliases: Mapping[Path, Path]) -> Iterator[None]:
    """Let old paths lead to new ones for a while."""
    made: list[Path] = []
    try:
        for old, new in aliases.items():
            if not old.exists():
                old.symlink_to(new)
                made.append(old)
        yield
    finally:
        for old in made:
            old.unlink(missing_ok=True)


def work_folder() -> Path:
    """Make a private folder, under the same name each time where that is free.

    A result may hold its path: two verifications of one commit are to give the same record.
    """
    where = Path(tempfile.gettempdir()).resolve()
    for number in range(1, 10):
        folder = where / f"repro-audit-{number}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    return Path(tempfile.mkdtemp(prefix="repro-audit-", dir=where))
