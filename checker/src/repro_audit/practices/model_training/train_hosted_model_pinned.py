"""Judge whether hosted models are named exactly, and their replies kept."""

from __future__ import annotations

from repro_audit import (
    Evidence,
    Repository,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.facts.hosted import Hosted


def train_hosted_model_pinned(repo: Repository) -> Verdict:
    """Each call names a dated snapshot and its sampling, and the replies are written down."""
    hosted = repo.fact(Hosted)
    if not hosted.calls:
        return not_applicable("No hosted model is called.")
    fix = "Name the dated snapshot, give temperature and seed, and store every reply"
    if hosted.alias:
        judge = partial if hosted.dated else failed
        return judge(
            "A hosted model is called by a name that moves.", *hosted.alias, *hosted.dated, fix=fix
        )
    if hosted.unclear:
        return unknown("Which hosted model is called cannot be resolved.", *hosted.unclear)
    missing: list[Evidence] = [*hosted.unset]
    if not hosted.writers and not hosted.stored:
        missing += [
            Evidence(item.path, item.line, "nothing writes the replies down")
            for item in hosted.dated
        ]
    if missing:
        return partial(
            "The snapshot is named; sampling or replies are not kept.", *missing, fix=fix
        )
    return passed(
        "Snapshots are named, sampling is set, and replies are kept.",
        *hosted.dated,
        *hosted.stored,
        *hosted.writers,
    )
