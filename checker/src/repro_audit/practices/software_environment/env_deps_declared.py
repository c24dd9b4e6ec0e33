"""Judge whether dependencies are declared."""

from __future__ import annotations

from repro_audit import (
    Evidence,
    Repository,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.facts.dependencies import Dependencies, providers
from repro_audit.facts.mains import Mains
from repro_audit.facts.nix import by_nix
from repro_audit.facts.projects import home, parents
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.rcode import r_packages

FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "mxnet", "paddle", "sklearn", "xgboost")


def env_deps_declared(repo: Repository) -> Verdict:
    """Third-party packages that the code needs are listed in a file that a tool can read."""
    if (in_r := r_packages(repo, locked=False)) is not None:
        return in_r
    deps = repo.fact(Dependencies)
    listed = [*deps.sources()]
    fix = "List what the code imports in requirements.in or pyproject.toml"
    if listed and (lacking := undeclared(deps)):
        summary = "Packages are declared, and what they are built on is not."
        return partial(summary, *lacking, fix=fix)
    if listed and (left := unserved(repo, {home(item.path) for item in listed})):
        summary = "Only some folders declare packages, and most of the code stands elsewhere."
        return partial(summary, *left[:5], fix=fix)
    if listed:
        first = {item.path: item for item in reversed(listed)}
        seen = [
            first[path].evidence(f"{first[path].name} is declared here") for path in sorted(first)
        ]
        return passed(f"{len({item.name for item in listed})} packages are declared.", *seen)
    if deps.container:
        item = deps.container[0]
        return passed(
            "Packages are declared in the container recipe.", item.evidence("installed here")
        )
    in_notebook = [item for item in deps.told if item.path.endswith(".ipynb")]
    scripts = [path for path, _ in deps.imports.values() if not path.endswith(".ipynb")]
    if in_notebook and not scripts:
        seen = [item.evidence(f"{item.name} is installed by a cell") for item in in_notebook]
        return partial("Packages are named only inside a notebook.", *seen, fix=fix)
    if deps.imports and (made := by_nix(repo)) is not None:
        return made
    if deps.imports:
        seen = [
            Evidence(path, line, f"imports {name}") for name, (path, line) in deps.imports.items()
        ]
        if deps.told:
            named = [item.evidence(f"{item.name} is named here only") for item in deps.told]
            summary = "Packages are named by documents only, and in no file that a tool reads."
            return failed(summary, *named, *seen, fix=fix)
        return failed("Third-party packages are imported and declared nowhere.", *seen, fix=fix)
    if not any(repo.fact(PythonIndex).live()):
        return unknown("No Python code was found to compare with declarations.")
    return not_applicable("Only the standard library is imported.")


def unserved(repo: Repository, homes: set[str]) -> list[Evidence]:
    """Return the programs that no declaring folder holds, when they are most of all programs.

    A folder without code of its own declares for all, as `requirements` and `docker` do, and so
    does a file that a command of the documents installs from.
    """
    index = repo.fact(PythonIndex)
    held = {folder for module in index.live() for folder in parents(module.path)}
    told = [word for command in repo.fact(Prose).commands() for word in command.words]
    named = any(word.startswith(f"{folder}/") for folder in homes for word in told)
    if named or not homes <= held:
        return []
    programs = repo.fact(Mains).entries or tuple(
        dict.fromkeys(path for path, _ in repo.fact(Dependencies).imports.values())
    )
    left = [path for path in programs if not set(parents(path)) & homes]
    seen = [Evidence(path, 1, "no file above it declares what it imports") for path in left]
    return seen if len(left) * 2 > len(programs) else []


def undeclared(deps: Dependencies) -> list[Evidence]:
    """Return the framework that the code is built on, when nothing names it."""
    known = deps.names() | deps.versions().keys()
    used = [name for name in FRAMEWORKS if name in deps.imports]
    if any(item in known for name in used for item in providers(name)):
        return []  # others beside a declared one serve converters and optional parts
    return [
        Evidence(*deps.imports[name], f"imports {name}, which is declared nowhere") for name in used
    ]
