"""Judge whether code of others is identified."""

from __future__ import annotations

from repro_audit import (
    Evidence,
    Repository,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
)
from repro_audit.facts.quoting import quoted
from repro_audit.facts.thirdparty import Submodule, ThirdParty, Vendored


def third_party_code_pinned(repo: Repository) -> Verdict:
    """Submodules have a commit that others can fetch; borrowed code names origin and version."""
    found = repo.fact(ThirdParty)
    if not found.any:
        return not_applicable("No submodule, borrowed folder or passage of others stands here.")
    good: list[Evidence] = []
    half: list[Evidence] = []
    bad = list(found.siblings)
    for item in found.submodules:
        submodule(item, good, half)
    for folder in found.vendored:
        vendored(folder, good, half, bad)
    for passage in found.passages:
        (good if passage.fixed else half).append(passage.evidence)
    fix = "Name origin, commit, licence and changes beside borrowed code"
    if not bad and not half:
        return passed("Code of others names its origin and version.", *good)
    if not good and not half:
        return failed("Code of others cannot be identified.", *bad, fix=fix)
    return partial("Some code of others lacks origin or version.", *bad, *half, fix=fix)


def submodule(item: Submodule, good: list[Evidence], half: list[Evidence]) -> None:
    """Sort one submodule."""
    if item.commit is None:
        message = f"{item.path} has a commit that only the repository itself shows, not a download"
        half.append(Evidence(".gitmodules", item.line, message))
    elif item.url.startswith(("https://", "http://")):
        message = f"{item.path} is fixed at {item.commit[:12]}"
        good.append(Evidence(".gitmodules", item.line, message))
    else:
        message = (
            f"{item.path} is fixed, and its address {quoted(item.url)} is not open to everybody"
        )
        half.append(Evidence(".gitmodules", item.line, message))


def vendored(
    item: Vendored, good: list[Evidence], half: list[Evidence], bad: list[Evidence]
) -> None:
    """Sort one borrowed folder."""
    if item.origin is not None and item.licence is not None:
        good += [item.origin, Evidence(item.licence, 1, "the licence of the borrowed code")]
    elif item.origin is not None:
        half.append(item.origin)
    elif item.licence is not None:
        half.append(Evidence(item.licence, 1, "a licence, and no origin or version"))
    else:
        bad.append(Evidence(item.first, 1, f"{item.path} says neither whose it is nor which one"))
