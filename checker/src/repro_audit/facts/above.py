"""What stands outside of the projects of a monorepo and serves one of them: tests, locks, recipes.

What visibly names a project or takes it along is shared with it. What may serve it, and does not
say so, is a doubt: nobody fails for lacking what the root may hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.python import PythonIndex
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.containers import Recipe
    from repro_audit.facts.locks import Lock
    from repro_audit.facts.syntax import Module
    from repro_audit.repository import Repository

# A path in the whole repository, seen from one of its projects (as in git's `:/`).
FROM_ROOT = ":/"


class Doubts(NamedTuple):
    """What at the root may serve a project; nothing in a repository that is no part of another."""

    tests: tuple[Evidence, ...] = ()
    containers: tuple[Evidence, ...] = ()

    @classmethod
    def collect(cls, repo: Repository) -> Doubts:
        """Say that a repository of its own has nothing above it."""
        del repo
        return cls()


class Above(NamedTuple):
    """The paths that serve each project, and the doubts of each."""

    served: dict[str, tuple[str, ...]]
    doubts: dict[str, Doubts]

    def of(self, folder: str) -> tuple[str, ...]:
        """Return the paths that serve a project."""
        return self.served.get(folder, ())


def above(repo: Repository, folders: tuple[str, ...]) -> Above:
    """Look at tests, recipes and locks that lie in no project."""
    served: dict[str, list[str]] = {folder: [] for folder in folders}
    tests = dict(outer_tests(repo, folders))
    general = [path for path, named in tests.items() if not named]
    for path, named in tests.items():
        for folder in named:
            served[folder].append(path)
    recipes = [item for item in repo.fact(Containers).recipes if not inside(item.path, folders)]
    dependencies = repo.fact(Dependencies)
    locks = [item for item in dependencies.locks if "/" not in item.path and not item.problem]
    doubts: dict[str, Doubts] = {}
    for folder in folders:
        served[folder] += [item.path for item in recipes if serves(item, folder, dependencies)]
        served[folder] += [item.path for item in locks if covers(item, folder, dependencies)]
        whole = [item for item in recipes if copies_all(item) and item.path not in served[folder]]
        doubts[folder] = Doubts(
            tuple(noted(path, "a test of no project in particular") for path in general[:3]),
            tuple(noted(item.path, "copies the whole repository") for item in whole[:3]),
        )
    return Above({folder: tuple(paths) for folder, paths in served.items()}, doubts)


def noted(path: str, message: str) -> Evidence:
    """Point at a file of the whole repository."""
    return Evidence(FROM_ROOT + path, 1, message)


def inside(path: str, folders: tuple[str, ...]) -> bool:
    """Say whether a path lies in a project."""
    return any(path.startswith(f"{folder}/") for folder in folders)


def outer_tests(repo: Repository, folders: tuple[str, ...]) -> Iterator[tuple[str, set[str]]]:
    """Yield the test modules of no project, each with the projects that it names."""
    index = repo.fact(PythonIndex)
    for module in index.tests():
        tested = any(name.rpartition(".")[2].startswith("test") for name in module.functions)
        if tested and not inside(module.path, folders):
            yield module.path, {folder for folder in folders if names(module, folder, index)}


def names(module: Module, folder: str, index: PythonIndex) -> bool:
    """Say whether a test imports code of a folder, or writes a path that leads into it."""
    for item in module.imports:
        joint = "" if item.module.endswith(".") else "."
        for name in (item.module, f"{item.module}{joint}{item.name}"):
            if (index.module_path(name, module.path) or "").startswith(f"{folder}/"):
                return True
    return any(mentions(text.value[:2000], folder) for text in module.texts)


def mentions(text: str, folder: str) -> bool:
    """Say whether a text holds the path of a folder."""
    return re.search(rf"(^|[\s/\"'=:]){re.escape(folder)}(/|[\s\"']|$)", text) is not None


def serves(recipe: Recipe, folder: str, dependencies: Dependencies) -> bool:
    """Say whether a recipe copies or installs a folder, or all of it with what the root declares.

    A folder that declares packages of its own is only served by a recipe that names it.
    """
    steps = [*recipe.having("COPY", "ADD", "RUN", "WORKDIR")]
    if any(mentions(item.value[:2000], folder) for item in steps):
        return True
    declares = any(item.path.startswith(f"{folder}/") for item in dependencies.sources())
    return copies_all(recipe) and not declares and any(True for _ in recipe.having("RUN"))


def copies_all(recipe: Recipe) -> bool:
    """Say whether a recipe copies the folder that it is built from."""
    sources = [item.value.split()[:-1] for item in recipe.having("COPY", "ADD")]
    return any(
        word in {".", "./", "/"}
        for words in sources
        if not any(word.startswith("--from") for word in words)
        for word in words
    )


def covers(lock: Lock, folder: str, dependencies: Dependencies) -> bool:
    """Say whether a lock holds all that a folder declares, at versions that it admits."""
    declared = [item for item in dependencies.runtime() if item.path.startswith(f"{folder}/")]
    versions = lock.versions()
    return bool(declared) and all(
        item.name in versions
        and (not item.spec or any(item.admits(version) for version in versions[item.name]))
        for item in declared
    )
