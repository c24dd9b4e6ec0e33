"""Small repositories for the tests."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dulwich import porcelain
from dulwich.repo import Repo
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from repro_audit.page import ExampleFile

# Examples are the same each time, and hypothesis leaves no folder in the checkout.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "repro-audit-hypothesis")
settings.register_profile("repeatable", database=None, derandomize=True, deadline=None)
settings.load_profile("repeatable")

AUTHOR = b"A Tester <tester@example.org>"


def write(root: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return root


def commit(root: Path, paths: Iterable[str], message: str) -> None:
    repo = Repo(str(root)) if (root / ".git").is_dir() else Repo.init(str(root))
    try:
        porcelain.add(repo, [str(root / path) for path in paths])
        porcelain.commit(
            repo, message=message.encode(), author=AUTHOR, committer=AUTHOR, no_verify=True
        )
    finally:
        repo.close()


def build(root: Path, files: Iterable[ExampleFile]) -> Path:
    listed = tuple(files)
    for step in sorted({file.commit for file in listed}):
        group = {file.path: file.text for file in listed if file.commit == step}
        write(root, group)
        if step:
            commit(root, group, f"Step {step}")
            for tag in {file.tag for file in listed if file.commit == step and file.tag}:
                porcelain.tag_create(str(root), tag)
    return root


def committed_tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write files and commit them: a plan, where there is one, before all others."""
    write(root, files)
    first, *rest = sorted(files, key=lambda path: ("plan" not in path, path))
    commit(root, [first], "The first file")
    commit(root, rest, "All others")
    porcelain.tag_create(str(root), "v1.0")
    return root


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the reports of a test apart from those of other tests and of the user."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "no-cache"))


@pytest.fixture
def plant(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write files below a fresh folder and return it."""
    return lambda files: write(tmp_path / "project", files)


@pytest.fixture
def example(tmp_path: Path) -> Callable[[Iterable[ExampleFile]], Path]:
    """Build the tree of a page's example, commit by commit where the page says so."""
    (tmp_path / "project").mkdir()
    return lambda files: build(tmp_path / "project", files)


@pytest.fixture
def committed(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write files and commit them in two steps: a plan, where there is one, comes first."""

    return lambda files: committed_tree(tmp_path / "project", files)


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, str]], Path]:
    """Write and commit files in a folder of their own each time, for tests that share a tree."""
    return lambda files: committed_tree(tmp_path_factory.mktemp("grown") / "project", files)


@pytest.fixture
def step() -> Callable[[Path, Mapping[str, str]], None]:
    """Write files into a tree and commit them."""

    def make(root: Path, files: Mapping[str, str]) -> None:
        write(root, files)
        commit(root, sorted(files), "A further step")

    return make
