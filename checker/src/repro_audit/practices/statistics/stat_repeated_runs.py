"""Judge whether results come from several runs."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.absent import no_learning, nothing_trained, only_software
from repro_audit.facts.kind import training_calls
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.repeats import Repeats
from repro_audit.facts.statements import looked_in


def stat_repeated_runs(repo: Repository) -> Verdict:
    """A method with chance in it is run with several seeds, and how many is written down."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    chance = repo.fact(Randomness)
    if training_calls(repo) and not chance.main() and not chance.hidden:
        return not_applicable("Nothing that is trained here draws random numbers.")
    found = repo.fact(Repeats)
    if found.stated or found.made:
        return passed("Results come from several runs.", *found.stated, *found.made)
    if found.offered:
        return unknown(
            "Several seeds can be run; whether the results come from several is not said.",
            *found.offered,
        )
    if found.folds:
        return unknown(
            "Several scores are computed; those of folds share data and are no independent runs.",
            *found.folds,
        )
    if found.unread:
        return unknown("Tables that may hold several runs were not read.", *found.unread)
    if only_software(repo):
        return nothing_trained(repo)
    return failed(
        "Nothing shows more than one run.",
        looked_in(repo, "no number of seeds, runs or trials, and no spread"),
        *(call.evidence("trains here") for call in training_calls(repo)[:3]),
        fix="Run the same command with five or more seeds, and report their number and spread",
    )
