"""What files there are and how they change: the way that works for programs of every kind."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_FILES = 200_000
# Made anew by tools, of no interest to a result, or our own.
PASSED_OVER = {
    ".git", ".hg", ".svn", ".venv", "venv", ".nox", ".tox", "node_modules", "__pycache__",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".repro-audit",
}  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """Size, time and number of every file below a folder; `whole` unless there were too many."""

    root: Path
    files: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    whole: bool = True

    def written(self, later: Snapshot) -> list[str]:
        """Return what is new or another in a later one."""
        return sorted(path for path, seen in later.files.items() if self.files.get(path) != seen)

    def removed(self, later: Snapshot) -> list[str]:
        """Return what is gone in a later one."""
        return sorted(self.files.keys() - later.files.keys()) if later.whole else []


def snapshot(root: Path) -> Snapshot:
    """Look at every file below a folder; links are not followed."""
    files: dict[str, tuple[int, int, int]] = {}
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(root / inside if inside else root) as entries:
                for entry in entries:
                    path = f"{inside}/{entry.name}" if inside else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in PASSED_OVER and not is_environment(entry.path):
                            waiting.append(path)
                        continue
                    seen = entry.stat(follow_symlinks=False)
                    files[path] = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
        except OSError:
            continue
        if len(files) > MOST_FILES:
            return Snapshot(root, files, whole=False)
    return Snapshot(root, files)


def is_environment(folder: str) -> bool:
    """Say whether a folder is an environment of Python."""
    return os.path.lexists(os.path.join(folder, "pyvenv.cfg"))  # noqa: PTH118 - asked for each
