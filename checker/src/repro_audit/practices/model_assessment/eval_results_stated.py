"""Judge whether the results are stated as numbers."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.pictured import pictured
from repro_audit.facts.prose import Prose
from repro_audit.facts.results import Results
from repro_audit.facts.runs import RunRecords


def eval_results_stated(repo: Repository) -> Verdict:
    """Documents, saved outputs or result files state the numbers that a re-run should find."""
    results = repo.fact(Results)
    stated = (*results.stated, *results.listed)
    if stated:
        ways = repo.fact(RunRecords).commands
        told = "with commands beside them" if ways else "and no command stands beside them"
        return passed(f"Results are stated, {told}.", *stated, *ways)
    if not model_fits(repo):
        return nothing_trained(repo)
    fix = "List the main results in the README, each with its command and the expected number"
    if results.scaffolds:
        return failed("Results are promised and not there.", *results.scaffolds, fix=fix)
    pictures = tuple(pictured(repo))
    if pictures:
        return unknown("Results are shown as pictures, which reading cannot see.", *pictures)
    if results.files:
        summary = "Files of results are kept, and no document says which numbers count."
        return partial(summary, *results.files, fix=fix)
    readme = repo.fact(Prose).readme
    looked = (
        readme.at(1, "states no result as a number")
        if readme
        else Evidence(".", 0, "no README that could state results")
    )
    return failed("No result is stated as a number.", looked, fix=fix)
