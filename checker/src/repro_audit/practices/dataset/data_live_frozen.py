"""Judge whether live sources are stored as dated extracts."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.live import DATED, live_calls
from repro_audit.facts.origins import Origins
from repro_audit.facts.python import PythonIndex


def data_live_frozen(repo: Repository) -> Verdict:
    """What a service or database answered is stored with its date."""
    calls = [item.evidence(f"{item.name} asks a live source") for item in live_calls(repo)]
    if not any(True for _ in repo.fact(PythonIndex).live()):
        return unknown("There is no Python code, and other languages are not read.")
    if not calls:
        return not_applicable("The code asks no service, scraper or database for data.")
    stored = repo.fact(Origins).stored
    dated = [item for item in stored if DATED.search(item.path)]
    fix = "Store the answer as a dated file with its query, and train from that file"
    if dated:
        return passed("A dated extract is stored.", *dated)
    if stored:
        return partial("An extract is stored, without a date.", *stored, *calls, fix=fix)
    return failed("A live source is asked, and no answer is stored.", *calls, fix=fix)
