"""Judge whether what others trained or wrote is fixed to a version."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.hub import Hold, HubLoads


def train_base_weights_pinned(repo: Repository) -> Verdict:
    """Each load from a hub and each dependency from git names a commit, a tag or a digest."""
    loads = repo.fact(HubLoads).loads
    if not loads:
        return not_applicable("Nothing pre-trained and no code of others is loaded.")
    open_doors = [
        item.evidence for item in loads if item.remote_code and item.hold is not Hold.FIXED
    ]
    fix = "Give revision= (a commit), a tagged name, or check the digest"
    if open_doors:
        return failed("Code from a moving branch of a hub is run.", *open_doors, fix=fix)
    fixed = [item.evidence for item in loads if item.hold is Hold.FIXED]
    loose = [item.evidence for item in loads if item.hold is Hold.LOOSE]
    rest = [item.evidence for item in loads if item.hold in {Hold.UNCLEAR, Hold.LOCAL}]
    if loose:
        judge = partial if fixed else failed
        return judge("Weights or code of others may change unnoticed.", *loose, fix=fix)
    if rest:
        return unknown("Whether what is loaded is fixed cannot be resolved by reading.", *rest)
    return passed("Everything that others trained or wrote is fixed.", *fixed)
