"""Git history, read from `.git` without running git."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.gitindex import Compared, git_folder
from repro_audit.gitlog import changed_since, read_log, touched
from repro_audit.plainfile import Folder
from repro_audit.roles import Role

if TYPE_CHECKING:
    from pathlib import Path

    from repro_audit.gitstore import Remote, Tag
    from repro_audit.repository import Repository

SOURCES = {".py", ".ipynb", ".r", ".jl", ".sh", ".yaml", ".yml", ".toml"}


class History(NamedTuple):
    """What git knows: the commit checked out, what leads to it, its tags, and what it lacks.

    `unread` says that git keeps something here that is broken or of a kind that is not read: a
    split index, names by SHA-256, references in a table.
    """

    present: bool
    commit: str | None
    commits: int
    shallow: bool
    dirty: bool
    changed: tuple[str, ...]
    untracked: tuple[str, ...]
    tags: tuple[Tag, ...] = ()
    remotes: tuple[Remote, ...] = ()
    git_dir: Path | None = None
    unread: bool = False

    @classmethod
    def collect(cls, repo: Repository) -> History:
        """Read HEAD, the commits behind it, and compare the tree with the index."""
        found = git_folder(repo.root)
        if found is None or (repo.index is None and found[1] != repo.root):
            return cls(False, None, 0, False, False, (), ())
        git_dir, top = found
        inside = repo.root.relative_to(top).as_posix() if repo.root != top else ""
        log = read_log(git_dir, repo.index, inside)
        entries = repo.index.entries if repo.index else ()
        compared = Compared(repo.root)
        changed = tuple(entry.path for entry in entries if compared.differs(entry))
        own = Folder(git_dir)
        unread = repo.index is None and own.regular("index")
        tracked = {entry.path for entry in entries}
        untracked = tuple(path for path in loose_sources(repo) if path not in tracked)
        return cls(
            present=True,
            commit=log.commit,
            commits=log.commits,
            shallow=own.regular("shallow"),
            dirty=bool(changed) or log.staged,
            changed=changed,
            untracked=untracked,
            tags=log.tags,
            remotes=log.remotes,
            git_dir=git_dir,
            unread=unread or own.kind("reftable") == stat.S_IFDIR,
        )

    def moved(self, commit: str) -> tuple[str, ...] | None:
        """Return the paths in which HEAD differs from `commit`; None when that is not known."""
        if self.commit is None or self.git_dir is None:
            return None
        return () if commit == self.commit else changed_since(self.git_dir, commit, self.commit)

    def order(self, paths: frozenset[str]) -> tuple[frozenset[str], ...] | None:
        """Return which of `paths` each commit touched, oldest first; None when not all is known."""
        if self.commit is None or self.git_dir is None or self.shallow:
            return None
        return touched(self.git_dir, self.commit, paths)


def loose_sources(repo: Repository) -> list[str]:
    """Return sources on disk that git may not know: looked for beside the files it knows."""
    if repo.index is None:
        return [file.path for file in repo.with_role(Role.SOURCE) if file.suffix in SOURCES]
    folders = sorted({file.path.rpartition("/")[0] for file in repo.with_role(Role.SOURCE)} | {""})
    found: list[str] = []
    for folder in folders:
        try:
            with os.scandir(repo.root / folder) as listed:
                names = [
                    entry.name
                    for entry in listed
                    if entry.name.endswith(".py") and entry.is_file(follow_symlinks=False)
                ]
        except OSError:
            continue
        found += [f"{folder}/{name}".lstrip("/") for name in sorted(names)]
    return found
