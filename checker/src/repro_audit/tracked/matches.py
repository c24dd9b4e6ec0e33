"""Which run a claimed number comes from: by its name where the store has it, else by its value."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import fmean, pstdev, stdev
from typing import TYPE_CHECKING

from repro_audit.tracked.needs import SEED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from repro_audit.tracked.claims import Claim
    from repro_audit.tracked.store import Store, StoredRun

FOUND, UNKNOWN, MISSING = "found", "unknown", "missing"
# A number of two digits lies in any store somewhere: its value alone tells nothing.
FEWEST_DIGITS = 3
MOST_SERIES = 500
WORD = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True)
class Value:
    """One number of the store: of one run, or of several when it is a mean or a deviation."""

    number: float
    name: str
    runs: tuple[str, ...]
    kind: str = "metric"

    @property
    def words(self) -> frozenset[str]:
        """The words of its name."""
        return words(self.name)


@dataclass(frozen=True)
class Match:
    """A claim and where it comes from; `near` is the closest number of its name, if none is it."""

    claim: Claim
    state: str
    values: tuple[Value, ...] = ()
    near: Value | None = None

    @property
    def by_name(self) -> bool:
        """Whether the name agrees and not the value alone."""
        return bool(self.values) and self.values[0].words <= words(self.claim.name)


def words(name: str) -> frozenset[str]:
    """Return the words of a name; `val_loss`, `val/loss` and `Val loss` have the same."""
    return frozenset(WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))


@dataclass
class Values:
    """All numbers of a store in order, so that each claim is looked up and not compared."""

    listed: list[Value]
    numbers: list[float] = field(init=False)
    by_name: dict[frozenset[str], list[Value]] = field(init=False)

    def __post_init__(self) -> None:
        """Sort, and index by name."""
        self.listed.sort(key=lambda value: value.number)
        self.numbers = [value.number for value in self.listed]
        self.by_name = defaultdict(list)
        for value in self.listed:
            self.by_name[value.words].append(value)

    def held_by(self, claim: Claim) -> Iterator[Value]:
        """Yield the numbers that round to a claim."""
        middle, half = float(claim.value), float(claim.step)
        in_percent = claim.percent or "%" in claim.name
        for scale in (1.0, 100.0) if in_percent else (1.0,):
            low = bisect_left(self.numbers, (middle - half) / scale)
            high = bisect_right(self.numbers, (middle + half) / scale)
            for value in self.listed[low:high]:
                if claim.holds(value.number * scale):
                    yield value

    def named(self, claim: Claim) -> list[Value]:
        """Return the numbers whose name is in that of the claim; of several the longest name."""
        own = words(claim.name)
        names = [name for name in self.by_name if name and name <= own]
        longest = max(map(len, names), default=0)
        return [value for name in names if len(name) == longest for value in self.by_name[name]]


def values_of(runs: Sequence[StoredRun]) -> Iterator[Value]:
    """Yield the last value of every metric, every parameter that is a number, and means."""
    for run in runs:
        for name, number in run.metrics.items():
            if math.isfinite(number):
                yield Value(number, name, (run.run_id,))
        for name, text in run.params.items():
            try:
                number = float(text)
            except ValueError:
                continue
            if math.isfinite(number):
                yield Value(number, name, (run.run_id,), "parameter")
    yield from means(runs)


def means(runs: Sequence[StoredRun]) -> Iterator[Value]:
    """Yield mean and deviations over the runs that differ in their seed alone."""
    groups: dict[tuple[object, ...], list[StoredRun]] = defaultdict(list)
    for run in runs:
        settings = {name: text for name, text in run.params.items() if not SEED.search(name)}
        groups[run.experiment, run.parent, tuple(sorted(settings.items()))].append(run)
    for group in groups.values():
        for name in {name for run in group for name in run.metrics}:
            members = [run for run in group if math.isfinite(run.metrics.get(name, math.nan))]
            if len(members) < 2:  # noqa: PLR2004 - a mean is of several
                continue
            idents = tuple(run.run_id for run in members)
            numbers = [run.metrics[name] for run in members]
            yield Value(fmean(numbers), name, idents, "mean")
            yield Value(stdev(numbers), name, idents, "standard deviation")
            yield Value(pstdev(numbers), name, idents, "standard deviation (of a population)")


def matched(claims: Sequence[Claim], runs: Sequence[StoredRun], store: Store) -> list[Match]:
    """Return for each claim where it comes from; earlier steps are asked for where need be."""
    known = Values(list(values_of(runs)))
    found = [match(claim, known) for claim in claims]
    if all(item.state == FOUND for item in found):
        return found
    earlier = Values(list(steps(runs, store)))
    return [again(item, earlier) for item in found]


def match(claim: Claim, known: Values) -> Match:
    """Look one claim up."""
    held = [value for value in known.held_by(claim) if ("deviation" in value.kind) == claim.spread]
    named = known.named(claim)
    if named:
        names = {value.name for value in named}
        right = [value for value in held if value.name in names]
        if right:
            return Match(claim, FOUND, tuple(sorted(right, key=plainest)))
        alike = [value for value in named if ("deviation" in value.kind) == claim.spread]
        near = min(alike, key=lambda v: abs(v.number - float(claim.value)), default=None)
        return Match(claim, MISSING, (), near)
    if digits(claim) < FEWEST_DIGITS:
        return Match(claim, UNKNOWN, ())
    return Match(claim, FOUND if held else MISSING, tuple(sorted(held, key=plainest)))


def again(item: Match, earlier: Values) -> Match:
    """Look a claim that was not found up among the earlier steps."""
    if item.state != MISSING or item.claim.spread:
        return item
    right = [
        value for value in earlier.held_by(item.claim)
        if item.near is None or value.name == item.near.name
    ]  # fmt: skip
    return Match(item.claim, FOUND, tuple(right)) if right else item


def steps(runs: Sequence[StoredRun], store: Store) -> Iterator[Value]:
    """Yield the earlier values of the metrics, of so many series as are asked for at most."""
    series = [(run.run_id, name) for run in runs for name in run.metrics]
    if len(series) > MOST_SERIES:
        store.notes.append(f"earlier steps were looked at in {MOST_SERIES} of {len(series)} series")
    for ident, name in series[:MOST_SERIES]:
        points = store.history(ident, name)
        if len(points) > 1:
            for step, number in points[:-1]:
                if math.isfinite(number):
                    yield Value(number, name, (ident,), f"step {step}")


def plainest(value: Value) -> tuple[bool, bool, str]:
    """Order what a claim may be: a metric of one run before a mean, that before a parameter."""
    return value.kind == "parameter", len(value.runs) > 1, value.name


def digits(claim: Claim) -> int:
    """Count the significant digits of a claim."""
    return len(claim.value.as_tuple().digits) if claim.value else 1


def unmatched(items: Iterable[Match]) -> int:
    """Count the claims that no run has."""
    return sum(item.state == MISSING for item in items)
