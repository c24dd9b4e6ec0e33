"""What git knows of a folder, read from its files; no git command and no hook is ever run."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

REGULAR = (0o100644, 0o100755, 0o100664)
LINK = 0o120000
SUBMODULE = 0o160000
MARK = "gitdir:"


@dataclass(frozen=True)
class Entry:
    """One file of the index."""

    path: str
    mode: int
    digest: str
    size: int
    mtime: float


@dataclass(frozen=True)
class Index:
    """The index as seen from the audited folder: paths are relative to it."""

    git_dir: Path
    top: Path
    entries: tuple[Entry, ...]


def under(index: Index, inside: str) -> Index:
    """Return the index as seen from a folder of it; `inside` is its path with a slash."""
    return replace(
        index,
        entries=tuple(
            replace(entry, path=entry.path.removeprefix(inside))
            for entry in index.entries
            if entry.path.startswith(inside)
        ),
    )


def git_folder(root: Path) -> tuple[Path, Path] | None:
    """Return the git directory that governs `root` and the top of its work tree, if any."""
    for top in (root, *root.parents):
        mark = top / ".git"
        if mark.is_dir() and not mark.is_symlink():
            return mark, top
        if mark.is_file():
            first = mark.read_text("utf-8", "replace").strip().splitlines()[:1]
            if first and first[0].startswith(MARK):
                target = (top / first[0][len(MARK) :].strip()).resolve()
                return (target, top) if target.is_dir() else None
    return None


def read_index(root: Path) -> Index | None:
    """Read the index that governs `root`; None without git or entries, or when it is broken."""
    found = git_folder(root)
    if found is None or not (found[0] / "index").is_file():
        return None
    from dulwich.index import ConflictedIndexEntry, Index as GitIndex  # noqa: PLC0415, I001 - only for git trees

    git_dir, top = found
    prefix = b"" if root == top else os.fsencode(root.relative_to(top).as_posix()) + b"/"
    entries: list[Entry] = []
    try:
        index = GitIndex(str(git_dir / "index"))
        for name in sorted(index):
            found_entry = index[name]
            if isinstance(found_entry, ConflictedIndexEntry) or not name.startswith(prefix):
                continue
            mtime = found_entry.mtime
            seconds = float(mtime[0]) if isinstance(mtime, tuple) else float(mtime)
            entries.append(
                Entry(
                    os.fsdecode(name[len(prefix) :]),
                    found_entry.mode,
                    found_entry.sha.decode("ascii"),
                    found_entry.size,
                    seconds,
                )
            )
    except (OSError, ValueError, KeyError, AssertionError, IndexError):
        return None
    return Index(git_dir, top, tuple(entries)) if entries else None


def differs(root: Path, entry: Entry) -> bool:
    """Say whether the file on disk is another than the one in the index.

    Size and second of change decide first, as git does; only then is the content hashed. Filters
    are not run, because they would start a process that the repository names.
    """
    if entry.mode == SUBMODULE:
        # Another repository stands there, or nothing until it is fetched.
        return False
    try:
        seen = os.lstat(root / entry.path)
        if entry.mode == LINK:
            content = os.fsencode((root / entry.path).readlink())
            return blob_id(content) != entry.digest
    except OSError:
        return True
    if seen.st_size == entry.size and int(seen.st_mtime) == int(entry.mtime):
        return False
    if not stat.S_ISREG(seen.st_mode) or seen.st_size != entry.size:
        return True
    return blob_id((root / entry.path).read_bytes()) != entry.digest


def blob_id(content: bytes) -> str:
    """Return the name that git gives to a file's content."""
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
