"""Judge whether it is said how close a re-run has to come."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.results import Results
from repro_audit.facts.tolerance import Tolerance


def eval_tolerance(repo: Repository) -> Verdict:
    """A document says how far a repeated result may differ, or a check of results does."""
    found = repo.fact(Tolerance)
    if found.stated:
        return passed("It is said how close a re-run has to come.", *found.stated)
    fix = "Say in the README how far a repeated result may differ, and why"
    seen = (*found.checked, *found.spread)
    if seen:
        return partial(
            "A spread or a check of numbers is there, and no allowed deviation is stated.",
            *seen,
            fix=fix,
        )
    stated = repo.fact(Results).stated
    if stated:
        return failed("Results are stated, and not how close a re-run must come.", *stated, fix=fix)
    if not model_fits(repo):
        return nothing_trained(repo)
    return unknown("No result is stated whose deviation could be bounded.")
