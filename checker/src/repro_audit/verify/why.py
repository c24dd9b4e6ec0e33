"""Looks for causes by experiment: puts the values of one run into another, place by place.

Two traced runs part at some place in the code. If a third, in which that place is given the values
of the first, comes out equal to the first, then the place is the cause; else it was harmless, such
as the time in a log, and the search goes on behind it. Generators that were never seeded are held
at their first state in the same way. What is named has been tried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from repro_audit.verify import wording
from repro_audit.verify.experiment import Cause
from repro_audit.verify.looks import comparison
from repro_audit.verify.plan import APART, CONTROL
from repro_audit.verify.traces import Parting, Traced, parting, read_trace, unsteady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from repro_audit.verify.conditions import Condition
    from repro_audit.verify.experiment import Findings, Outcome
    from repro_audit.verify.lab import Lab, Run

MOST_RUNS = 14
HELD = "held:"
TRIES = 2
A_MINUTE_LATER, A_SECOND = "+61", 1.1


@dataclass(frozen=True)
class Tried:
    """A run in which some places were given earlier values; `moved` is how it differs."""

    trace: tuple[Traced, ...]
    moved: frozenset[tuple[str, str]]
    failed: bool

    @property
    def equal(self) -> bool:
        """Whether it came out like the first."""
        return not self.moved and not self.failed


@dataclass
class Search:
    """The search for the causes of one verification."""

    lab: Lab
    base: Condition
    say: Callable[[str], None]
    first: Run | None = None
    trace: tuple[Traced, ...] = ()
    noise: frozenset[str] = frozenset()
    left: int = field(default=MOST_RUNS)

    def begin(self) -> bool:
        """Make the first traced runs; False when tracing is not possible."""
        self.say("traced reference")
        self.first = self.lab.run(self.base, orders={})
        self.trace = read_trace(self.first.trace)
        if self.first.failed or not any(process.places for process in self.trace):
            return False
        self.noise = unsteady(self.trace, self.tried(self.base, ()).trace)
        return True

    def tried(self, condition: Condition, fixed: Iterable[str]) -> Tried:
        """Make a traced run with some places held, and compare it with the first."""
        self.left -= 1
        assert self.first is not None  # noqa: S101 - begin() was called
        held = sorted(item.removeprefix(HELD) for item in fixed if item.startswith(HELD))
        places = sorted(item for item in fixed if not item.startswith(HELD))
        orders = {"held": held, "places": places, "earlier": str(self.first.trace)}
        run = self.lab.run(condition, orders=orders)
        found = comparison(self.lab).compare(self.first.written, run.written)
        moved = frozenset((item.path, item.what) for item in found if not item.same)
        trace = read_trace(run.trace)
        self.lab.forget(run)
        return Tried(trace, moved, run.failed)

    def explain(
        self, name: str, condition: Condition, known: frozenset[str]
    ) -> tuple[list[Cause], frozenset[str]]:
        """Return the causes of one variation, beyond those that are `known`, and what was held."""
        self.left = MOST_RUNS
        self.say(f"looking for the cause: {name}")
        condition = self.apart(name, condition)
        run = self.tried(condition, known)
        for _ in range(TRIES if name == CONTROL else 0):
            # What differs by chance may come out the same once.
            run = self.tried(condition, known) if run.equal else run
        if run.equal:
            return [], known
        added: list[str] = []
        seen: dict[str, Parting] = {}
        if name == CONTROL:
            added = [HELD + source for source in self.unseeded()]
            run = self.tried(condition, known | {*added}) if added else run
        while not run.equal and self.left > 0:
            found = self.next_places(name, run, known | {*added})
            if not found:
                break
            seen |= {item.place.key: item for item in found}
            added += [item.place.key for item in found]
            run = self.tried(condition, known | {*added})
        if run.equal:
            added = self.needed(condition, known, added)
            return [self.cause(name, item, seen) for item in added], known | {*added}
        return self.guess(name, condition, seen, failed=run.failed), known | {*added}

    def apart(self, name: str, condition: Condition) -> Condition:
        """Keep an equal run away from the second of the first: times are often cut to seconds."""
        if name != CONTROL:
            return condition
        if self.lab.tools.faketime:
            return replace(condition, clock=A_MINUTE_LATER)
        time.sleep(A_SECOND)
        return condition

    def next_places(self, name: str, run: Tried, fixed: frozenset[str]) -> list[Parting]:
        """Return the next place at which the runs part; all reads of the clock at once."""
        harmless = frozenset() if name in (CONTROL, "clock") else self.noise
        found = parting(self.trace, run.trace, fixed | harmless)
        found = found or parting(self.trace, run.trace, fixed)
        if found is None:
            return []
        group = [found]
        if wording.reads_clock(found.place):
            skip = {*fixed, found.place.key}
            while other := parting(self.trace, run.trace, skip):
                skip.add(other.place.key)
                if wording.reads_clock(other.place):
                    group.append(other)
        return group

    def unseeded(self) -> dict[str, str]:
        """Return the sources of chance that were used before they were seeded, and where."""
        found: dict[str, str] = {}
        for process in self.trace:
            for source, place in process.chance:
                found.setdefault(source, place.key)
        return found

    def needed(self, condition: Condition, known: frozenset[str], added: list[str]) -> list[str]:
        """Leave out what may be let go without the runs parting again."""
        kept = list(added)
        for item in added:
            if len(kept) > 1 and self.left > 0:
                rest = [other for other in kept if other != item]
                if self.tried(condition, known | {*rest}).equal:
                    kept = rest
        return kept

    def cause(self, name: str, item: str, seen: dict[str, Parting]) -> Cause:
        """Describe one cause."""
        if item.startswith(HELD):
            source = item.removeprefix(HELD)
            for process in self.trace:
                for known, place in process.chance:
                    if known == source:
                        told = wording.of_chance(source, place)
                        return Cause(name, place.path, place.line, told)
        found = seen[item]
        told = wording.of_parting(name, found)
        return Cause(name, found.place.path, found.place.line, told)

    def guess(
        self, name: str, condition: Condition, seen: dict[str, Parting], *, failed: bool
    ) -> list[Cause]:
        """Name a file that is read again, or where the runs part first: not tried, and said so."""
        if name == "leftovers":
            run = self.lab.run(condition, orders={})
            before = {item.file for process in self.trace for item in process.opened if item.there}
            for process in read_trace(run.trace):
                for item in process.opened:
                    again = item.there and item.file not in before
                    if again and ("a" in item.mode or "r" in item.mode or "+" in item.mode):
                        self.lab.forget(run)
                        return [Cause(name, item.path, item.line, wording.of_leftover(item))]
            self.lab.forget(run)
        for key, found in () if failed else seen.items():
            if key not in self.noise or name == CONTROL:
                told = f"the runs part here first: {wording.of_parting(name, found)}"
                return [Cause(name, found.place.path, found.place.line, told)]
        return []


def causes(lab: Lab, findings: Findings, say: Callable[[str], None]) -> tuple[Cause, ...]:
    """Return why the variations that count came out unequal, with the place in the code."""
    unequal = [item for item in findings.outcomes if not item.equal and item.name not in APART]
    pair = findings.combined if findings.combined and not findings.combined.equal else None
    if not (unequal or pair) or not lab.plan.explain:
        return ()
    search = Search(lab, findings.base, say)
    if not search.begin():
        return tuple(unknown(item) for item in unequal)
    found: list[Cause] = []
    known: frozenset[str] = frozenset()
    control = next((item for item in unequal if item.name == CONTROL), None)
    if control is not None:
        own, known = search.explain(CONTROL, control.condition, known)
        found += [*clocks(own, search, known), *own]
        if not own:
            found.append(unknown(control))
    for outcome in unequal:
        if outcome.name == CONTROL:
            continue
        own, _ = search.explain(outcome.name, outcome.condition, known)
        found += own
        if not own and (control is None or outcome.failed):
            found.append(unknown(outcome))
    if pair is not None:
        own, _ = search.explain(pair.names[0], pair.condition, known)
        only = f"only together with {', '.join(pair.names[1:])}: "
        found += [replace(item, message=only + item.message) for item in own]
    return tuple(dict.fromkeys(found))


def clocks(own: list[Cause], search: Search, known: frozenset[str]) -> list[Cause]:
    """Name those causes of an unequal control that are reads of the clock under that name too."""
    places = {place.key: place for process in search.trace for place in process.places.values()}
    read = {
        (places[key].path, places[key].line)
        for key in known
        if key in places and wording.reads_clock(places[key])
    }
    return [
        Cause("clock", item.path, item.line, item.message)
        for item in own
        if (item.path, item.line) in read
    ]


def unknown(outcome: Outcome) -> Cause:
    """Say where the run failed, or that no place in the code is known."""
    if outcome.failed_at is not None:
        path, line = outcome.failed_at
        return Cause(outcome.name, path, line, f"the run fails here: {outcome.failed}")
    what = next((f"{d.path}: {d.what}" for d in outcome.differences if not d.same), outcome.failed)
    about = wording.CONDITIONS.get(outcome.name, outcome.name)
    told = f"the result depends on {about} ({what}); where it is read was not found"
    return Cause(outcome.name, "", 0, f"{told}: only Python code of the project can be watched")
