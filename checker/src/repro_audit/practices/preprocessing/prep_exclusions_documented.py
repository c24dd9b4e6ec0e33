"""Judge whether left-out samples are documented."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.declarations import Declarations
from repro_audit.facts.origins import Origins
from repro_audit.facts.python import PythonIndex

FILTERS = ("*.dropna", "*.drop_duplicates", "*.query", "*.isin")
STATED = (
    r"\b(exclud|remov|filter|discard|dropp|left out)\w*\b.{0,80}\b\d+|"
    r"\b\d[\d,.]*\b.{0,60}\b(excluded|removed|filtered|discarded|dropped|left out)\b"
)


def prep_exclusions_documented(repo: Repository) -> Verdict:
    """Filters, their reasons and the number of samples that they take out are written down."""
    said = repo.fact(Declarations)
    filters = [
        call.evidence(f"{call.method} leaves rows out")
        for call in repo.fact(PythonIndex).calls(*FILTERS)
        if not call.name.startswith("numpy.")  # numpy.isin only asks
    ]
    if not (filters or repo.fact(Origins).any):
        return not_applicable("The code reads no data.")
    left = [item.at("left open") for item in said.titled(r"exclu|filter") if item.hollow]
    if left:
        fix = "List each filter, its reason and how many samples it takes out"
        return failed("The place for exclusions is left open.", *left, fix=fix)
    stated = list(said.saying(STATED))
    if stated:
        return passed("Exclusions are stated with their numbers.", *stated)
    if filters:
        return unknown("Rows are left out; whether that matters is for a person.", *filters)
    return unknown("No filter is seen; one may hide in a loader or a query.")
