"""Git history, read from `.git` without running git."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.gitindex import differs, git_folder
from repro_audit.gitlog import Remote, Tag, changed_since, read_log, touched
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.repository import Repository

SOURCES = {".py", ".ipynb", ".r", ".jl", ".sh", ".yaml", ".yml", ".toml"}


@dataclass(frozen=True)
class History:
    """What git knows: the commit checked out, what leads to it, its tags, and what it lacks."""

    present: bool
    commit: str | None
    commits: int
    shallow: bool
    dirty: bool
    changed: tuple[str, ...]
    untracked: tuple[str, ...]
    tags: tuple[Tag, ...] = ()
    remotes: tuple[Remote, ...] = ()
    top: Path | None = None

    @classmethod
    def collect(cls, repo: Repository) -> History:
        """Read HEAD, the commits behind it, and compare the tree with the index."""
        found = git_folder(repo.root)
        if found is None or (repo.index is None and found[1] != repo.root):
            return cls(False, None, 0, False, False, (), ())
        git_dir, top = found
        log = read_log(top, git_dir)
        entries = repo.index.entries if repo.index else ()
        changed = tuple(entry.path for entry in entries if differs(repo.root, entry))
        shallow = (git_dir / "shallow").is_file()
        tracked = {entry.path for entry in entries}
        untracked = tuple(path for path in loose_sources(repo) if path not in tracked)
        return cls(
            present=True,
            commit=log.commit,
            commits=log.commits,
            shallow=shallow,
            dirty=bool(changed) or log.staged,
            changed=changed,
            untracked=untracked,
            tags=log.tags,
            remotes=log.remotes,
            top=top,
        )

    def moved(self, commit: str) -> tuple[str, ...] | None:
        """Return the paths in which HEAD differs from `commit`; None when that is not known."""
        if self.commit is None or self.top is None:
            return None
        return () if commit == self.commit else changed_since(self.top, commit, self.commit)

    def order(self, paths: frozenset[str]) -> tuple[frozenset[str], ...] | None:
        """Return which of `paths` each commit touched, oldest first; None when not all is known."""
        if self.commit is None or self.top is None or self.shallow:
            return None
        return touched(self.top, paths)


def loose_sources(repo: Repository) -> list[str]:
    """Return sources on disk that git may not know: looked for beside the files it knows."""
    if repo.index is None:
        return [file.path for file in repo.with_role(Role.SOURCE) if file.suffix in SOURCES]
    folders = sorted({file.path.rpartition("/")[0] for file in repo.with_role(Role.SOURCE)} | {""})
    found: list[str] = []
    for folder in folders:
        try:
            names = sorted(entry.name for entry in (repo.root / folder).iterdir())
        except OSError:
            continue
        for name in names:
            path = f"{folder}/{name}".lstrip("/")
            full = repo.root / path
            if Path(name).suffix == ".py" and full.is_file() and not full.is_symlink():
                found.append(path)
    return found
