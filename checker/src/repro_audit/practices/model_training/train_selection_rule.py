"""Judge whether it is defined when training stops and which checkpoint counts."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import Selection, iterative, model_fits, passed_on


def train_selection_rule(repo: Repository) -> Verdict:
    """A measure is watched that stops training or chooses the checkpoint, within a set length."""
    trains = model_fits(repo)
    if not trains:
        return nothing_trained(repo)
    if not iterative(repo):
        return not_applicable("No model is trained step by step.")
    rule = repo.fact(Selection)
    fix = "Watch a validation measure (EarlyStopping, ModelCheckpoint) and set the longest training"
    if rule.timed:
        return partial("The clock decides when training stops.", *rule.timed, fix=fix)
    if rule.watched:
        return passed("It is defined which checkpoint counts.", *rule.watched, *rule.duration[:8])
    if rule.duration:
        return partial(
            "The length of training is set; no measure chooses the checkpoint.",
            *rule.duration,
            fix=fix,
        )
    hidden = passed_on(trains)
    if hidden:
        return unknown("Arguments of the training are passed on unseen.", *hidden)
    seen = [call.evidence("trains without a stated end or choice") for call in trains[:5]]
    return failed("Neither length nor choice of a checkpoint is defined.", *seen, fix=fix)
