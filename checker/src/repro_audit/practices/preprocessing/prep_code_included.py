"""Judge whether all preprocessing is code."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.kind import training_calls
from repro_audit.facts.origins import Origins, stepped
from repro_audit.facts.preparation import Preparation


def prep_code_included(repo: Repository) -> Verdict:
    """Every step from the raw data to the model's input is code that runs."""
    found, origins = repo.fact(Preparation), repo.fact(Origins)
    fix = "Write each step as a script that reads the raw data and writes the derived file"
    lost = [
        item.evidence(f"{item.path} is read, and nothing makes it or brings it")
        for item in found.orphans
    ]
    gaps = [*lost, *found.done, *found.hand]
    seen = [*found.seen, *origins.made]
    if lost and not seen:
        return failed("A derived file is read and nothing makes it.", *gaps, fix=fix)
    if gaps and seen:
        return partial("Some steps are code and some are not.", *gaps, *seen, fix=fix)
    if gaps:
        summary = "The data was prepared by steps that are not code here."
        return partial(summary, *gaps, fix=fix)
    if seen:
        return passed("The data is prepared by code.", *seen)
    trains = training_calls(repo)
    if stepped(repo):
        return not_applicable("An environment gives the experience; no data is read.")
    if origins.any or trains:
        reads = [call.evidence(f"{call.name} reads data") for call in origins.reads]
        return unknown("No step of preprocessing is seen; there may be none.", *reads)
    return not_applicable("The code reads no data.")
