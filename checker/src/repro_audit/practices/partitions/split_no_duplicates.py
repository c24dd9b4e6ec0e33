"""Judge whether the same example can stand on both sides of a split."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow, uses
from repro_audit.facts.kind import training_calls
from repro_audit.facts.learners import PRETRAINED


def split_no_duplicates(repo: Repository) -> Verdict:
    """Equal examples were looked for, and none can fall on both sides."""
    flow = repo.fact(DataFlow)
    fix = "frame = frame.drop_duplicates() before the split, or compare digests of both parts"
    copies = flow.of("leak-copies")
    if copies:
        return failed("The code itself makes equal rows before they are parted.", *copies, fix=fix)
    training = training_calls(repo)
    if not training and not flow.of("split", "held", "predicted"):
        return nothing_trained(repo)
    borrowed = uses(repo, PRETRAINED, borrowed=True)
    if borrowed:
        reason = (
            "A pre-trained model is used; whether it has met the test data, reading cannot tell."
        )
        return unknown(reason, *borrowed)
    looked = flow.of("deduplicated", "disjoint")
    if looked:
        return passed("Equal rows are taken out before the split, or parts compared.", *looked)
    reason = "Only the digests of the rows can tell whether equal ones are on both sides."
    seen = flow.of("split", "held", "predicted") or tuple(
        call.evidence("trains here") for call in training
    )
    return unknown(reason, *seen[:3], fix=fix)
