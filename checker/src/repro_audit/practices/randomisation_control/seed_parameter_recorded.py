"""Judge whether the seed is a parameter."""

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
from repro_audit.facts.absent import only_infers
from repro_audit.facts.consistency import Consistency
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.worth import State, Value

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call


def seed_parameter_recorded(repo: Repository) -> Verdict:
    """The seed that is really used can be set without editing code."""
    if only_infers(repo):
        return not_applicable("Nothing is trained here; finished weights are loaded.")
    found = repo.fact(Randomness)
    main = found.main()
    if not main and not found.hidden:
        return not_applicable("No entry point draws random numbers.")
    used: list[tuple[Call, Value]] = [(item.call, item.value) for item in found.seedings()]
    used = used or [pair for path in main for pair in path.own]
    fix = "Read the seed from the configuration or a --seed flag, and log it with the run"
    if not used:
        drawn = [evidence for path in main for _, evidence in path.draws.values()]
        drawn += [evidence for path in main for evidence in path.loose]
        if not drawn:
            return unknown("No draw and no seed is visible.", *found.hidden)
        return failed("No seed is set, so none can be chosen.", *drawn, fix=fix)
    fixed = [
        call.evidence("the seed is written in the code")
        for call, value in used
        if value.state is State.FIXED and not value.setting
    ]
    chosen = [
        evidence
        for call, value in used
        if value.setting
        for evidence in (
            Evidence(value.path, value.line, f"the seed is set by {value.setting}"),
            call.evidence("and is used here"),
        )
    ]
    clashes = repo.fact(Consistency).seeds
    if chosen and clashes:
        return partial("The README and the settings name different seeds.", *clashes[0])
    if chosen and len(fixed) * 2 <= len(used):
        return passed("The seed is a parameter of the run.", *chosen)
    if fixed:
        return failed("The seed in use is a constant of the code.", *fixed, fix=fix)
    seen = [call.evidence("seeds here") for call, _ in used]
    return unknown("Where the seed comes from cannot be resolved by reading.", *seen)
