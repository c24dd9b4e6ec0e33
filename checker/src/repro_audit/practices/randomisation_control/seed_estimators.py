"""Judge whether random estimators and splitters get a seed."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.components import Components


def seed_estimators(repo: Repository) -> Verdict:
    """Each estimator and splitter that draws is given a seed, or follows a seeded state."""
    found = repo.fact(Components)
    fix = "Give each of them random_state=SEED, with the seed from the configuration"
    if found.loose:
        some = bool(found.seeded)
        summary = "Some random components have no seed." if some else "Random components have none."
        return (partial if some else failed)(summary, *found.loose, fix=fix)
    if found.unclear:
        return unknown(
            "Whether a component draws, or gets its seed, depends on what reading cannot see.",
            *found.unclear,
        )
    if found.seeded:
        return passed("Each random component has a seed.", *found.seeded)
    if found.quiet:
        return not_applicable(
            "The components in use draw nothing with these arguments.", *found.quiet
        )
    if found.unreached:
        return unknown(
            "Random components are made in functions that no entry point reaches.",
            *found.unreached[:5],
        )
    return not_applicable("No component with a random_state is used.")
