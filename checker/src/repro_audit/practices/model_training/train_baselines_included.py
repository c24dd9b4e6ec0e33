"""Judge whether what is compared with can be run."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.baselines import Baselines
from repro_audit.facts.fitting import model_fits


def train_baselines_included(repo: Repository) -> Verdict:
    """Every method of a comparison is in the code, or its source is linked in its row."""
    found = repo.fact(Baselines)
    if not found.claims:
        if not model_fits(repo):
            return nothing_trained(repo)
        return unknown("No comparison is stated here; the paper may hold one.", *found.runnable)
    fix = "Add code or configuration of each method that is compared, or link its exact source"
    if found.promised:
        return failed("Baselines are promised and not there.", *found.promised, fix=fix)
    if found.rows and not found.missing:
        return passed(
            "What is compared is in the code or has its source; equal care is not visible.",
            *found.rows,
            *found.runnable,
        )
    return unknown(
        "Whether all that is compared can be run is for a person to say.",
        *found.missing,
        *found.claims,
        *found.runnable,
    )
