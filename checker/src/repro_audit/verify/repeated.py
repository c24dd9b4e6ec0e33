"""A run of an MLflow store made again, and its metrics compared with those stored, step by step."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro_audit import __version__
from repro_audit.recording.environment import MASK
from repro_audit.render.words import safe
from repro_audit.running.record import SIGNED_IN
from repro_audit.verify import outputs
from repro_audit.verify.compare.numbers import left_out
from repro_audit.verify.compare.tracking import (
    Tracked,
    different_params,
    different_steps,
    is_store,
    read_database,
    read_folder,
)
from repro_audit.verify.orders import TRACKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_audit.verify.compare.numbers import Found
    from repro_audit.verify.lab import Lab, Run
    from repro_audit.verify.plan import Plan, Tolerance
    from repro_audit.verify.repeat import Repeat

SCHEMA = "repro-audit/repeat/v1"
SHOWN = 5


@dataclass(frozen=True)
class Compared:
    """One metric or parameter: how many steps it has, and what differs first; empty for nothing."""

    name: str
    kind: str
    steps: int
    what: str = ""
    within: bool = True

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.what


@dataclass(frozen=True)
class Repeated:
    """How a run came out that was made again; `failed` says why it did not, empty when it did."""

    of: Repeat
    compared: tuple[Compared, ...] = ()
    failed: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def equal(self) -> bool:
        """Whether all that was logged is the same."""
        return not self.failed and all(item.equal for item in self.compared)

    @property
    def within(self) -> bool:
        """Whether what differs stays within the declared tolerances."""
        return not self.failed and all(item.within for item in self.compared)


def make_again(lab: Lab, asked: Repeat) -> Repeated:
    """Make a run again in a fresh copy of its commit, tracked as it was, and compare."""
    began = time.time_ns()
    orders = {
        "tree": str(lab.base().tree), "began": began, "run": "repeat",
        "track": {"experiment": "repeat"},
    }  # fmt: skip
    run = lab.run(lab.base(), orders=orders)
    notes = (*asked.notes, *environment(lab, asked))
    seconds = run.ended.seconds
    if run.failed:
        return Repeated(
            asked, failed=f"the command failed: {run.reason}", notes=notes, seconds=seconds
        )
    logged = list(tracked_runs(run))
    if not logged:
        why = "the command logged nothing in MLflow this time"
        return Repeated(asked, failed=why, notes=notes, seconds=seconds)
    found = tuple(
        comparison(asked.logged, counterpart(asked.logged, logged), asked.plan.tolerances)
    )
    return Repeated(asked, found, notes=notes, seconds=seconds)


def tracked_runs(run: Run) -> Iterator[Tracked]:
    """Yield what was logged: in the store of our own, and in those that the program names."""
    if run.trace is not None and is_store(run.trace / TRACKED):
        yield from read_database(run.trace / TRACKED)
    top = run.written.folder
    files = list(outputs.files_of(top))
    for path in files:
        if not (top / path).is_symlink() and is_store(top / path):
            yield from read_database(top / path)
    yield from read_folder(top, [path for path in files if "mlruns/" in path])


def counterpart(wanted: Tracked, logged: Sequence[Tracked]) -> Tracked:
    """Return the run that logged the same names and settings; values of metrics are not asked."""

    def alike(other: Tracked) -> tuple[int, int]:
        settings = sum(other.params.get(name) == value for name, value in wanted.params.items())
        return len(wanted.metrics.keys() & other.metrics.keys()), settings

    return max(logged, key=alike)


def comparison(
    stored: Tracked, made: Tracked, tolerances: Sequence[Tolerance]
) -> Iterator[Compared]:
    """Yield how each metric and each parameter came out; what does not count is left out."""
    for name in sorted(stored.metrics):
        if left_out(name, tolerances) or name.startswith("system/"):
            continue
        points = stored.metrics[name]
        found = list(different_steps("", name, points, made.metrics.get(name, []), tolerances))
        yield compared(name, "metric", len(points), found)
    names = {name for name in stored.params if not left_out(name, tolerances)}
    for name in sorted(names):
        found = list(different_params("", {name}, stored.params, made.params))
        yield compared(name, "parameter", 1, found)


def compared(name: str, kind: str, steps: int, found: Sequence[Found]) -> Compared:
    """Describe one comparison."""
    if not found:
        return Compared(name, kind, steps)
    where, what, fine = found[0]
    step = where.lstrip(", ") if "step" in where else ""
    return Compared(name, kind, steps, f"{step}: {what}".lstrip(": "), within=fine)


def environment(lab: Lab, asked: Repeat) -> Iterator[str]:
    """Say in which packages this environment is another than that of the run."""
    if not asked.packages:
        yield "the packages of the run are not recorded: those that are installed here were used"
        return
    here = dict(lab.interpreter.packages) if lab.interpreter is not None else {}
    every = sorted({*here, *asked.packages})
    moved = [
        f"{name} {asked.packages.get(name, 'not installed')} -> {here.get(name, 'not installed')}"
        for name in every
        if asked.packages.get(name) != here.get(name)
    ]
    if moved:
        more = f" and {len(moved) - SHOWN} more" if len(moved) > SHOWN else ""
        yield f"the environment is another than it was: {', '.join(moved[:SHOWN])}{more}"


def as_document(found: Repeated, store: str) -> dict[str, Any]:
    """Return what was found as plain values, of the schema `repeat-v1`."""
    plan = found.of.plan
    return {
        "schema": SCHEMA,
        "tool": {"name": "repro-audit", "version": __version__},
        "store": SIGNED_IN.sub(f"{MASK}@", store),
        "run_id": found.of.run.run_id,
        "name": found.of.run.name,
        "command": list(plan.command),
        "commit": plan.commit,
        "equal": found.equal,
        "within_tolerance": found.within,
        "failed": found.failed or None,
        "compared": [
            {
                "name": item.name, "kind": item.kind, "steps": item.steps, "equal": item.equal,
                "within_tolerance": item.within, "what": item.what or None,
            }
            for item in found.compared
        ],
        "tolerances": [
            {"pattern": item.pattern, "relative": item.relative, "absolute": item.absolute}
            for item in plan.tolerances
            if not item.ignore
        ],
        "ignored": [item.pattern for item in plan.tolerances if item.ignore],
        "notes": list(found.notes),
        "seconds": round(found.seconds, 3),
    }  # fmt: skip


def told(found: Repeated, used: Iterator[str]) -> Iterator[str]:
    """Yield the lines that a person reads; `used` names the tolerances."""
    plan: Plan = found.of.plan
    yield f"run: {safe(found.of.run.run_id)} ({safe(found.of.run.name)})"
    yield f"command: {safe(' '.join(plan.command))}"
    yield from used
    wide = max((len(safe(item.name)) for item in found.compared), default=0)
    for item in found.compared:
        word = "equal" if item.equal else "within tolerance" if item.within else "differs"
        size = f", {item.steps} step(s)" if item.kind == "metric" else ""
        what = f": {safe(item.what)}" if item.what else ""
        yield f"  {safe(item.name):<{wide}}  {item.kind}{size}: {word}{what}"
    for note in found.notes:
        yield f"note: {safe(note)}"
    if found.failed:
        yield f"Not repeated: {safe(found.failed)}."
        return
    moved = [item for item in found.compared if not item.equal]
    if not moved:
        yield f"Equal: all {len(found.compared)} metrics and parameters are those stored."
    else:
        word = "Within tolerance" if found.within else "Not equal"
        yield f"{word}: {len(moved)} of {len(found.compared)} metrics and parameters differ."
