"""Judge whether the test set stays out of every choice."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow
from repro_audit.facts.kind import training_calls


def split_test_untouched(repo: Repository) -> Verdict:
    """Stopping, choosing and tuning use validation data; the test set is scored at the end."""
    flow = repo.fact(DataFlow)
    fix = "Hold a validation part out of the training data and choose by it"
    used = flow.of("chosen-on-test")
    if used:
        return failed("Something is chosen by the test set.", *used, fix=fix)
    watched = flow.of("watched-test")
    if watched:
        return partial("The test set is looked at during training.", *watched, fix=fix)
    doubtful = flow.of("chosen-on-test", "watched-test", sure=False)
    if doubtful:
        reason = "What is chosen by is called a test set, and only its name says so."
        return unknown(reason, *doubtful)
    chosen = flow.of("chosen-on-val")
    if chosen:
        return passed("Choices are made by validation data or folds.", *chosen)
    training = training_calls(repo)
    if not training:
        return nothing_trained(repo)
    reason = "No choice by a score is seen; whoever tuned the model knows what it was tuned on."
    return unknown(reason, *(call.evidence("trains here") for call in training[:3]))
