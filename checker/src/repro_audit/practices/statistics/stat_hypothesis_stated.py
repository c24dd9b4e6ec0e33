"""Judge whether question, hypothesis and assumptions are stated."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import no_learning
from repro_audit.facts.inference import Inference
from repro_audit.facts.sections import own_paper, says_nothing


def stat_hypothesis_stated(repo: Repository) -> Verdict:
    """A document states the question or hypothesis, and what decides or limits the answer."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    found = repo.fact(Inference)
    fix = "State the question, the hypothesis, the primary metric and what is assumed"
    if found.questions and found.primary:
        return passed(
            "The question is stated, with its primary outcome or assumptions.",
            *found.questions,
            *found.primary,
        )
    if found.questions:
        return partial(
            "A question is stated; neither a primary outcome nor assumptions are.",
            *found.questions,
            fix=fix,
        )
    nothing = says_nothing(repo)
    if found.hollow or nothing:
        seen = (*found.hollow, *((nothing,) if nothing else ()))
        return failed("Where the question should stand is nothing.", *seen, fix=fix)
    return unknown(
        "No question is named as one; a reader, or the paper, says whether there is one.",
        *own_paper(repo),
        *found.primary,
        fix=fix,
    )
