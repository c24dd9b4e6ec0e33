"""What git knows of a folder, read from its files; no git command and no hook is ever run.

The format of the index: https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from repro_audit.plainfile import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REGULAR = (0o100644, 0o100755, 0o100664)
LINK = 0o120000
SUBMODULE = 0o160000
MARK = "gitdir:"
LARGEST_INDEX = 64_000_000
LARGEST_POINTER = 4_096
LARGEST_CONTENT = 64_000_000
MOST_CONTENT = 256_000_000
MOST_ENTRIES = 100_000
# Where a name begins as the one before, some kilobytes of an index could stand for gigabytes.
MOST_NAMES = 32_000_000
HEAD = struct.Struct(">10I20sH")
EXTENDED, STAGES, NAME_BITS = 0x4000, 0x3000, 0x0FFF
PREFIXED = 4
LEFT_OUT = 0x40


@dataclass(frozen=True)
class Entry:
    """One file of the index; one that is `left_out` need not be on disk (sparse checkouts)."""

    path: str
    mode: int
    digest: str
    size: int
    mtime: float
    left_out: bool = False


@dataclass(frozen=True)
class Index:
    """The index as seen from the audited folder: paths are relative to it.

    `outside` are names that no file of a tree can have, `tree` is the tree that git last wrote
    from the index while it is still the same, and `more` says that entries were left out.
    """

    git_dir: Path
    top: Path
    entries: tuple[Entry, ...]
    outside: tuple[str, ...] = ()
    tree: str = ""
    conflicted: bool = False
    more: bool = False


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
        here = Folder(top)
        kind = here.kind(".git")
        if kind == stat.S_IFDIR:
            return top / ".git", top
        if kind == stat.S_IFREG:
            first = (here.text(".git", LARGEST_POINTER) or "").strip().splitlines()[:1]
            if first and first[0].startswith(MARK):
                target = pointed(top, first[0][len(MARK) :].strip())
                return (target, top) if target is not None else None
        elif kind:
            return None
    return None


def pointed(top: Path, said: str) -> Path | None:
    """Return the git directory that a file `.git` names, when that one names this tree in turn.

    Work trees and submodules have such files. Anyone may write one that leads to a repository of
    somebody else, but not into that repository that it belongs to this tree.
    """
    try:
        target = (top / said).resolve()
        back = Folder(target)
        if target.parent.name == "worktrees":
            work_tree = (back.text("gitdir", LARGEST_POINTER) or "").strip()
            return target if work_tree and (target / work_tree).resolve() == top / ".git" else None
        if not any(above / ".git" / "modules" in target.parents for above in top.parents):
            return None
        for line in (back.text("config", LARGEST_POINTER) or "").splitlines():
            key, _, value = line.partition("=")
            if key.strip().lower() == "worktree" and (target / value.strip()).resolve() == top:
                return target
    except (OSError, ValueError, RuntimeError):
        return None
    return None


def read_index(root: Path) -> Index | None:
    """Read the index that governs `root`; None without git or entries, or when it is broken."""
    found = git_folder(root)
    if found is None:
        return None
    git_dir, top = found
    prefix = b"" if root == top else os.fsencode(root.relative_to(top).as_posix()) + b"/"
    try:
        raw = Folder(git_dir).read("index", LARGEST_INDEX)
        return parsed(raw, Index(git_dir, top, ()), prefix)
    except (OSError, ValueError, IndexError, struct.error):
        return None


def parsed(raw: bytes, index: Index, prefix: bytes) -> Index | None:
    """Return `index` with what the bytes say below `prefix`.

    Raises:
        ValueError, IndexError, struct.error: when they are no index.
    """
    mark, version, count = struct.unpack_from(">4sII", raw)
    if mark != b"DIRC" or version not in {2, 3, PREFIXED}:
        raise ValueError("no index")
    entries: dict[str, Entry] = {}
    outside: list[str] = []
    conflicted, at, name, room = False, 12, b"", MOST_NAMES
    for _ in range(min(count, MOST_ENTRIES)):
        head = HEAD.unpack_from(raw, at)
        name, end = named(raw, at, head[11], name, version)
        room -= len(name)
        if room < 0:
            raise ValueError("too many names")
        path = os.fsdecode(name[len(prefix) :])
        if head[11] & STAGES:
            conflicted = True
        elif name.startswith(prefix):
            if inside(path):
                absent = bool(head[11] & EXTENDED and raw[at + HEAD.size] & LEFT_OUT)
                digest = head[10].hex()
                entries[path] = Entry(path, head[6], digest, head[9], float(head[2]), absent)
            else:
                outside.append(path)
        at = end
    if not entries and not outside:
        return None
    more = count > MOST_ENTRIES
    tree = "" if more or conflicted else written_tree(raw, at)
    kept = tuple(entries[path] for path in sorted(entries))
    return replace(
        index, entries=kept, outside=tuple(outside), tree=tree, conflicted=conflicted, more=more
    )


def named(raw: bytes, at: int, flags: int, last: bytes, version: int) -> tuple[bytes, int]:
    """Return the name of the entry at `at`, and where the next one begins."""
    start = at + HEAD.size + (2 if version > 2 and flags & EXTENDED else 0)  # noqa: PLR2004 - version
    if version == PREFIXED:
        cut, start = offset_number(raw, start)
        end = raw.index(b"\0", start)
        if cut > len(last):
            raise ValueError("cuts more than there is")
        return last[: len(last) - cut] + raw[start:end], end + 1
    length = flags & NAME_BITS
    end = start + length if length < NAME_BITS else raw.index(b"\0", start)
    if end >= len(raw):
        raise ValueError("cut short")
    # Between one and eight NUL bytes fill up to a multiple of eight.
    return raw[start:end], at + (end - at + 8) // 8 * 8


def offset_number(raw: bytes, at: int) -> tuple[int, int]:
    """Return a number as git writes offsets, and where it ends."""
    byte = raw[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = raw[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
        if value > LARGEST_INDEX:
            raise ValueError("too large a number")
    return value, at + 1


def inside(path: str) -> bool:
    """Say whether a name can be that of a file of the tree, and of none that git keeps."""
    parts = path.split("/")
    return not any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts)


def written_tree(raw: bytes, at: int) -> str:
    """Return the tree that the index keeps of itself, or nothing.

    Raises:
        ValueError: when the index is but a part of one that lies in another file.
    """
    found = ""
    for name, content in extensions(raw, at):
        if name == b"link":
            raise ValueError("a split index")
        if name == b"TREE" and content.startswith(b"\0"):
            count, _, rest = content[1:].partition(b" ")
            if not count.startswith(b"-"):
                found = rest.partition(b"\n")[2][:20].hex()
    return found


def extensions(raw: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield what follows the entries, up to the checksum."""
    while at + 8 <= len(raw) - 20:
        name, size = struct.unpack_from(">4sI", raw, at)
        yield name, raw[at + 8 : at + 8 + size]
        at += 8 + size


class Compared:
    """Compares files on disk with the index, up to a bound of bytes in all."""

    def __init__(self, root: Path) -> None:
        """Begin at nothing read."""
        self.folder = Folder(root)
        self.left = MOST_CONTENT

    def differs(self, entry: Entry) -> bool:
        """Say whether the file on disk is another than the one in the index.

        Size and second of change decide first, as git does; only then is the content hashed.
        Filters are not run, because they would start a process that the repository names. What
        would take too long to compare counts as another.
        """
        if entry.mode == SUBMODULE:
            # Another repository stands there, or nothing until it is fetched.
            return False
        if not self.folder.holds(entry.path):
            return not entry.left_out
        full = self.folder.root / entry.path
        try:
            seen = os.lstat(full)
            if entry.mode == LINK:
                return blob_id(os.fsencode(full.readlink())) != entry.digest
            if seen.st_size == entry.size and int(seen.st_mtime) == int(entry.mtime):
                return False
            if not stat.S_ISREG(seen.st_mode) or seen.st_size != entry.size:
                return True
            self.left -= seen.st_size
            return self.left < 0 or self.hashed(entry) != entry.digest
        except OSError:
            return not entry.left_out

    def hashed(self, entry: Entry) -> str:
        """Return the name that git gives to the file's content.

        Raises:
            OSError: when it cannot be read.
        """
        found = hashlib.sha1(b"blob %d\0" % entry.size, usedforsecurity=False)
        for block in self.folder.blocks(entry.path, LARGEST_CONTENT):
            found.update(block)
        return found.hexdigest()


def blob_id(content: bytes) -> str:
    """Return the name that git gives to a file's content."""
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
