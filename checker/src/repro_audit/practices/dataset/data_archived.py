"""Judge whether the data has a home that lasts."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.homes import Homes
from repro_audit.facts.origins import Origins


def data_archived(repo: Repository) -> Verdict:
    """The data is kept by an archive that gives out identifiers."""
    homes, origins = repo.fact(Homes), repo.fact(Origins)
    fix = "Deposit the data at an archive that issues DOIs, and cite the DOI in the README"
    if not origins.any:
        return not_applicable("The code reads no data.")
    weaker = [*homes.fleeting, *homes.hubs]
    if homes.lasting and not homes.fleeting:
        return passed("An archive keeps the data.", *homes.lasting)
    if homes.lasting:
        summary = "An archive keeps some data, and some is where it may go away."
        return partial(summary, *homes.fleeting, *homes.lasting, fix=fix)
    if homes.hubs:
        return partial("A hub keeps the data, without an identifier.", *weaker, fix=fix)
    if homes.fleeting:
        return failed("The data is only where it may go away.", *homes.fleeting, fix=fix)
    if homes.other:
        return unknown("How long these addresses last is not visible.", *homes.other)
    if origins.stored:
        summary = "The data stands beside the code, and a code host is no archive."
        return partial(summary, *origins.stored, fix=fix)
    if origins.made and not origins.reads:
        return not_applicable("The data is made by the code.", *origins.made)
    return unknown("No address of the data is given.")
