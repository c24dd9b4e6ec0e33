"""Judge whether the result of preprocessing is stated."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.origins import Origins
from repro_audit.facts.preparation import Preparation
from repro_audit.facts.prepared import expected


def prep_expected_output(repo: Repository) -> Verdict:
    """Shape, counts or size of the prepared data are recorded for comparison."""
    prepares = repo.fact(Preparation).seen
    if not (prepares or repo.fact(Origins).any):
        return not_applicable("The code reads no data.")
    stated = list(expected(repo))
    if stated:
        return passed("What preprocessing makes is stated.", *stated)
    if not prepares:
        return unknown("No step of preprocessing is seen; there may be none.")
    fix = "Assert the shape or count after preprocessing, and state it in the README"
    return failed("Nothing says what preprocessing must make.", *prepares, fix=fix)
