"""Judge whether the precision of the computation is explicit."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.determinism import Determinism
from repro_audit.facts.kind import training_calls
from repro_audit.facts.precision import Precision


def det_precision_stated(repo: Repository) -> Verdict:
    """Types of numbers, mixed precision and TF32 are chosen in code, configuration or words."""
    frameworks = repo.fact(Determinism).frameworks
    if not frameworks:
        return not_applicable("No framework for neural networks is imported.")
    found = repo.fact(Precision)
    fix = 'Say it where the trainer is made: Trainer(precision="32-true"), and in the README'
    if found.stated:
        return passed("The precision is explicit.", *found.stated)
    if found.open:
        return partial(
            "The precision depends on a flag, or on what is loaded.", *found.open, fix=fix
        )
    training = training_calls(repo)
    if not training:
        return nothing_trained(repo)
    seen = [call.evidence("trains with the precision that is default") for call in training[:3]]
    return failed("Nothing says in which precision is computed.", *seen, *frameworks, fix=fix)
