"""Judge whether what cannot be repeated exactly is said."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.absent import no_learning
from repro_audit.facts.caveats import Caveats
from repro_audit.facts.determinism import Determinism
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.statements import looked_in


def det_residual_documented(repo: Repository) -> Verdict:
    """A document says what may differ between two runs or machines, and by how much."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    chance = repo.fact(Randomness)
    if not (chance.main() or chance.hidden or repo.fact(Determinism).frameworks):
        return not_applicable("Nothing here draws random numbers or computes on accelerators.")
    found = repo.fact(Caveats)
    fix = "Write what may differ, on which machines, and the spread over repeated equal runs"
    if found.sized:
        return passed("What may differ is said, with its size.", *found.sized, *found.plain)
    if found.plain:
        return partial("That results may differ is said, not by how much.", *found.plain, fix=fix)
    seen = looked_in(repo, "nothing about what may differ between two runs")
    return failed("What cannot be repeated exactly is not said.", seen, fix=fix)
