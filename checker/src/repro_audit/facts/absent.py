"""What to say when no training is seen: absent, or only invisible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.facts.kind import ML, Kind
from repro_audit.facts.python import PythonIndex
from repro_audit.model import Evidence, not_applicable, unknown

if TYPE_CHECKING:
    from repro_audit.model import Verdict
    from repro_audit.repository import Repository


def nothing_trained(repo: Repository) -> Verdict:
    """Not applicable without a machine-learning import or in a library; unknown otherwise."""
    kind = repo.fact(Kind).name
    if kind in {"library", "app"}:
        return not_applicable(f"This is a repository of the kind {kind}; it trains nothing itself.")
    seen = {
        top: Evidence(path, line, f"imports {top}")
        for path, line, top in repo.fact(PythonIndex).imported(*sorted(ML))
    }
    if not seen:
        return not_applicable("No machine-learning package is imported, so nothing is trained.")
    return unknown(
        "A machine-learning package is imported and no training is seen.", *seen.values()
    )


def no_learning(repo: Repository) -> Verdict | None:
    """Not applicable where no live code imports a machine-learning package; None otherwise."""
    if any(repo.fact(PythonIndex).imported(*sorted(ML))):
        return None
    if repo.fact(PythonIndex).modules:
        return not_applicable("No machine-learning package is imported.")
    return unknown("No Python code is read here, so nothing is known of any results.")
