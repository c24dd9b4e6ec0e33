"""The runs of one verification: a reference, an equal run, and one run for each variation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from repro_audit.verify.compare.difference import Difference
from repro_audit.verify.conditions import VARIATIONS, Condition
from repro_audit.verify.looks import comparison
from repro_audit.verify.plan import APART, CONTROL, SEED
from repro_audit.verify.together import Combined, together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repro_audit.verify.conditions import Setting
    from repro_audit.verify.lab import Lab, Run

FAILED = "<exit>"
AGAIN = 3


@dataclass(frozen=True)
class Outcome:
    """How the run of one variation came out beside the reference."""

    name: str
    told: str
    differences: tuple[Difference, ...]
    condition: Condition
    seconds: float = 0.0
    failed: str = ""
    failed_at: tuple[str, int] | None = None

    @property
    def equal(self) -> bool:
        """Whether no output differs in what it holds."""
        return not self.failed and all(item.same for item in self.differences)

    @property
    def within(self) -> bool:
        """Whether what differs stays within the declared tolerances."""
        return not self.failed and all(item.same or item.within for item in self.differences)


@dataclass(frozen=True)
class Skip:
    """A variation that this machine cannot make, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Cause:
    """Why a variation moves the result, and where in the code."""

    variation: str
    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Findings:
    """Everything that a verification has found."""

    base: Condition
    reference: Run
    outcomes: tuple[Outcome, ...] = ()
    skipped: tuple[Skip, ...] = ()
    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = ()
    combined: Combined | None = None

    @property
    def counted(self) -> tuple[Outcome, ...]:
        """The variations that speak of equality."""
        return tuple(item for item in self.outcomes if item.name not in APART)

    @property
    def equal(self) -> bool:
        """Whether every run that counts came out equal."""
        apart = self.combined is None or self.combined.equal
        return not self.reference.failed and apart and all(item.equal for item in self.counted)

    @property
    def within(self) -> bool:
        """Whether every run that counts stayed within the tolerances."""
        apart = self.combined is None or self.combined.equal
        return not self.reference.failed and apart and all(item.within for item in self.counted)

    @property
    def failed(self) -> bool:
        """Whether a run that counts failed."""
        return self.reference.failed or any(item.failed for item in self.counted)


def experiment(lab: Lab, say: Callable[[str], None]) -> Findings:
    """Make the runs one after the other; `say` is told what is being done."""
    plan = lab.plan
    base = lab.base()
    say("reference")
    reference = lab.run(base)
    offline: Run | None = None
    if reference.failed and not base.network and "network" in plan.vary:
        # What is downloaded is part of the result's conditions: say so, and go on with a network.
        say("reference, with the network")
        online = lab.run(replace(base, network=True))
        if not online.failed:
            offline = reference
            base, reference = replace(base, network=True), online
    if reference.failed:
        return Findings(base, reference)
    setting = lab.setting(base)
    outcomes: list[Outcome] = []
    skipped: list[Skip] = []
    for name in plan.vary:
        condition = VARIATIONS[name](setting)
        if isinstance(condition, str):
            skipped.append(Skip(name, condition))
            continue
        say(f"{name}: {condition.told}")
        if name == "network" and offline is not None:
            outcome = failure(name, condition, offline)
        else:
            run = lab.run(condition, other_seed=name == SEED and setting.seed_in_command)
            outcome = judged(lab, name, condition, reference, run)
            lab.forget(run)
        outcomes.append(outcome)
    outcomes = again(lab, reference, outcomes, say)
    found = Findings(base, reference, tuple(outcomes), tuple(skipped), notes=notes(lab, outcomes))
    return replace(found, combined=all_at_once(lab, setting, found, say))


def again(
    lab: Lab,
    reference: Run,
    outcomes: list[Outcome],
    say: Callable[[str], None],
) -> list[Outcome]:
    """Repeat an equal run that came out equal beside others that did not: it may have been luck."""
    by_name = {item.name: item for item in outcomes}
    moved = [item for item in outcomes if item.name not in {*APART, CONTROL} and not item.equal]
    if CONTROL not in by_name or not by_name[CONTROL].equal or not moved:
        return outcomes
    condition = by_name[CONTROL].condition
    for number in range(AGAIN):
        say(f"{CONTROL} again, {number + 1} of {AGAIN}")
        run = lab.run(condition)
        outcome = judged(lab, CONTROL, condition, reference, run)
        lab.forget(run)
        if not outcome.equal:
            return [outcome if item.name == CONTROL else item for item in outcomes]
    return outcomes


def all_at_once(
    lab: Lab, setting: Setting, found: Findings, say: Callable[[str], None]
) -> Combined | None:
    """Make the variations at once where each alone was harmless; None where one was not."""
    names = [item.name for item in found.counted if item.name != CONTROL]
    if not found.equal or len(names) < 2:  # noqa: PLR2004 - one alone was tried
        return None

    def differs(condition: Condition) -> bool:
        say(f"together: {condition.told}")
        run = lab.run(condition)
        outcome = judged(lab, "together", condition, found.reference, run)
        lab.forget(run)
        return not outcome.equal

    return together(setting, names, differs)


def failure(name: str, condition: Condition, run: Run) -> Outcome:
    """Describe a run that failed under a variation."""
    said = Difference(FAILED, f"the run failed: {run.reason}")
    seconds = run.ended.seconds
    return Outcome(name, condition.told, (said,), condition, seconds, run.reason, run.failed_at)


def judged(lab: Lab, name: str, condition: Condition, reference: Run, run: Run) -> Outcome:
    """Compare a run with the reference."""
    if run.failed:
        return failure(name, condition, run)
    found = comparison(lab, name).compare(reference.written, run.written)
    return Outcome(name, condition.told, found, condition, run.ended.seconds)


def notes(lab: Lab, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Say what a reader should know of how the runs were made."""
    found: list[str] = []
    if not lab.tools.bubblewrap:
        found.append(
            "The runs were not isolated: bubblewrap is not installed or may make no namespaces "
            "here. The command had the rights of your account."
        )
    if lab.source.changed:
        first, more = lab.source.changed[0], len(lab.source.changed) - 1
        others = f" and {more} more" if more else ""
        found.append(f"What ran is the commit: {first}{others} changed since and was left out.")
    by_name = {item.name: item for item in outcomes}
    seeded = by_name.get(SEED)
    if seeded is not None and not seeded.failed and not seeded.differences:
        found.append(
            "The result does not react to the seed: it does not depend on random numbers, or the "
            "seed does not reach them."
        )
    return tuple(found)
