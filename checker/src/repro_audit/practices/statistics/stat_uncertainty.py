"""Judge whether results come with their variation."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import no_learning
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.results import Results
from repro_audit.facts.spread import Spread


def stat_uncertainty(repo: Repository) -> Verdict:
    """Stated results show a spread, and it is said which one, and over what."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    found, results = repo.fact(Spread), repo.fact(Results)
    fix = "Give each main number with its spread; say which spread, over what, and how many"
    if found.shown and found.bare:
        return partial(
            "Some results show a spread, others stand alone.",
            *found.bare,
            *found.shown,
            fix=fix,
        )
    if found.shown and found.defined:
        return passed("Results show a spread that is defined.", *found.shown, *found.defined)
    if found.shown:
        return partial("A spread is shown; which, over what, is not said.", *found.shown, fix=fix)
    if not model_fits(repo):
        return unknown("No training is seen here, so whose results these are is open.", *found.bare)
    single = (*found.bare, *results.said)
    if single and found.computed:
        return partial(
            "A spread is computed, the stated numbers show none.", *single, *found.computed, fix=fix
        )
    if single:
        return failed("Results are single numbers without any spread.", *single, fix=fix)
    seen = (*results.outputs[:3], *results.files[:3], *found.computed[:3])
    return unknown("No document states a result whose spread could be shown.", *seen)
