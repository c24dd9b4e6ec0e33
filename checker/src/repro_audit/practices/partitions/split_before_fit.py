"""Judge whether transforms are fitted on training data only."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.dataflow import DataFlow, uses
from repro_audit.facts.learners import FITTED, STATISTICS, VOCABULARIES


def split_before_fit(repo: Repository) -> Verdict:
    """Scalers, imputers, encoders and their like learn from the training part alone."""
    flow = repo.fact(DataFlow)
    fix = "make_pipeline(StandardScaler(), model), fitted on the training part or inside the folds"
    leaks = flow.of("leak-fit", "fitted-test")
    if leaks:
        return failed("A transform learns from rows that are held out.", *leaks, fix=fix)
    words = flow.of("leak-vocabulary")
    if words:
        summary = "A list of categories or words is made from all rows before they are parted."
        return partial(summary, *words, fix=fix)
    kept = flow.of("fitted-train")
    if kept:
        return passed("Transforms are fitted on the training part.", *kept)
    doubtful = flow.of("fitted-train", "fitted-test", sure=False)
    if doubtful:
        return unknown("What a transform is fitted on is known by its name only.", *doubtful)
    used = uses(repo, STATISTICS | VOCABULARIES | FITTED)
    if used:
        return unknown("Transforms are used, and the rows they learn from are not seen.", *used)
    if flow.unread:
        return unknown(f"The flow of data in {flow.unread[0]} is too long to follow.")
    return not_applicable("No transform that learns from data is used.")
