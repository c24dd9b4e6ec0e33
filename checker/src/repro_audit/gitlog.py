"""What git's references and objects say: commits, tags, remotes, differences between commits.

Read with dulwich from `.git` alone; no git command and no hook is ever run.
"""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_COMMITS = 2_000
MOST_TAGS = 500
MOST_REMOTES = 20
MOST_CHANGES = 1_000
FULL_ID = re.compile(r"[0-9a-f]{40}")
SECRET = re.compile(r"(?<=://)[^/@\s]+@")
BROKEN = (
    KeyError,
    ValueError,
    OSError,
    AssertionError,
    IndexError,
    TypeError,
    AttributeError,
    zlib.error,
    struct.error,
    StopIteration,
)


@dataclass(frozen=True)
class Tag:
    """A tag and the commit that it marks."""

    name: str
    commit: str


@dataclass(frozen=True)
class Remote:
    """Another copy of the repository; what signs in at its address is taken out."""

    name: str
    url: str


@dataclass(frozen=True)
class Log:
    """HEAD's commit, how many commits lead to it, whether the index differs; tags and remotes."""

    commit: str | None = None
    commits: int = 0
    staged: bool = False
    tags: tuple[Tag, ...] = ()
    remotes: tuple[Remote, ...] = ()


@contextmanager
def opened(top: Path) -> Iterator[Any]:
    """Open the repository at `top`; None when dulwich cannot."""
    from dulwich.errors import NotGitRepository  # noqa: PLC0415 - only for git trees
    from dulwich.repo import Repo  # noqa: PLC0415

    try:
        repo: Any = Repo(str(top))
    except (NotGitRepository, *BROKEN):
        yield None
        return
    try:
        yield repo
    finally:
        repo.close()


def broken() -> tuple[type[Exception], ...]:
    """Return what reading a damaged or partial object store may raise."""
    from dulwich.errors import (  # noqa: PLC0415 - only for git trees
        ApplyDeltaError,
        ChecksumMismatch,
        FileFormatException,
    )

    return (*BROKEN, ChecksumMismatch, FileFormatException, ApplyDeltaError)


def read_log(top: Path, git_dir: Path) -> Log:
    """Read what leads to HEAD, and the tags and remotes."""
    with opened(top) as repo:
        if repo is None:
            return Log()
        tags, remotes = read_tags(repo), read_remotes(repo)
        try:
            head = repo.head()
            count = sum(1 for _ in islice(repo.get_walker(include=[head]), MOST_COMMITS))
            tree = repo[head].tree
            staged = any(repo.open_index().changes_from_tree(repo.object_store, tree))
        except broken():
            # A shallow clone lacks the parents of its last commit: HEAD alone is still known.
            reference = head_text(git_dir)
            return Log(reference, 1 if reference else 0, False, tags, remotes)
        return Log(head.decode("ascii"), count, staged, tags, remotes)


def head_text(git_dir: Path) -> str | None:
    """Return HEAD's commit from the reference files alone."""
    try:
        text = (git_dir / "HEAD").read_text("ascii").strip()
        if text.startswith("ref: "):
            text = (git_dir / text[5:]).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text or None


def read_tags(repo: Any) -> tuple[Tag, ...]:
    """Return the tags by name; an annotated one is followed to its commit where it is held."""
    found: list[Tag] = []
    try:
        references = repo.refs.as_dict(b"refs/tags")
        for name in sorted(references)[:MOST_TAGS]:
            target = references[name]
            if target in repo.object_store:
                held = repo.object_store[target]
                target = held.object[1] if held.type_name == b"tag" else target
            found.append(Tag(name.decode("utf-8", "replace"), target.decode("ascii", "replace")))
    except broken():
        return tuple(found)
    return tuple(found)


def read_remotes(repo: Any) -> tuple[Remote, ...]:
    """Return the remotes of the repository's own configuration."""
    found: list[Remote] = []
    try:
        config = repo.get_config()
        for section in list(config.sections())[:200]:
            if len(section) == 2 and section[0] == b"remote":  # noqa: PLR2004 - kind and name
                url = config.get(section, b"url").decode("utf-8", "replace")
                name = section[1].decode("utf-8", "replace")
                found.append(Remote(name, SECRET.sub("", url)))
    except broken():
        return tuple(found[:MOST_REMOTES])
    return tuple(found[:MOST_REMOTES])


def changed_since(top: Path, old: str, new: str) -> tuple[str, ...] | None:
    """Return the paths in which two commits differ; None when that cannot be read."""
    from dulwich.diff_tree import tree_changes  # noqa: PLC0415 - only for git trees

    if not (FULL_ID.fullmatch(old) and FULL_ID.fullmatch(new)):
        return None
    with opened(top) as repo:
        if repo is None:
            return None
        try:
            trees = [repo[commit.encode("ascii")].tree for commit in (old, new)]
            changes = islice(tree_changes(repo.object_store, *trees), MOST_CHANGES)
            sides = (change.new or change.old for change in changes)
            return tuple(sorted(side.path.decode("utf-8", "replace") for side in sides if side))
        except broken():
            return None


def touched(top: Path, wanted: frozenset[str]) -> tuple[frozenset[str], ...] | None:
    """Return which of `wanted` each commit touched, oldest first; None when that is not known."""
    names = {name.encode("utf-8") for name in wanted}
    with opened(top) as repo:
        if repo is None:
            return None
        try:
            walker = repo.get_walker(include=[repo.head()], paths=sorted(names))
            entries = list(islice(walker, MOST_COMMITS))
            found = [frozenset(changed(entry) & names) for entry in entries]
        except broken():
            return None
    decoded = [frozenset(path.decode("utf-8", "replace") for path in paths) for paths in found]
    return tuple(reversed(decoded)) if len(entries) < MOST_COMMITS else None


def changed(entry: Any) -> set[bytes]:
    """Return the paths that a commit adds or changes; those of a merge are the ones of both."""
    changes = entry.changes()
    flat = [item for part in changes for item in (part if isinstance(part, list) else [part])]
    return {side.path for item in flat for side in (item.new,) if side and side.path}
