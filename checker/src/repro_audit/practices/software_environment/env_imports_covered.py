"""Judge whether the declared packages cover the imports."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.dependencies import Dependencies, providers
from repro_audit.facts.nix import by_nix


def env_imports_covered(repo: Repository) -> Verdict:
    """Every third-party import belongs to a declared distribution."""
    deps = repo.fact(Dependencies)
    if not deps.imports:
        return not_applicable("Nothing outside the standard library is imported.")
    missing = deps.undeclared()
    fix = "Declare: " + " ".join(providers(name)[0] for name in missing)
    if not missing:
        seen = [
            Evidence(path, line, f"imports {name}, which is declared")
            for name, (path, line) in deps.imports.items()
        ]
        return passed(f"All {len(deps.imports)} imported packages are declared.", *seen)
    seen = [
        Evidence(path, line, f"imports {name}, which is not declared")
        for name, (path, line) in missing.items()
    ]
    summary = f"{len(missing)} of {len(deps.imports)} imported packages are not declared."
    if (made := by_nix(repo)) is not None:
        return made
    if not (deps.names() or deps.told):
        return failed(summary, *seen, fix=fix)
    # A few packages missing from a long list may come with others; most of them missing may not.
    few = len(missing) * 4 <= len(deps.imports)
    return (partial if few else failed)(summary, *seen, fix=fix)
