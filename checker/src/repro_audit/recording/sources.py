"""What a command was given: the commit, its tree, the lock and data files with their digests."""

from __future__ import annotations

import fnmatch
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.digest import Digests
from repro_audit.errors import ReproAuditError
from repro_audit.gitindex import Compared, git_folder, read_index
from repro_audit.plainfile import Folder
from repro_audit.recording.pinned import pins_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dulwich.objects import ObjectID

LOCKS = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "conda-lock.yml",
    "pylock.toml", "pylock.*.toml", "renv.lock", "Manifest.toml", "environment.lock.yml",
)  # fmt: skip
# Locks where they leave no version open.
LISTS = ("requirements*.txt", "requirements/*.txt")
# Committed files that hold the digests of data which is not committed.
CHECKSUMS = (
    "*.dvc", "*dvc.lock", "*SHA256SUMS*", "*SHA512SUMS*", "*MD5SUMS*", "*.sha256", "*.sha512",
    "*.md5", "*checksums.txt", "*checksums.json", "*checksums.sha256",
)  # fmt: skip
LINK, SUBMODULE = 0o120000, 0o160000


@dataclass(frozen=True)
class Committed:
    """One file of a commit."""

    path: str
    mode: int
    blob: bytes


@dataclass(frozen=True)
class Source:
    """A repository at its commit; `files` are seen from `top`, `changed` from `root`."""

    root: Path
    top: Path
    git_dir: Path
    commit: str
    tree: ObjectID
    seconds: int
    files: tuple[Committed, ...]
    changed: tuple[str, ...]

    @property
    def inside(self) -> str:
        """Where `root` lies in the work tree; a dot when it is the top."""
        return self.root.relative_to(self.top).as_posix()

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the committed files as seen from `root`."""
        start = "" if self.inside == "." else f"{self.inside}/"
        listed = (file.path for file in self.files if file.mode != SUBMODULE)
        return tuple(path[len(start) :] for path in listed if path.startswith(start))


def committed_source(root: Path, wanted: str | None = None) -> Source:
    """Read which files a commit holds below `root`: the one that is checked out, or another.

    Raises:
        ReproAuditError: when there is no commit, or not this one.
    """
    from dulwich.errors import NotGitRepository  # noqa: PLC0415 - only where git is read
    from dulwich.object_store import iter_tree_contents  # noqa: PLC0415
    from dulwich.objects import Commit, ObjectID  # noqa: PLC0415
    from dulwich.repo import Repo  # noqa: PLC0415

    found = git_folder(root)
    hint = f"{root} has no commit to copy; commit its files first (git init, git add, git commit)."
    if found is None:
        raise ReproAuditError(hint)
    git_dir, top = found
    try:
        repo = Repo(str(top))
    except (NotGitRepository, OSError) as problem:
        raise ReproAuditError(hint) from problem
    try:
        if wanted is not None:
            hint = f"{top} has no commit {wanted}; fetch it, then try again."
        head = repo.head() if wanted is None else ObjectID(wanted.encode())
        commit = repo[head]
        if not isinstance(commit, Commit):
            raise ReproAuditError(hint)
        files = tuple(
            Committed(os.fsdecode(entry.path), entry.mode, entry.sha)
            for entry in iter_tree_contents(repo.object_store, commit.tree)
        )
        tree, seconds = commit.tree, int(commit.commit_time)
    except KeyError as problem:
        raise ReproAuditError(hint) from problem
    finally:
        repo.close()
    index = read_index(root)
    compared = Compared(root)
    entries = index.entries if index else ()
    changed = tuple(entry.path for entry in entries if compared.differs(entry))
    return Source(root, top, git_dir, head.decode(), tree, seconds, files, changed)


def lock_digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the digests of the locks among `paths`; a list that leaves versions open is none."""
    listed, folder = list(paths), Folder(root)
    pinned = [path for path in matching(listed, LISTS) if pins_all(folder, path)]
    return digests(root, {*matching(listed, LOCKS), *pinned})


def checksum_digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the digests of those among `paths` that hold the digests of data."""
    return digests(root, matching(paths, CHECKSUMS))


def matching(paths: Iterable[str], patterns: Sequence[str]) -> Iterator[str]:
    """Yield the paths that match one of some patterns."""
    return (path for path in paths if any(fnmatch.fnmatch(path, name) for name in patterns))


def digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return path and digest of every regular file, in order of their paths."""
    digested = Digests(Folder(root))
    found = ((path, digested.of(path)) for path in sorted(paths))
    return {path: f"sha256:{digest}" for path, digest in found if digest is not None}


def below(root: Path, start: Path) -> Iterator[str]:
    """Yield the paths, relative to `root`, of a file or of all files of a folder."""
    if start.is_file():
        yield start.relative_to(root).as_posix()
    for folder, folders, names in os.walk(start):
        folders.sort()
        for name in sorted(names):
            yield (Path(folder) / name).relative_to(root).as_posix()
