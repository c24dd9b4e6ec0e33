"""Judge whether closed data has a way to it and a stand-in."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.declarations import Declarations
from repro_audit.facts.origins import Origins

CLOSED = (
    r"\b(up)?on (reasonable )?request\b|\bnot (be )?(publicly|openly) (available|shared)\b|"
    r"\bcannot be (shared|released|published)\b|\bdata use agreement\b|\bDUA\b|"
    r"\bcontrolled[- ]access\b|\bcredentialed\b|\brequest access\b|\bmust not be redistributed\b"
)
ROUTE = r"https?://|[\w.+-]+@[\w-]+\.\w+"
STAND_IN = re.compile(r"sample|synthetic|dummy|example|mock|fake|toy|demo", re.IGNORECASE)


def data_restricted_path(repo: Repository) -> Verdict:
    """Closed data names whom to ask, and a sample or generator stands in for it."""
    origins, said = repo.fact(Origins), repo.fact(Declarations)
    closed = list(said.saying(CLOSED))
    if not closed:
        if origins.reads and not (origins.fetched or origins.shown or origins.stored):
            return unknown("Whether the data is closed is not visible.")
        return not_applicable("No data is said to be closed, and all of it can be had.")
    routes = [item for item in said.saying(ROUTE) if item.path in {seen.path for seen in closed}]
    stands = [item for item in origins.stored if STAND_IN.search(item.path)]
    stands += [item for item in origins.made if STAND_IN.search(item.message)]
    fix = "Name the form or person to ask, and ship a synthetic file that the code runs on"
    if routes and stands:
        return passed("Closed data has a route and a stand-in.", *routes, *stands)
    if routes or stands:
        summary = "Closed data has only one of a route and a stand-in."
        return partial(summary, *routes, *stands, *closed, fix=fix)
    return failed("Closed data has neither a route nor a stand-in.", *closed, fix=fix)
