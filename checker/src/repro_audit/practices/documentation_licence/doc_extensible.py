"""Judge whether others can use the code for something else."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.extension import Extension
from repro_audit.facts.kind import Kind
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.values import Values


def doc_extensible(repo: Repository) -> Verdict:
    """The code can be installed, is set by configuration, and its use on other data is shown."""
    found = repo.fact(Extension)
    fix = "Make the code installable, set it by configuration, and show its use on own data"
    composed = repo.fact(Values).composed
    settings = [entry.evidence("is set without editing code") for entry in composed.values()][:1]
    if (found.interface or settings) and found.told and not found.edits:
        return passed(
            "The code has an interface, and its use on other data is told.",
            *found.interface,
            *found.told,
            *settings,
        )
    if found.edits:
        seen = (*found.edits, *found.interface)
        return partial("Another use asks for edits of the code.", *seen, fix=fix)
    notebooks = repo.fact(Notebooks).all
    course = repo.fact(Kind).name == "course"
    if notebooks and not found.modules and not course:
        cells = [Evidence(item.path, 1, "holds the whole logic") for item in notebooks]
        return failed("All logic stands in notebook cells.", *cells, fix=fix)
    return unknown(
        "Reading cannot tell how the code does on other data.",
        *found.interface,
        *found.told,
        *settings,
    )
