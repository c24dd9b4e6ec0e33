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
from repro_audit.facts.python import PythonIndex

FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "mxnet", "paddle", "sklearn", "xgboost")


def env_deps_declared(repo: Repository) -> Verdict:
    """Third-party packages that the code needs are listed in a file that a tool can read."""
    deps = repo.fact(Dependencies)
    listed = [*deps.sources()]
    fix = "List what the code imports in requirements.in or pyproject.toml"
    if listed and (lacking := undeclared(deps)):
        summary = "Packages are declared, and what they are built on is not."
        return partial(summary, *lacking, fix=fix)
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
    if deps.imports:
        seen = [
            Evidence(path, line, f"imports {name}") for name, (path, line) in deps.imports.items()
        ]
        return failed("Third-party packages are imported and declared nowhere.", *seen, fix=fix)
    if not any(repo.fact(PythonIndex).live()):
        return unknown("No Python code was found to compare with declarations.")
    return not_applicable("Only the standard library is imported.")


def undeclared(deps: Dependencies) -> list[Evidence]:
    """Return the framework that the code is built on, when nothing names it."""
    known = deps.names() | deps.versions().keys()
    used = [name for name in FRAMEWORKS if name in deps.imports]
    if any(item in known for name in used for item in providers(name)):
        return []  # others beside a declared one serve converters and optional parts
    return [
        Evidence(*deps.imports[name], f"imports {name}, which is declared nowhere") for name in used
    ]
