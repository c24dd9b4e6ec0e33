"""What git's history says: commits, tags, remotes, differences between commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit.gitobjects import BROKEN
from repro_audit.gitstore import MOST_ROWS, Remote, Store, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from repro_audit.gitindex import Index

MOST_COMMITS = 2_000
MOST_WALKED = 5_000
MOST_CHANGES = 1_000
MOST_TREES = 50_000
LONGEST_PATH = 4_096
FOLDER = 0o40000


class Log(NamedTuple):
    """HEAD's commit, how many commits lead to it, whether the index differs; tags and remotes."""

    commit: str | None = None
    commits: int = 0
    staged: bool = False
    tags: tuple[Tag, ...] = ()
    remotes: tuple[Remote, ...] = ()


def read_log(git_dir: Path, index: Index | None, inside: str) -> Log:
    """Read what leads to HEAD, and the tags and remotes; `inside` is the audited folder."""
    store = Store(git_dir)
    tags, remotes = tuple(store.tags()), tuple(store.remotes())
    head = store.reference("HEAD")
    if head is None:
        return Log(None, 0, False, tags, remotes)
    first = store.commit(head)
    if first is None:
        return Log(head, 1, False, tags, remotes)
    count = 0
    for _ in store.walk(head):
        count += 1
        if count >= MOST_COMMITS:
            break
    return Log(head, count, staged(store, first.tree, index, inside), tags, remotes)


def staged(store: Store, tree: str, index: Index | None, inside: str) -> bool:
    """Say whether the index holds another tree than HEAD; what cannot be told counts as another."""
    if index is None:
        return False
    if index.tree:
        return index.tree != tree
    if index.conflicted or index.more:
        return True
    expected = {entry.path: (entry.mode, entry.digest) for entry in index.entries}
    try:
        top = store.at(tree, inside.strip("/").encode()) if inside else tree
        for seen, (path, mode, name) in enumerate(files(store, top)):
            if expected.pop(path, None) != (mode, name) or seen > MOST_TREES:
                return True
    except BROKEN:
        return False
    return bool(expected)


class Bounds:
    """How much of a tree may be opened: one that holds itself has no end."""

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self.trees = self.rows = 0

    def opened(self, base: str, rows: int) -> None:
        """Count a folder at `base` with so many rows.

        Raises:
            ValueError: when it is one too many, or lies too deep.
        """
        self.trees += 1
        self.rows += rows
        if self.trees > MOST_TREES or self.rows > MOST_ROWS or len(base) > LONGEST_PATH:
            raise ValueError("too many trees")


def files(store: Store, tree: str) -> Iterator[tuple[str, int, str]]:
    """Yield path, mode and object of all files below a tree.

    Raises:
        ValueError: when a tree cannot be read, or there are too many.
    """
    waiting, bounds = [("", tree)], Bounds()
    while waiting:
        base, name = waiting.pop()
        rows = store.tree(name)
        bounds.opened(base, len(rows))
        for entry, (mode, target) in rows.items():
            path = base + entry.decode("utf-8", "surrogateescape")
            if mode == FOLDER:
                waiting.append((f"{path}/", target))
            else:
                yield path, mode, target


def changed_since(git_dir: Path, old: str, new: str) -> tuple[str, ...] | None:
    """Return the paths in which two commits differ; None when that cannot be read."""
    store = Store(git_dir)
    ends = [store.commit(name) for name in (old, new)]
    before, after = ends
    if before is None or after is None:
        return None
    found: list[str] = []
    waiting, bounds = [("", before.tree, after.tree)], Bounds()
    try:
        while waiting and len(found) < MOST_CHANGES:
            base, left, right = waiting.pop()
            sides = [store.tree(name) if name else {} for name in (left, right)]
            bounds.opened(base, len(sides[0]) + len(sides[1]))
            for entry in sorted({*sides[0], *sides[1]}):
                one, other = (side.get(entry, (0, "")) for side in sides)
                if one == other:
                    continue
                path = base + entry.decode("utf-8", "replace")
                lower, upper = (name if mode == FOLDER else "" for mode, name in (one, other))
                if lower or upper:
                    waiting.append((f"{path}/", lower, upper))
                if any(name and mode != FOLDER for mode, name in (one, other)):
                    found.append(path)
    except BROKEN:
        return None
    return tuple(sorted(found)[:MOST_CHANGES])


def touched(git_dir: Path, head: str, wanted: frozenset[str]) -> tuple[frozenset[str], ...] | None:
    """Return which of `wanted` each commit touched, oldest first; None when that is not known."""
    store = Store(git_dir)
    names = {name: name.encode("utf-8", "surrogateescape") for name in sorted(wanted)}
    found: list[frozenset[str]] = []
    try:
        for number, (_, commit) in enumerate(store.walk(head)):
            if number >= MOST_WALKED:
                return None
            parents = [parent for name in commit.parents if (parent := store.commit(name))]
            hit = {
                name
                for name, raw in names.items()
                if (now := store.at(commit.tree, raw))
                and all(store.at(parent.tree, raw) != now for parent in parents)
            }
            if hit:
                found.append(frozenset(hit))
    except BROKEN:
        return None
    return tuple(reversed(found))
