"""Judge whether files and records come in a fixed order."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.listings import Listings
from repro_audit.facts.python import PythonIndex


def prep_stable_order(repo: Repository) -> Verdict:
    """What is listed, put into a set or read in parallel is sorted before it is used."""
    found = repo.fact(Listings)
    fix = "Wrap the listing: sorted(os.listdir(folder)), sorted(set(labels))"
    if found.loose and found.ordered:
        return partial("Some enumerations are sorted and some are not.", *found.loose, fix=fix)
    if found.loose:
        return failed("Data is enumerated in an order that nothing fixes.", *found.loose, fix=fix)
    if found.unclear:
        return unknown("Whether the order of these matters is not visible.", *found.unclear)
    if found.ordered:
        return passed("What is enumerated is sorted first.", *found.ordered)
    if not any(True for _ in repo.fact(PythonIndex).live()):
        return unknown("There is no Python code, and other languages are not read.")
    return not_applicable("The code enumerates no files and turns no set into a sequence.")
