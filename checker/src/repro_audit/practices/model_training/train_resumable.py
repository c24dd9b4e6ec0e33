"""Judge whether training can go on after an interruption."""

from __future__ import annotations

from repro_audit import (
    Repository,
    Status,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.checkpoints import Checkpoints
from repro_audit.facts.fitting import iterative
from repro_audit.facts.kind import training_calls


def train_resumable(repo: Repository) -> Verdict:
    """Checkpoints hold the optimiser's state too, and training reads them back."""
    trains = training_calls(repo)
    if not trains:
        verdict = nothing_trained(repo)
        gone = verdict.status is Status.FAIL
        return not_applicable("The training is not in this repository.") if gone else verdict
    found = repo.fact(Checkpoints)
    fix = "Save and load model, optimiser, scheduler, step and random states together"
    automatic = [item for item in found.resumed if "goes on from the last" in item.message]
    if found.resumed and (found.saved or automatic):
        return passed("Training can be resumed with its full state.", *found.resumed, *found.saved)
    if found.saved:
        return partial("Models are saved, and training cannot be resumed.", *found.saved, fix=fix)
    if not iterative(repo):
        seen = [call.evidence("fits a model") for call in trains[:3]]
        return unknown(
            "Whether these fits take long enough to be resumed, only a run shows.", *seen
        )
    return failed(
        "Training saves nothing.",
        *(call.evidence("trains without saving") for call in trains[:5]),
        fix=fix,
    )
