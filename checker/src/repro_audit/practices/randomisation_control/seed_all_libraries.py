"""Judge whether every source of randomness is seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from repro_audit import lazyre as re
from repro_audit.facts.absent import only_infers
from repro_audit.facts.randomness import Hold, Path, Randomness
from repro_audit.facts.rcode import r_seeds
from repro_audit.facts.worth import State

if TYPE_CHECKING:
    from collections.abc import Iterable

# What these draw unseen comes from NumPy's source.
FROM_NUMPY = re.compile(r"(sklearn|imblearn|scipy|pandas|lightgbm|xgboost|catboost) ")
# These draw with a key that their caller makes, and have no source of their own.
WITH_KEYS = re.compile(r"(jax|flax) ")


def by_keys(found: Randomness) -> Verdict | None:
    """Judge code that only makes keys and hands them on to packages of JAX; None for any other."""
    keys = [item for path in found.paths for item in path.seedings if "jax" in item.libraries]
    if not keys or not all(WITH_KEYS.match(item.message) for item in found.hidden):
        return None
    changing = [item for item in keys if item.value.state is State.VARYING]
    if changing:
        seen = [
            item.call.evidence(f"{item.call.name} makes another key each time") for item in changing
        ]
        return failed("Packages of JAX draw with keys that change from run to run.", *seen)
    if any(item.value.state is not State.FIXED for item in keys):
        return None
    seen = [item.call.evidence(f"{item.call.name} makes a fixed key") for item in keys]
    return passed("Packages of JAX draw with the keys that they are given.", *seen)


def seed_all_libraries(repo: Repository) -> Verdict:
    """On the way of every entry point, each library that draws is seeded before it draws."""
    if (in_r := r_seeds(repo)) is not None:
        return in_r
    if only_infers(repo):
        return not_applicable("Nothing is trained here; finished weights are loaded.")
    found = repo.fact(Randomness)
    main = found.main()
    if not main:
        if (handed := by_keys(found)) is not None:
            return handed
        if found.hidden:
            return unknown(
                "No draw is visible, and a package that draws inside is imported.", *found.hidden
            )
        return not_applicable("No entry point draws random numbers.")
    good: list[Evidence] = []
    bad: list[Evidence] = []
    holds: set[Hold] = set()
    for path in main:
        for library in path.draws:
            judge(path, library, good, bad, holds)
        bad += path.loose
        good += [call.evidence(f"{call.name} carries its own seed") for call, _ in path.own]
    if not bad and not good:
        return unknown("Draws were found and no way to tell how they are seeded.", *found.hidden)
    fix = "Call the framework's seeding function first, with a seed from the configuration"
    if not bad:
        return passed("Every source of randomness is seeded before it is used.", *good)
    unresolved = holds <= {Hold.SEEDED, Hold.UNRESOLVED} and not any(path.loose for path in main)
    if unresolved:
        return unknown("The value of a seed cannot be resolved by reading.", *bad)
    fixed = fixed_seeds(main)
    # Layers of JAX draw with the key that they are given, unseen.
    keyed = "jax" in fixed
    unseen = "numpy" in fixed and any(FROM_NUMPY.match(item.message) for item in found.hidden)
    # What a training draws may be made by names that are looked up, and be seeded all the same.
    seeded = bool(fixed_seeds(p for p in found.paths if p.trains and not (p.draws or p.loose)))
    some = (
        keyed
        or unseen
        or seeded
        or bool(holds & {Hold.SEEDED, Hold.LATE, Hold.OPTIONAL, Hold.UNRESOLVED})
        or bool(good)
    )
    summary = (
        "Some randomness is not seeded by default."
        if some
        else "No source of randomness is seeded."
    )
    return (partial if some else failed)(summary, *bad, fix=fix)


def fixed_seeds(paths: Iterable[Path]) -> set[str]:
    """Return the libraries that get a fixed seed on some of the paths."""
    return {
        library
        for path in paths
        for seeding in path.seedings
        if seeding.value.state is State.FIXED
        for library in seeding.libraries
    }


def judge(
    path: Path, library: str, good: list[Evidence], bad: list[Evidence], holds: set[Hold]
) -> None:
    """Sort one library of one entry point into good and bad."""
    hold, seeding = path.hold(library)
    holds.add(hold)
    if hold is Hold.SEEDED and seeding is not None:
        worth = f" with {seeding.value.value}" if seeding.value.value is not None else ""
        good.append(seeding.call.evidence(f"{seeding.call.name} seeds {library}{worth}"))
        return
    drawn = path.draws[library][1]
    bad.append(
        Evidence(drawn.path, drawn.line, f"{drawn.message}, {hold.value} (from {path.entry})")
    )
    if seeding is not None:
        place = seeding.value
        bad.append(seeding.call.evidence(f"{library} is {hold.value}"))
        if place.path:
            bad.append(Evidence(place.path, place.line, f"the seed is {place.value!r} here"))
