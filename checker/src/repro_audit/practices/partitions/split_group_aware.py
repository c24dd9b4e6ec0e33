"""Judge whether rows of one unit stay on one side."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow
from repro_audit.facts.kind import training_calls


def split_group_aware(repo: Repository) -> Verdict:
    """Rows that share a person, place or recording fall into the same part."""
    flow = repo.fact(DataFlow)
    fix = "GroupShuffleSplit(...).split(X, y, groups=frame['patient_id'])"
    torn, kept = flow.of("groups-torn"), flow.of("split-groups")
    if torn and kept:
        return partial("Some splits keep units together and some do not.", *torn, *kept, fix=fix)
    if torn:
        return failed("A unit has several rows and they are dealt out singly.", *torn, fix=fix)
    if kept:
        return passed("The split keeps the rows of a group together.", *kept)
    training = training_calls(repo)
    if not training and not flow.of("split", "held", "predicted"):
        return nothing_trained(repo)
    reason = "Whether rows depend on each other is a property of the data; a person must say it."
    seen = flow.of("split") or tuple(call.evidence("trains here") for call in training)
    return unknown(reason, *seen[:3], fix=fix)
