"""Judge whether explicit generators and keys are used as they are meant to be."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.localrng import KEYS, LocalGenerators
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.sources import GENERATORS


def seed_local_generators(repo: Repository) -> Verdict:
    """Generators are made once, from a seed; keys are split and used once."""
    found = repo.fact(LocalGenerators)
    bad = [*found.loose, *found.repeated]
    fix = "Make one generator from the seed, and pass it on; split a key before each draw"
    if bad and found.seeded:
        return partial("Some generators are open, made again or used twice.", *bad, fix=fix)
    if bad:
        return failed("Generators are open, made again or used twice.", *bad, fix=fix)
    if found.unclear:
        return unknown("The seed of a generator cannot be resolved by reading.", *found.unclear)
    if found.seeded:
        return passed("Each generator is made once, from a seed.", *found.seeded)
    idle = [
        call.evidence(f"{call.name} stands where no entry point leads")
        for call in repo.fact(PythonIndex).calls(*GENERATORS, *KEYS)
    ]
    if idle:
        return unknown("Generators are made where no entry point leads.", *idle[:5])
    return not_applicable("No code makes a generator or key of its own.")
