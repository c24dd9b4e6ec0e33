"""Which files lie below a folder: those of git's index when there is one, else those of a walk."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.gitindex import REGULAR, Index, read_index
from repro_audit.plainfile import Folder
from repro_audit.roles import GENERATED_PARTS, VENDORED_PARTS
from repro_audit.unread import FOLDER, Skips

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_FILES = 200_000
IGNORED = GENERATED_PARTS | VENDORED_PARTS | {".git", ".hg", ".svn"}
LINK = 0o120000
LINKED = "a symbolic link, not followed"
LEFT_OUT = "a folder that was not checked out"
SPECIAL = "not a regular file"


def cannot_be_read(problem: OSError) -> str:
    """Say why the system gives a file or folder to nobody."""
    return f"cannot be read: {problem.strerror or 'unknown reason'}"


class Listing:
    """The regular files below a folder, and why what is none of them was passed over.

    Links are never followed.
    """

    def __init__(self, root: Path) -> None:
        """Take `root`.

        Raises:
            ReproAuditError: when it is no readable folder.
        """
        try:
            self.root = root.resolve(strict=True)
            readable = self.root.is_dir() and os.access(self.root, os.R_OK | os.X_OK)
        except (OSError, RuntimeError):
            readable = False
        if not readable:
            raise ReproAuditError(
                f"{root} is not a folder that can be read; give the path of a repository."
            )
        self.asking: list[set[str]] = []
        self.skips = Skips(self.note)
        self.links: dict[str, str] = {}
        self.disk = Folder(self.root)
        self.index: Index | None = read_index(self.root)

    def note(self, path: str) -> None:
        """Tell who is asking just now that a file was not read."""
        if self.asking:
            self.asking[-1].add(path)

    def paths(self) -> Iterator[str]:
        """Yield the path of each regular file."""
        return self.from_index(self.index) if self.index else self.walk()

    def from_index(self, index: Index) -> Iterator[str]:
        """Yield the regular files of git's index that are on disk."""
        for path in index.outside:
            # An index of a sparse checkout keeps whole folders, by names that end so.
            sparse = path.endswith(FOLDER) and ".." not in path
            self.skips[path] = (
                LEFT_OUT if sparse else "a name in git's index that leads out of the tree"
            )
        if index.more:
            self.skips["."] = f"more than {MOST_FILES} files; the rest was not listed"
        for entry in index.entries:
            if entry.mode in REGULAR:
                # A hostile index may name a way out of the tree through a link.
                if self.disk.regular(entry.path):
                    yield entry.path
                else:
                    self.skips[entry.path] = "in git's index but no file of this tree"
            elif entry.mode == LINK:
                self.link(entry.path)

    def link(self, path: str) -> None:
        """Keep what a link says, which is text like any other; nobody goes where it leads."""
        self.skips[path] = LINKED
        if self.disk.holds(path):
            with suppress(OSError):
                self.links[path] = (self.root / path).readlink().as_posix()

    def walk(self) -> Iterator[str]:
        """Yield the regular files below the root, without caches and environments."""
        seen = 0
        waiting = [""]
        while waiting:
            base = waiting.pop()
            try:
                with os.scandir(self.root / base) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as problem:
                self.skips[f"{base}/" if base else "."] = cannot_be_read(problem)
                continue
            for entry in entries:
                path = f"{base}/{entry.name}" if base else entry.name
                seen += 1
                if seen > MOST_FILES:
                    self.skips["."] = f"more than {MOST_FILES} files; the rest was not listed"
                    return
                if entry.is_symlink():
                    self.link(path)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in IGNORED:
                        waiting.append(path)
                elif entry.is_file(follow_symlinks=False):
                    yield path
                else:
                    self.skips[path] = SPECIAL
