"""Judge whether the split can be made again."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.kind import training_calls
from repro_audit.facts.splits import Splits


def split_fixed(repo: Repository) -> Verdict:
    """Members of training, validation and test sets are stored or drawn with a fixed seed."""
    found = repo.fact(Splits)
    fix = "Give the splitting call its seed: train_test_split(..., random_state=cfg.seed)"
    if found.loose:
        several = bool(found.fixed)
        summary = (
            "Some splits are fixed and some are not."
            if several
            else "The split changes from run to run."
        )
        return (partial if several else failed)(summary, *found.loose, fix=fix)
    if found.unclear:
        return unknown("The seed of a split cannot be resolved by reading.", *found.unclear)
    if found.fixed:
        return passed("The split can be made again.", *found.fixed)
    if not training_calls(repo):
        return nothing_trained(repo)
    return unknown(
        "Models are trained and no split is visible.",
        *(call.evidence("trains here") for call in training_calls(repo)[:3]),
    )
