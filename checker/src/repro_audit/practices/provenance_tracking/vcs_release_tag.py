"""Judge whether the state behind the results is marked."""

from __future__ import annotations

from repro_audit import (
    Evidence,
    Repository,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.facts.history import History
from repro_audit.facts.kind import Kind
from repro_audit.facts.results import Results
from repro_audit.facts.versions import Versions


def vcs_release_tag(repo: Repository) -> Verdict:
    """A tag marks the reported state, and a document names it."""
    found, history = repo.fact(Results), repo.fact(History)
    results = (*found.stated, *found.files)
    if not results:
        return not_applicable("No results are reported, so no state is behind any.")
    versions = repo.fact(Versions)
    meant = [item.evidence for item in versions.stated if item.tag]
    if versions.published or (meant and repo.fact(Kind).name != "library"):
        return passed("A tag marks the reported state.", *versions.published, *meant)
    if meant:
        return unknown("Versions of a library are tagged, and not which one made the results.")
    fix = 'git tag -a v1.0 -m "The state behind the paper", and name it in README and CITATION.cff'
    tags = [Evidence(".git", 0, f"the tag {tag.name} is named nowhere") for tag in history.tags]
    stated = [item.evidence for item in versions.stated]
    if tags or stated:
        said = "A version is tagged or stated, and the two do not meet."
        return partial(said, *stated[:5], *tags[-5:], fix=fix)
    library = repo.fact(Kind).name == "library"
    if library or not history.present or history.shallow:
        return unknown("Which state made the results cannot be read here.", *results[:3])
    head = Evidence(".git", 0, "no tag in the history")
    return failed("Results are reported, and no state is marked.", head, *results[:3], fix=fix)
