"""Judge whether the division of the data is described."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.splitprose import SplitProse


def split_described(repo: Repository) -> Verdict:
    """Documents, configuration or the loader say how large each part is and how it is made."""
    said = repo.fact(SplitProse)
    fix = "Say in the README: 80 % training, 10 % validation, 10 % test, by patient"
    if said.stated:
        return passed("How the data is divided is stated.", *said.stated)
    flow = repo.fact(DataFlow)
    if said.coded:
        return partial("Only the code says how the data is divided.", *said.coded, fix=fix)
    splits = flow.of("split")
    if splits and not said.mentioned:
        return failed("The data is divided and no text says how.", *splits, fix=fix)
    training = training_calls(repo)
    if not training and not splits:
        return nothing_trained(repo)
    reason = "Parts are mentioned without sizes." if said.mentioned else "No division is seen."
    return unknown(reason, *said.mentioned, *splits[:3], fix=fix)
