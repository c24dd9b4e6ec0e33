"""Judge whether runs are reported whatever their outcome."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.absent import no_learning
from repro_audit.facts.inference import Inference
from repro_audit.facts.kind import training_calls
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.repeats import Repeats
from repro_audit.facts.trackers import tracked


def stat_no_selection(repo: Repository) -> Verdict:
    """It is said that all runs count, and each leaves a record; the best of several is not it."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    chance, found = repo.fact(Randomness), repo.fact(Inference)
    fix = "Fix the seeds beforehand, keep each run, report all of them, and say so"
    if found.chosen:
        return failed("The best of several runs is reported.", *found.chosen, fix=fix)
    if training_calls(repo) and not chance.main() and not chance.hidden:
        return not_applicable("Nothing that is trained here draws random numbers.")
    records = (*tracked(repo), *repo.fact(Repeats).made)
    if found.kept and records:
        return passed("It is said that all runs count; runs leave records.", *found.kept, *records)
    if found.kept:
        return partial(
            "It is said that all runs count; none leaves a record.", *found.kept, fix=fix
        )
    return unknown(
        "What became of other runs cannot be read; the authors say so, and other seeds show it.",
        *records,
    )
