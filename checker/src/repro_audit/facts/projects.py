"""Which folders of a repository are projects of their own, and what its root shares with them.

A project is a folder with its own manifest, or its own README and training, together with own
entry points (or it is a package), that works alone: nothing outside uses its files and it uses
none from outside. Folders of documents, tests, examples and tools are no projects, and neither
are the parts of a repository whose root holds code or is a package itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.dependencies import WORKSHOP, Dependencies
from repro_audit.facts.flow import Flow, entry_points
from repro_audit.facts.python import LIVE, PythonIndex
from repro_audit.facts.training import fitting
from repro_audit.facts.workflows import Workflows
from repro_audit.roles import GENERATED_PARTS, VENDORED_PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

FEWEST = 2
NO_PROJECT = (
    VENDORED_PARTS
    | GENERATED_PARTS
    | {"doc", "docs", "test", "tests", "testing", "example", "examples", "demo", "demos"}
    | {"tutorial", "tutorials", "benchmarks", "tools", "scripts", "ci", "docker", "build", "dist"}
)
README = re.compile(r"^readme(\.\w+)?$", re.IGNORECASE)
SHARED = re.compile(
    r"^((un)?licen[cs]e|copying|notice|citation)([._-][^/]*)?$|^(codemeta|\.zenodo)\.json$",
    re.IGNORECASE,
)
WORKSPACE = re.compile(r"^\[tool\.(uv|pixi|hatch|pdm)\.workspace\b", re.MULTILINE)
MOST_SHARED = 200


def parents(path: str) -> Iterator[str]:
    """Yield the folders that hold a path, innermost first, without the root."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def nearest(path: str, folders: set[str]) -> str:
    """Return the innermost of `folders` that holds a path; empty for none."""
    return next((folder for folder in parents(path) if folder in folders), "")


def apart(folder: str) -> bool:
    """Say whether a folder is one of documents, tests, examples or tools, or hidden."""
    parts = folder.lower().split("/")
    return any(part in NO_PROJECT or part.startswith(".") for part in parts)


def home(path: str) -> str:
    """Return the folder that a manifest speaks for: `a/requirements/base.txt` speaks for `a`."""
    folder = path.rpartition("/")[0]
    head, _, last = folder.rpartition("/")
    return head if last == "requirements" else folder


def declaring(dependencies: Dependencies) -> list[str]:
    """Return the paths of all manifests, requirements files and locks."""
    manifests = {item.path for item in dependencies.manifests}
    locks = {item.path for item in dependencies.locks}
    return sorted(manifests | locks | dependencies.requirements.keys())


class Projects(NamedTuple):
    """The folders that are projects, none inside another; empty when there are fewer than two."""

    folders: tuple[str, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Projects:
        """Look for folders that stand alone; most repositories hold none."""
        dependencies = repo.fact(Dependencies)
        manifests = {home(path) for path in declaring(dependencies)} - {""}
        readmes = {
            file.path.rpartition("/")[0]
            for file in repo.files
            if README.match(file.name) and "/" in file.path
        }
        marked = {folder for folder in manifests | readmes if not apart(folder)}
        index = repo.fact(PythonIndex)
        if len(marked) < FEWEST or whole(repo, index, dependencies):
            return cls(())
        packaged = {
            item.path.rpartition("/")[0] for item in dependencies.manifests if item.packaged
        }
        runs = {nearest(path, marked) for path in entry_points(index) if program(path)}
        calls = [call.path for call in fitting(repo.fact(Flow).calls)]
        trains = {nearest(path, marked) for path in calls}
        found = (packaged & marked) | (runs & (manifests | trains)) - {""}
        outer = {folder for folder in found if not nearest(folder, found)}
        alone = outer - bound(index, outer, packaged)
        # An experiment in no project is what the folders around it serve.
        served = any(not nearest(path, alone) and not apart(path) for path in calls)
        return cls(tuple(sorted(alone)) if len(alone) >= FEWEST and not served else ())


def program(path: str) -> bool:
    """Say whether a file that runs is more than a script of the workshop."""
    return path.rpartition("/")[2] not in WORKSHOP


def whole(repo: Repository, index: PythonIndex, dependencies: Dependencies) -> bool:
    """Say whether the root is itself a project: code of its own, or a package."""
    if any("/" not in path and program(path) for path, role in index.roles.items() if role in LIVE):
        return True
    packaged = any(item.packaged and "/" not in item.path for item in dependencies.manifests)
    return packaged and not workspace(repo)


def workspace(repo: Repository) -> bool:
    """Say whether the root declares a workspace, whose members are projects under one lock."""
    return bool(WORKSPACE.search(repo.text("pyproject.toml") or ""))


def bound(index: PythonIndex, folders: set[str], packaged: set[str]) -> set[str]:
    """Return the folders that use code outside of them, or whose code is used from outside.

    A package may be used by others: they install it. A plain name that only another folder has
    is none of theirs, because Python does not look there; its full path is.
    """
    found: set[str] = set()
    for module in index.live():
        here = nearest(module.path, folders)
        for item in module.imports:
            path = index.module_path(item.module, module.path)
            there = nearest(path, folders) if path else here
            if path is None or there == here or there in packaged:
                continue
            if not there or item.module.replace(".", "/").startswith(f"{there}/"):
                found |= {here, there}
    return found


def shared(repo: Repository, folder: str) -> tuple[str, ...]:
    """Return the files at the root that speak for a project too.

    Those are licence, citation and continuous integration; and what the root declares, where the
    folder declares nothing. The members of a workspace have its lock.
    """
    found = [file.path for file in repo.files if SHARED.match(file.path)]
    found += [item.path for item in repo.fact(Workflows).all]
    declared = declaring(repo.fact(Dependencies))
    if not any(path.startswith(f"{folder}/") for path in declared):
        found += [path for path in declared if home(path) == ""]
    elif workspace(repo):
        found += [item.path for item in repo.fact(Dependencies).locks if "/" not in item.path]
    return tuple(found[:MOST_SHARED])
