"""Judge whether the division of the data is described."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.dataflow import DataFlow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.splitprose import SIZE, TRAIN, SplitProse

ABOVE = 3


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
    noted = [item for item in splits if commented(repo, item)]
    if noted:
        return partial("Only a comment says how the data is divided.", *noted, fix=fix)
    if splits and not said.mentioned:
        return failed("The data is divided and no text says how.", *splits, fix=fix)
    training = training_calls(repo)
    if not training and not splits:
        return nothing_trained(repo)
    reason = "Parts are mentioned without sizes." if said.mentioned else "No division is seen."
    return unknown(reason, *said.mentioned, *splits[:3], fix=fix)


def commented(repo: Repository, split: Evidence) -> bool:
    """Say whether a comment above a split tells the sizes of its parts."""
    above = repo.lines(split.path)[max(split.line - 1 - ABOVE, 0) : split.line - 1]
    said = (line.strip() for line in above if line.lstrip().startswith("#"))
    return any(TRAIN.search(line[:500]) and SIZE.search(line[:500]) for line in said)
