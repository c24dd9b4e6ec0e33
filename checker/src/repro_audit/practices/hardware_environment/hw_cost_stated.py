"""Judge whether a reader learns how long a repetition takes and what it needs."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.hardware import Hardware
from repro_audit.facts.kind import training_calls
from repro_audit.facts.statements import looked_in


def hw_cost_stated(repo: Repository) -> Verdict:
    """The time of the main runs is stated, with their memory or the total of all runs."""
    if not training_calls(repo):
        return nothing_trained(repo)
    found = repo.fact(Hardware)
    fix = (
        "State in the README: wall time of each main result, peak memory, and the total of all runs"
    )
    if found.durations and (found.memory or found.totals):
        return passed(
            "Run time and needed resources are stated.",
            *found.durations,
            *found.memory,
            *found.totals,
        )
    if found.totals:
        return passed("The compute that was used is stated.", *found.totals)
    if found.durations:
        return partial(
            "A run time is stated; memory and the total of all runs are not.",
            *found.durations,
            fix=fix,
        )
    some = [*found.epochs, *found.limits, *found.memory]
    if some:
        return partial(
            "Only the time of an epoch, a limit, or the memory is stated.", *some, fix=fix
        )
    seen = looked_in(repo, "no run time, memory or total of compute")
    return failed("What a repetition costs is not stated.", seen, fix=fix)
