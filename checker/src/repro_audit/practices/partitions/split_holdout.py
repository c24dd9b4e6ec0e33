"""Judge whether scores come from rows that were not fitted."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow
from repro_audit.facts.kind import training_calls


def split_holdout(repo: Repository) -> Verdict:
    """What a model is scored on was not among the rows that it was fitted on."""
    flow = repo.fact(DataFlow)
    fix = "Split first, fit on the training part, and score the part that was left out"
    mixed = flow.of("seen", "trained-on-test")
    if mixed:
        return failed("The model has seen the rows that it is scored on.", *mixed, fix=fix)
    held = flow.of("held")
    if held:
        return passed("Scores come from rows that were held out.", *held)
    doubtful = flow.of("held", "seen", "trained-on-test", sure=False)
    own, predicted = flow.of("self-scored"), flow.of("predicted")
    if own and predicted and not doubtful:
        reason = "The scores seen are of fitted rows; others are predicted, and not scored here."
        return unknown(reason, *own, *predicted)
    if own and not doubtful:
        return failed("The only scores come from the rows that were fitted.", *own, fix=fix)
    if predicted:
        return passed("Rows that were held out are predicted.", *predicted)
    doubtful = doubtful or flow.of("predicted", sure=False)
    if doubtful:
        return unknown("Which rows are held out is known by their names only.", *doubtful)
    training = training_calls(repo)
    if not training:
        return nothing_trained(repo)
    reason = "Models are trained, and no score on held-out rows is seen in the same code."
    return unknown(reason, *(call.evidence("trains here") for call in training[:3]))
