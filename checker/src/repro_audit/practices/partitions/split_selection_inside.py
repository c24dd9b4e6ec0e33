"""Judge whether selection and encoding by the target stay inside the training part."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.dataflow import DataFlow, uses
from repro_audit.facts.learners import IMPORTANCES, SELECTORS, SUPERVISED_MEASURES


def split_selection_inside(repo: Repository) -> Verdict:
    """Whatever looks at the target to choose or encode features sees training rows only."""
    flow = repo.fact(DataFlow)
    fix = "make_pipeline(SelectKBest(k=20), model), scored by cross_val_score or on a test part"
    leaks = flow.of("leak-selection", "selected-test")
    if leaks:
        summary = "Features are chosen or encoded by a target that includes held-out rows."
        return failed(summary, *leaks, fix=fix)
    kept = flow.of("selected-train")
    if kept:
        return passed("Selection by the target sees the training part only.", *kept)
    doubtful = flow.of("selected-train", "selected-test", sure=False)
    used = uses(repo, SELECTORS | SUPERVISED_MEASURES | IMPORTANCES | {"corr"})
    if doubtful or used:
        reason = "Selection by the target is used, and the rows it sees are not known for certain."
        return unknown(reason, *doubtful, *used)
    if flow.unread:
        return unknown(f"The flow of data in {flow.unread[0]} is too long to follow.")
    return not_applicable("Nothing selects or encodes features by the target.")
