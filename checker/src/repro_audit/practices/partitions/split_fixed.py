"""Judge whether the split can be made again."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained, only_infers
from repro_audit.facts.kind import training_calls
from repro_audit.facts.origins import Origins, left_to_user, stepped
from repro_audit.facts.randomness import Hold, Randomness
from repro_audit.facts.splits import Splits


def split_fixed(repo: Repository) -> Verdict:
    """Members of training, validation and test sets are stored or drawn with a fixed seed."""
    found = repo.fact(Splits)
    fix = "Give the splitting call its seed: train_test_split(..., random_state=cfg.seed)"
    if found.loose:
        several = bool(found.fixed)
        summary = (
            "Some splits are fixed and some are not."
            if several
            else "The split changes from run to run."
        )
        return (partial if several else failed)(summary, *found.loose, fix=fix)
    if found.unclear:
        return unknown("The seed of a split cannot be resolved by reading.", *found.unclear)
    if found.fixed:
        return passed("The split can be made again.", *found.fixed)
    if left_to_user(repo):
        return not_applicable("The package reads what its users give it, and parts nothing.")
    if stepped(repo):
        return not_applicable("An environment gives the experience; nothing is parted.")
    if only_infers(repo):
        return not_applicable("Nothing is trained here; finished weights are loaded.")
    if not training_calls(repo):
        return nothing_trained(repo)
    made = repo.fact(Origins)
    if made.made and not (made.outside or made.stored or made.reads) and seeded(repo):
        return passed("Data is made anew by code, from a fixed seed.", *made.made)
    return unknown(
        "Models are trained and no split is visible.",
        *(call.evidence("trains here") for call in training_calls(repo)[:3]),
    )


def seeded(repo: Repository) -> bool:
    """Say whether every path that trains has only seeded sources of numbers."""
    paths = repo.fact(Randomness).main()
    return bool(paths) and all(
        not path.loose and all(path.hold(name)[0] is Hold.SEEDED for name in path.draws)
        for path in paths
    )
