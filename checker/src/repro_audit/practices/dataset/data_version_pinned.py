"""Judge whether data from outside is fixed to one content."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.origins import Origins
from repro_audit.facts.pins import Pins


def data_version_pinned(repo: Repository) -> Verdict:
    """Each reference to data names a version, a revision, a snapshot or a digest."""
    found, origins = repo.fact(Pins), repo.fact(Origins)
    fix = 'Name a version: load_dataset(..., revision="<commit>"), fetch_openml(..., version=1)'
    good = [*found.fixed, *origins.stored]
    if found.loose:
        summary = "Some data is taken as it stands on the day."
        if good or found.tags:
            return partial(summary, *found.loose, *found.tags, fix=fix)
        return failed("The data is taken as it stands on the day.", *found.loose, fix=fix)
    if found.tags:
        return partial("A data set is fixed by a name that can move.", *found.tags, fix=fix)
    if found.unclear:
        return unknown("Whether these references are fixed is not visible.", *found.unclear)
    if origins.stored and origins.by_hand and not found.fixed:
        summary = "What stands here is fixed by git; what is brought by hand names no version."
        return partial(summary, *origins.by_hand, *origins.stored, fix=fix)
    if good:
        return passed("The content of the data is fixed.", *good)
    if origins.reads and not origins.made:
        seen = [call.evidence(f"{call.name} reads data") for call in origins.reads]
        return unknown("Data is read, and what it is a copy of is not visible.", *seen)
    return not_applicable("No data comes from outside.")
