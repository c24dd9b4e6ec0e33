"""Git history, read from `.git` without running git."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.gitindex import differs, git_folder
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.repository import Repository

MOST_COMMITS = 2_000
SOURCES = {".py", ".ipynb", ".r", ".jl", ".sh", ".yaml", ".yml", ".toml"}


@dataclass(frozen=True)
class History:
    """What git knows: the commit checked out, how many lead to it, and what it does not hold."""

    present: bool
    commit: str | None
    commits: int
    shallow: bool
    dirty: bool
    changed: tuple[str, ...]
    untracked: tuple[str, ...]

    @classmethod
    def collect(cls, repo: Repository) -> History:
        """Read HEAD, the commits behind it, and compare the tree with the index."""
        found = git_folder(repo.root)
        if found is None or (repo.index is None and found[1] != repo.root):
            return cls(False, None, 0, False, False, (), ())
        git_dir, top = found
        commit, commits, staged = read_commits(top, git_dir)
        entries = repo.index.entries if repo.index else ()
        changed = tuple(entry.path for entry in entries if differs(repo.root, entry))
        shallow = (git_dir / "shallow").is_file()
        tracked = {entry.path for entry in entries}
        untracked = tuple(path for path in loose_sources(repo) if path not in tracked)
        dirty = bool(changed) or staged
        return cls(True, commit, commits, shallow, dirty, changed, untracked)


def read_commits(top: Path, git_dir: Path) -> tuple[str | None, int, bool]:
    """Return HEAD's commit, the number of commits behind it, and whether the index differs."""
    from dulwich.errors import NotGitRepository  # noqa: PLC0415 - only for git trees
    from dulwich.repo import Repo  # noqa: PLC0415

    try:
        repo: Any = Repo(str(top))
    except (NotGitRepository, OSError, ValueError, KeyError):
        return None, 0, False
    try:
        head = repo.head()
        count = sum(1 for _ in islice(repo.get_walker(include=[head]), MOST_COMMITS))
        tree = repo[head].tree
        staged = any(repo.open_index().changes_from_tree(repo.object_store, tree))
    except (KeyError, ValueError, OSError, AssertionError):
        # A shallow clone lacks the parents of its last commit: HEAD alone is still known.
        reference = head_text(git_dir)
        return reference, 1 if reference else 0, False
    else:
        return head.decode("ascii"), count, staged
    finally:
        repo.close()


def head_text(git_dir: Path) -> str | None:
    """Return HEAD's commit from the reference files alone."""
    try:
        text = (git_dir / "HEAD").read_text("ascii").strip()
        if text.startswith("ref: "):
            text = (git_dir / text[5:]).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text or None


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
