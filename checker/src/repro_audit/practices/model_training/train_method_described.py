"""Judge whether the method is described in words, or the paper is linked."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.kind import ML
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.sections import described, own_documents, own_paper, says_nothing

METHOD = (
    r"\b(method(s|ology)?|models?|architecture|approach|algorithm|objective|loss|training details|"
    r"how (it|this) works|training procedure|theory|background)\b"
)
TOPICS = (
    r"optimi[sz]er|\badam|\bsgd\b|loss|layers?\b|network|encoder|decoder|regression|forest|boosting|"
    r"objective|gradient|attention|convolution|kernel|likelihood|squared error|entropy"
)


def train_method_described(repo: Repository) -> Verdict:
    """A section says what the model is and how it is fitted, or the paper is cited."""
    if not model_fits(repo) and not any(repo.fact(PythonIndex).imported(*sorted(ML))):
        return nothing_trained(repo)
    documents = own_documents(repo)
    good, hollow = described(documents, METHOD, 25, TOPICS)
    paper = own_paper(repo)
    if good or paper:
        return passed(
            "The method is described, or its paper linked; a reader judges whether in full.",
            *good,
            *paper,
        )
    fix = "Describe model, loss, optimiser and schedule in the README, or link the paper"
    if hollow:
        return failed("The description of the method is a scaffold.", *hollow, fix=fix)
    nothing = says_nothing(repo)
    if nothing:
        return failed(
            "Neither documents nor docstrings say a word of the method.", nothing, fix=fix
        )
    seen: list[Evidence] = [documents[0].at(1, "no section on the method")] if documents else []
    return unknown("Whether the words that are there describe the method is for a reader.", *seen)
