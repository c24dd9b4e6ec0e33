"""Judge whether anything depends on the hashes of strings, and whether these are fixed."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.hashing import Hashing


def seed_hash(repo: Repository) -> Verdict:
    """Nothing depends on hashes of strings, or PYTHONHASHSEED is set before Python starts."""
    found = repo.fact(Hashing)
    fix = "Sort before the order is used; or set PYTHONHASHSEED where Python is started"
    if found.fixed:
        return passed("PYTHONHASHSEED is set before Python starts.", *found.fixed)
    if found.late:
        return failed(
            "PYTHONHASHSEED is set inside the program, where it comes too late.",
            *found.late,
            *found.hashed,
            *found.ordered,
            fix=fix,
        )
    if found.hashed:
        return failed("Hashes are used and not fixed.", *found.hashed, *found.ordered, fix=fix)
    if found.ordered:
        return unknown(
            "The order of a set is used; with strings in it, it differs between processes.",
            *found.ordered,
            fix=fix,
        )
    return not_applicable("No code that is reached uses hash() or the order of a set.")
