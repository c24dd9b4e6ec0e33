"""Builds small repositories for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dulwich import porcelain
from dulwich.repo import Repo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from repro_audit.page import ExampleFile

AUTHOR = b"A Tester <tester@example.org>"


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below `root`."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return root


def commit(root: Path, paths: Iterable[str], message: str) -> None:
    """Commit `paths` to a repository at `root`, which is made when it is missing."""
    repo = Repo(str(root)) if (root / ".git").is_dir() else Repo.init(str(root))
    try:
        porcelain.add(repo, [str(root / path) for path in paths])
        porcelain.commit(
            repo, message=message.encode(), author=AUTHOR, committer=AUTHOR, no_verify=True
        )
    finally:
        repo.close()


def build(root: Path, files: Iterable[ExampleFile]) -> Path:
    """Build the tree of a page's example, commit by commit where the page says so."""
    listed = tuple(files)
    steps = sorted({file.commit for file in listed})
    for step in steps:
        group = {file.path: file.text for file in listed if file.commit == step}
        write(root, group)
        if step:
            commit(root, group, f"Step {step}")
    return root
