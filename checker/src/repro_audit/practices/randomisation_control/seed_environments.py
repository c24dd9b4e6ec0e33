"""Judge whether environments to learn in are seeded and pinned."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.simulators import Simulators


def seed_environments(repo: Repository) -> Verdict:
    """Each environment gets a seed, its actions too, and the simulator has an exact version."""
    found = repo.fact(Simulators)
    if not found.imports:
        return not_applicable("No package of environments or simulators is imported.")
    fix = "env.reset(seed=cfg.seed) once, env.action_space.seed(cfg.seed), and an exact version"
    if found.seeded:
        spaces = any("action_space" in item.message for item in found.seeded)
        open_ends = [*found.floating, *(() if spaces else found.sampled)]
        if open_ends:
            return partial("Environments are seeded, and something is left.", *open_ends, fix=fix)
        return passed("The environments are seeded.", *found.seeded)
    if found.optional:
        return partial("Environments have a seed only when one is given.", *found.optional, fix=fix)
    if found.unclear:
        return unknown("The seed of an environment cannot be resolved.", *found.unclear)
    if found.made:
        return failed("Environments are made and never seeded.", *found.made, fix=fix)
    return unknown("Environments are used in a way that reading cannot follow.", *found.imports)
