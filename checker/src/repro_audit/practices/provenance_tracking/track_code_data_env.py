"""Judge whether a run's record names code, data and environment."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.identity import ALL, Identity
from repro_audit.facts.kind import training_calls


def track_code_data_env(repo: Repository) -> Verdict:
    """Code on the way of training records the commit, the data's identity and the packages."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    found = repo.fact(Identity)
    always = [part for part in found.parts if not part.optional]
    kinds = {part.kind for part in always}
    missing = [kind for kind in ALL if kind not in kinds]
    seen = [part.evidence for kind in ALL for part in found.of(kind) if not part.optional]
    asked = [
        Evidence(part.evidence.path, part.evidence.line, f"{part.evidence.message}, when asked to")
        for part in found.parts
        if part.optional
    ]
    if not missing:
        return passed("Each run records its code, data and environment.", *seen)
    fix = f"Record also: {', '.join(missing)} (commit, digest of the data, digest of the lock)"
    if seen or asked:
        said = f"The record of a run leaves out by default: {', '.join(missing)}."
        return partial(said, *seen, *asked, fix=fix)
    bare = [call.evidence("trains, and nothing says with what") for call in trains[:5]]
    return failed("Runs record neither code nor data nor environment.", *bare, fix=fix)
