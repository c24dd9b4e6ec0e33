"""Judge whether features stand in for the target."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.splitprose import features_argued


def split_legit_features(repo: Repository) -> Verdict:
    """The target is not among the inputs, and somebody has argued for each of them."""
    flow = repo.fact(DataFlow)
    fix = 'X = frame.drop(columns=["target"])'
    inside = flow.of("target-inside")
    if inside:
        return failed("The features hold the target itself.", *inside, fix=fix)
    training = training_calls(repo)
    if not training:
        return nothing_trained(repo)
    outside, argued = flow.of("target-outside"), features_argued(repo)
    if argued and outside:
        summary = "The target is taken out, and a document argues for the features."
        return passed(summary, *outside, *argued)
    reason = "Whether every input is known at the time of prediction, only a person can say."
    return unknown(reason, *outside, *argued)
