"""Judge whether deterministic kernels are requested."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.absent import only_infers
from repro_audit.facts.determinism import Determinism


def det_framework(repo: Repository) -> Verdict:
    """The framework is told to use deterministic operations."""
    if only_infers(repo):
        return not_applicable("Nothing is trained here; finished weights are loaded.")
    found = repo.fact(Determinism)
    if not found.frameworks:
        return not_applicable("No framework that computes on accelerators is imported.")
    fix = "torch.use_deterministic_algorithms(True), or Trainer(deterministic=True)"
    if found.on and not found.against:
        return passed("Deterministic operations are requested.", *found.on)
    if found.on:
        return partial(
            "Deterministic operations are requested, and something undoes it.",
            *found.against,
            *found.on,
            fix=fix,
        )
    if found.offered:
        return partial(
            "Deterministic operations are offered and off by default.", *found.offered, fix=fix
        )
    if found.unclear:
        return unknown("Whether determinism is on cannot be resolved by reading.", *found.unclear)
    seen = found.against or found.frameworks
    return failed("Nothing asks the framework for deterministic operations.", *seen, fix=fix)
