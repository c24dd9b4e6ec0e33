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
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.python import PythonIndex


def env_deps_declared(repo: Repository) -> Verdict:
    """Third-party packages that the code needs are listed in a file that a tool can read."""
    deps = repo.fact(Dependencies)
    listed = [*deps.sources()]
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
    fix = "List what the code imports in requirements.in or pyproject.toml"
    in_notebook = [item for item in deps.told if item.path.endswith(".ipynb")]
    if in_notebook:
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
