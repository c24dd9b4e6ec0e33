"""Judge whether somebody answers for the code."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, passed


def lab_contact(repo: Repository) -> Verdict:
    """A file CONTACT holds a name."""
    if (repo.text("CONTACT") or "").strip():
        return passed("A person is named.", Evidence("CONTACT", 1, "the first line"))
    return failed("Nobody is named.", Evidence(".", 0, "no CONTACT with a name"))
