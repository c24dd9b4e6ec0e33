"""Judge whether the raw values behind tables and plots are kept."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.results import Results
from repro_audit.facts.runlinks import run_links
from repro_audit.facts.runs import RunRecords


def eval_raw_outputs_kept(repo: Repository) -> Verdict:
    """Metrics or predictions stand in files that a program can read."""
    results = repo.fact(Results)
    if results.files:
        return passed("Raw results are kept in files that a program can read.", *results.files)
    writers = repo.fact(RunRecords).writers
    stated = results.stated
    if not stated:
        if not model_fits(repo):
            return nothing_trained(repo)
        return unknown("No result is stated yet; keep the raw values when there is one.", *writers)
    if results.unread:
        return unknown("Files named like results were not read.", *results.unread)
    fix = "Commit metrics and predictions of the reported runs as CSV or JSON, or archive them"
    linked = list(run_links(repo))
    if linked:
        summary = "What the stated runs left is linked, and kept by somebody else."
        return partial(summary, *linked, *stated[:5], fix=fix)
    if writers:
        return partial(
            "The code writes raw results, and those of the stated runs are not kept here.",
            *writers,
            *stated[:5],
            fix=fix,
        )
    return failed("Results are stated and no raw value behind them is kept.", *stated, fix=fix)
