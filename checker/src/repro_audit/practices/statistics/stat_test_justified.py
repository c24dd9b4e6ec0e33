"""Judge whether statistical tests are named with level, design and correction."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import no_learning
from repro_audit.facts.inference import Inference


def stat_test_justified(repo: Repository) -> Verdict:
    """Documents name test, level, pairing or sides, and what is done about many comparisons."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    found = repo.fact(Inference)
    fix = "Name the test, alpha, pairing, sides, and the correction; give p-values in full"
    parts = {
        "the test": found.named,
        "the level": found.alpha,
        "pairing or sides": found.design,
        "how many comparisons are corrected for": found.corrected,
    }
    missing = [name for name, seen in parts.items() if not seen]
    seen = [items[0] for items in parts.values() if items]
    if not missing:
        return passed("Tests are named in full; whether they fit is for a reader.", *seen)
    if found.named and (found.called or found.claimed or found.alpha):
        return partial(f"A test is named, not said: {', '.join(missing)}.", *seen, fix=fix)
    if found.called:
        return partial(
            "The code tests a difference; no document names the test.", *found.called, fix=fix
        )
    if found.claimed:
        return failed("Significance is claimed, and no test is named.", *found.claimed, fix=fix)
    return unknown("No tested difference is seen; the authors say whether one is claimed.", *seen)
