"""The references, commits and trees of one git folder, read within bounds.

Read from `.git` alone; no git command and no hook is ever run, and nothing is followed that its
settings include from elsewhere.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.gitobjects import NAME, Objects
from repro_audit.plainfile import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_PARENTS = 100
MOST_TAGS = 500
MOST_REMOTES = 20
MOST_KEPT = 500
MOST_ROWS = 250_000
MOST_READ = 2_000_000
LARGEST_REFERENCE = 4_096
LARGEST_PACKED = 16_000_000
LARGEST_CONFIG = 1_000_000
DEEPEST = 5
SECRET = re.compile(r"(?<=://)[^/@\s]+@")
REFERENCE = re.compile(r"refs/[^\x00-\x20~^:?*\[\\\x7f]+")
SECTION = re.compile(r'\[\s*remote\s+"((?:[^"\\\n]|\\.)*)"\s*\]')
ADDRESS = re.compile(r"\s*url\s*=\s*(\S.*)", re.IGNORECASE)


class Tag(NamedTuple):
    """A tag and the commit that it marks."""

    name: str
    commit: str


class Remote(NamedTuple):
    """Another copy of the repository; what signs in at its address is taken out."""

    name: str
    url: str


class Commit(NamedTuple):
    """What a commit says: its tree, its parents, and when it was made."""

    tree: str
    parents: tuple[str, ...]
    time: int


def common_folder(git_dir: Path) -> Path:
    """Return where references and objects lie: a work tree of its own shares those of the first."""
    said = (Folder(git_dir).text("commondir", LARGEST_REFERENCE) or "").strip()
    if said and git_dir.parent.name == "worktrees":
        main = git_dir.parent.parent
        return main if (git_dir / said).resolve() == main else git_dir
    return git_dir


class Store:
    """The references and objects of one repository."""

    def __init__(self, git_dir: Path) -> None:
        """Open nothing but the tables of the packs."""
        self.own = Folder(git_dir)
        self.common = Folder(common_folder(git_dir))
        self.objects = Objects(self.common.root)
        self.listed: dict[str, str] | None = None
        self.trees: dict[str, dict[bytes, tuple[int, str]]] = {}
        self.rows = self.read = 0

    @property
    def packed(self) -> dict[str, str]:
        """The references of packed-refs."""
        if self.listed is None:
            text = self.common.text("packed-refs", LARGEST_PACKED) or ""
            rows = (line.split(" ", 1) for line in text.splitlines())
            self.listed = {row[1].strip(): row[0] for row in rows if len(row) == 2}  # noqa: PLR2004
        return self.listed

    def reference(self, name: str) -> str | None:
        """Return the object that a reference leads to."""
        for _ in range(DEEPEST):
            folder = self.own if name == "HEAD" else self.common
            text = (folder.text(name, LARGEST_REFERENCE) or self.packed.get(name, "")).strip()
            if not text.startswith("ref:"):
                return text if NAME.fullmatch(text) else None
            name = text[4:].strip()
            if not REFERENCE.fullmatch(name):
                return None
        return None

    def tags(self) -> Iterator[Tag]:
        """Yield the tags by name; an annotated one is followed to its commit where it is held."""
        names = {name for name in self.packed if name.startswith("refs/tags/")}
        if self.common.holds("refs/tags/x"):
            root = self.common.root / "refs" / "tags"
            names |= {f"refs/tags/{item.name}" for item in sorted(root.iterdir())[: 10 * MOST_TAGS]}
        for name in sorted(names)[:MOST_TAGS]:
            target = self.reference(name)
            if target is not None:
                held = self.objects.get(target)
                if held is not None and held[0] == "tag":
                    target = held[1][7:47].decode("ascii", "replace")
                yield Tag(name.removeprefix("refs/tags/"), target)

    def remotes(self) -> Iterator[Remote]:
        """Yield the remotes of the repository's own configuration."""
        name, seen = "", 0
        for line in (self.common.text("config", LARGEST_CONFIG) or "").splitlines():
            if line.lstrip().startswith("["):
                section = SECTION.match(line.strip()[:LARGEST_REFERENCE])
                name = section.group(1) if section else ""
            address = ADDRESS.match(line[:LARGEST_REFERENCE]) if name else None
            if address:
                yield Remote(name, SECRET.sub("", address.group(1).strip()))
                name, seen = "", seen + 1
            if seen >= MOST_REMOTES:
                return

    def commit(self, name: str) -> Commit | None:
        """Return a commit; None when it cannot be read."""
        held = self.objects.get(name)
        if held is None or held[0] != "commit":
            return None
        tree, parents, time = "", [], 0
        for line in held[1].partition(b"\n\n")[0].split(b"\n"):
            word, _, rest = line.partition(b" ")
            said = rest.decode("ascii", "replace")
            if word == b"tree":
                tree = said
            elif word == b"parent":
                parents.append(said)
            elif word == b"committer":
                stamp = rest.rsplit(b" ", 2)[-2:][0]
                time = int(stamp) if stamp.isdigit() and len(stamp) < 16 else 0  # noqa: PLR2004
        return Commit(tree, tuple(dict.fromkeys(parents))[:MOST_PARENTS], time)

    def tree(self, name: str) -> dict[bytes, tuple[int, str]]:
        """Return what stands in a tree: mode and object by name.

        Raises:
            ValueError: when it cannot be read, or too much was read before it.
        """
        if name not in self.trees:
            held = self.objects.get(name)
            if held is None or held[0] != "tree":
                raise ValueError("no tree")
            found = dict(entries_of(held[1]))
            self.rows += len(found)
            self.read += len(found)
            if self.read > MOST_READ:
                raise ValueError("too many rows")
            if len(self.trees) >= MOST_KEPT or self.rows > MOST_ROWS:
                self.trees.clear()
                self.rows = len(found)
            self.trees[name] = found
        return self.trees[name]

    def walk(self, first: str) -> Iterator[tuple[str, Commit]]:
        """Yield the commits that lead to `first`, the youngest first; those missing end a line."""
        waiting: list[tuple[int, str, Commit]] = []
        seen: set[str] = set()
        coming: tuple[str, ...] = (first,)
        while True:
            for name in coming:
                found = self.commit(name) if name not in seen else None
                seen.add(name)
                if found is not None:
                    heapq.heappush(waiting, (-found.time, name, found))
            if not waiting:
                return
            _, name, commit = heapq.heappop(waiting)
            yield name, commit
            coming = commit.parents

    def at(self, tree: str, path: bytes) -> str:
        """Return the object that stands at a path of a tree, or nothing."""
        for part in path.split(b"/"):
            entry = self.tree(tree).get(part)
            if entry is None:
                return ""
            tree = entry[1]
        return tree


def entries_of(raw: bytes) -> Iterator[tuple[bytes, tuple[int, str]]]:
    """Yield name, mode and object of what a tree holds.

    Raises:
        ValueError: when it is broken or too long.
    """
    at = rows = 0
    while at < len(raw):
        rows += 1
        if rows > MOST_ROWS:
            raise ValueError("too many rows")
        end = raw.index(b"\0", at)
        mode, _, name = raw[at:end].partition(b" ")
        yield name, (int(mode, 8), raw[end + 1 : end + 21].hex())
        at = end + 21
