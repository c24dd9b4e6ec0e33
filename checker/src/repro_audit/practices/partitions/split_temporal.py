"""Judge whether forecasts are tested on what comes later."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow, uses
from repro_audit.facts.kind import training_calls
from repro_audit.facts.learners import BY_TIME, TIME_CALLS


def split_temporal(repo: Repository) -> Verdict:
    """Where later values are predicted, the test part is later than the training part."""
    flow = repo.fact(DataFlow)
    fix = "TimeSeriesSplit(gap=...), or train_test_split(..., shuffle=False) on sorted rows"
    shuffled = flow.of("lag-shuffled")
    if shuffled:
        return failed("Lagged rows are dealt out at random.", *shuffled, fix=fix)
    timed, ordered = uses(repo, TIME_CALLS), flow.of("split-order")
    if ordered and (timed or uses(repo, BY_TIME)):
        return passed("Time-ordered rows are parted by time.", *ordered, *timed)
    training = training_calls(repo)
    if not training and not flow.of("split", "held", "predicted"):
        return nothing_trained(repo)
    if timed:
        reason = "Rows carry a time; whether the claim is about the future, a person must say."
        return unknown(reason, *timed, *flow.of("split-random"), fix=fix)
    reason = "Nothing orders the rows by time in the code; whether their order matters is not seen."
    return unknown(reason, *flow.of("split", "held", "predicted")[:3])
