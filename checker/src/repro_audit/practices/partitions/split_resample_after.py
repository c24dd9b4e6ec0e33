"""Judge whether resampling and augmentation come after the split."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.dataflow import DataFlow, uses
from repro_audit.facts.learners import OVERSAMPLERS, RESAMPLING, UNDERSAMPLERS


def split_resample_after(repo: Repository) -> Verdict:
    """Copies, synthetic rows and augmented examples are made from the training part only."""
    flow = repo.fact(DataFlow)
    fix = "imblearn.pipeline.make_pipeline(SMOTE(), model), or resample after train_test_split"
    leaks = flow.of("leak-copies", "resampled-test")
    if leaks:
        return failed("Rows are multiplied before they are parted.", *leaks, fix=fix)
    balanced = flow.of("leak-balance")
    if balanced:
        summary = "Rows are thrown away before they are parted, so the test part is not as it was."
        return partial(summary, *balanced, fix=fix)
    kept = flow.of("resampled-train")
    if kept:
        return passed("Resampling and augmentation touch the training part only.", *kept)
    doubtful = flow.of("resampled-train", "resampled-test", sure=False)
    used = uses(repo, OVERSAMPLERS | UNDERSAMPLERS | RESAMPLING)
    if doubtful or used:
        reason = "Rows are resampled or augmented, and which ones is not known for certain."
        return unknown(reason, *doubtful, *used)
    if flow.unread:
        return unknown(f"The flow of data in {flow.unread[0]} is too long to follow.")
    return not_applicable("Nothing resamples or augments rows.")
