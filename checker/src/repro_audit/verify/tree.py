"""Fresh copies of the committed tree, each a repository of its own that git finds clean."""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.recording.sources import SUBMODULE, below

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from repro_audit.recording.sources import Source


def pristine(source: Source, target: Path, data: Sequence[str]) -> tuple[str, ...]:
    """Write the committed tree and the named data into `target`; return the data's paths.

    The objects are borrowed from the original, which is only read. All files get the time of the
    commit, so that no two copies differ in it.

    Raises:
        ReproAuditError: when data is named that is not there, or lies elsewhere.
    """
    from dulwich.index import build_index_from_tree  # noqa: PLC0415 - only where git is read
    from dulwich.repo import Repo  # noqa: PLC0415

    target.mkdir(parents=True)
    repo = Repo.init(str(target))
    try:
        store = source.git_dir
        common = store / "commondir"
        if common.is_file():
            store = (store / common.read_text("utf-8").strip()).resolve()
        alternates = target / ".git" / "objects" / "info" / "alternates"
        alternates.parent.mkdir(parents=True, exist_ok=True)
        alternates.write_text(f"{store / 'objects'}\n", "utf-8")
        head = target / ".git" / "HEAD"
        head.write_text(f"{source.commit}\n", "utf-8")
    finally:
        repo.close()
    repo = Repo(str(target))
    try:
        build_index_from_tree(
            str(target), repo.index_path(), repo.object_store, source.tree, honor_filemode=True
        )
    except KeyError as problem:
        raise ReproAuditError(
            f"The clone lacks a part of its commit ({problem}); fetch it whole, then verify."
        ) from problem
    finally:
        repo.close()
    copied = tuple(add_data(source, target / source.inside, data))
    date_all(target, source.seconds)
    return copied


def add_data(source: Source, target: Path, data: Sequence[str]) -> list[str]:
    """Copy data that git does not hold into a copy.

    Raises:
        ReproAuditError: when it is not there, or lies elsewhere.
    """
    found: list[str] = []
    for name in data:
        start = (source.root / name).resolve()
        if source.root not in start.parents or not start.exists():
            raise ReproAuditError(
                f"--data {name} is no file or folder inside {source.root}; name one that is."
            )
        for path in below(source.root, start):
            origin, copy = source.root / path, target / path
            if origin.is_file() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(origin, copy)
                found.append(path)
    return found


def date_all(root: Path, seconds: int) -> None:
    """Set the time of every file outside `.git`."""
    for folder, folders, names in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
        for name in (*names, *folders):
            os.utime(os.path.join(folder, name), (seconds, seconds), follow_symlinks=False)  # noqa: PTH118


def duplicate(origin: Path, target: Path) -> None:
    """Copy a tree with its links and times."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(origin, target, symlinks=True)


def remove(root: Path) -> None:
    """Remove a tree, also where the command took away the right to do so."""
    if root.is_symlink() or root.is_file():
        root.unlink()
        return
    for folder, folders, _ in os.walk(root):
        for name in folders:
            path = os.path.join(folder, name)  # noqa: PTH118
            if not os.path.islink(path):  # noqa: PTH114
                os.chmod(path, stat.S_IRWXU)  # noqa: PTH101
    shutil.rmtree(root, ignore_errors=True)


def missing_parts(source: Source) -> tuple[str, ...]:
    """Name what a commit only points to."""
    return tuple(file.path for file in source.files if file.mode == SUBMODULE)
