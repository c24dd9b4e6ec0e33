"""Judge whether the code is archived."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.archives import Archives, Subject


def archive_code(repo: Repository) -> Verdict:
    """README or citation file names an archived snapshot of the software."""
    found = repo.fact(Archives)
    own = found.of(Subject.SOFTWARE)
    if own:
        return passed("A snapshot of the code is archived under an identifier.", *own)
    unclear = found.of(Subject.UNCLEAR)
    if unclear:
        return unknown("An identifier is named, and not whether it is the code's.", *unclear)
    fix = "Deposit a release at Zenodo or Software Heritage and put its DOI or SWHID in the README"
    if found.prepared:
        return partial("A deposit is prepared, and none is named.", *found.prepared, fix=fix)
    if not found.public:
        return unknown("Nothing says that the project is public yet, so nothing to archive.")
    others = [
        Evidence(item.path, item.line, "this identifier is not the code's")
        for item in found.of(Subject.OTHER)
    ]
    return failed("The code is public and archived nowhere.", *found.public, *others, fix=fix)
