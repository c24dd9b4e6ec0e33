"""Judge whether the terms of the data are stated."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.declarations import Declarations, terms_files
from repro_audit.facts.origins import Origins

TERMS = (
    r"\blicen[cs]ed?\b|\bterms of use\b|\bcc[- ]?(by|0)\b|\bcreative commons\b|\bpublic domain\b|"
    r"\bodbl\b|\bpddl\b|research (use|purposes) only|non-?commercial|\bredistribut"
)


def data_licence(repo: Repository) -> Verdict:
    """The licence or terms of the data are written down; silence is never judged."""
    origins, said = repo.fact(Origins), repo.fact(Declarations)
    if not origins.any:
        return not_applicable("The code reads no data.")
    described = repo.fact(Croissant).saying("license", "usageInfo", "conditionsOfAccess")
    stated = [*terms_files(repo), *said.saying(TERMS), *described]
    fix = "Write the licence or terms of each data set beside its address"
    if stated:
        return passed("Terms of the data are stated.", *stated)
    left = [
        item.at(f"the section {item.heading.text!r} is left open")
        for item in said.titled(r"licen[cs]|terms|ethic|consent")
        if item.hollow
    ]
    if left:
        return failed("The place for the terms of the data is left open.", *left, fix=fix)
    return unknown("Nothing is said of the terms of the data, and silence is not judged.", fix=fix)
