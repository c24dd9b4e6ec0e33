"""Judge whether a search over hyperparameters leaves its trials behind."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.quoting import quoted
from repro_audit.facts.search import Search
from repro_audit.facts.sections import own_documents

TOLD = (
    r"(hyper-?param\w*|grid|random|bayesian) (search|tuning|optimi[sz]ation)|"
    r"(were|was|are) tuned (on|by|with|using)|best hyper-?param"
)


def train_search_reported(repo: Repository) -> Verdict:
    """The search is code or configuration with its ranges, and its trials are stored."""
    search = repo.fact(Search)
    if not search.runs:
        told = [
            document.at(line, quoted(text))
            for document in own_documents(repo)
            for line, text in document.find(TOLD)
        ]
        if told:
            return unknown("A search is spoken of and none is seen in the code.", *told)
        return not_applicable("No search over hyperparameters is written or spoken of.")
    fix = "Give the study a storage, or write its table of trials to a file, and keep it"
    if search.stored:
        return passed(
            "A search is written down, and its trials are stored.", *search.runs, *search.stored
        )
    if search.best:
        return partial(
            "Only the best of a search is shown; its trials are lost.",
            *search.best,
            *search.runs,
            fix=fix,
        )
    if search.swept:
        return unknown("A sweep is configured; where its trials stay is not seen.", *search.swept)
    return failed("A search is run and nothing of it is kept.", *search.runs, fix=fix)
