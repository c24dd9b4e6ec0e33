"""MLflow's stores: compared run by run, each metric step by step; identities and times are not."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit.verify.compare.numbers import allowed, left_out, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from repro_audit.verify.compare.numbers import Found
    from repro_audit.verify.plan import Tolerance

SQLITE = b"SQLite format 3\0"
RUN = re.compile(r"[0-9a-f]{32}")
MOST_ROWS = 2_000_000
# MLflow's own files: what they say that could be compared is said by the store.
OWN = re.compile(
    r"(^|/)(mlruns|mlartifacts)/(.*/)?(meta\.yaml|metrics/.*|params/.*|tags/.*|inputs/.*|MLmodel"
    r"|registered_model_meta|outputs/.*)$|(^|/)mlruns/\.trash"
)


@dataclass
class Tracked:
    """One tracked run."""

    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[tuple[int, float]]] = field(default_factory=dict)


def is_store(path: Path) -> bool:
    """Say whether a file is a database of MLflow."""
    try:
        with path.open("rb") as stream:
            if stream.read(16) != SQLITE:
                return False
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as base:
            names = {row[0] for row in base.execute("select name from sqlite_master")}
    except (OSError, sqlite3.Error):
        return False
    return {"runs", "metrics", "params"} <= names


def read_database(path: Path) -> list[Tracked]:
    """Read all runs of a database, in the order in which they began."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as base:
        order = base.execute("select run_uuid from runs order by start_time, run_uuid")
        found = {row[0]: Tracked() for row in order}
        for run, key, value in base.execute("select run_uuid, key, value from params"):
            if run in found:
                found[run].params[key] = value
        rows = base.execute(
            "select run_uuid, key, step, case when is_nan then null else value end from metrics "
            "order by step, timestamp limit ?",
            (MOST_ROWS,),
        )
        for run, key, step, value in rows:
            if run in found:
                number = float("nan") if value is None else float(value)
                found[run].metrics.setdefault(key, []).append((int(step), number))
    return list(found.values())


def read_folder(root: Path, files: Sequence[str]) -> list[Tracked]:
    """Read all runs of a store of files, in the order in which they began."""
    runs: dict[str, tuple[str, Tracked]] = {}
    for path in files:
        parts = path.split("/")
        at = next((i for i, part in enumerate(parts) if RUN.fullmatch(part)), None)
        if at is None or len(parts) < at + 2:
            continue
        _, tracked = runs.setdefault(parts[at], ("", Tracked()))
        kind, name = parts[at + 1], "/".join(parts[at + 2 :])
        text = (root / path).read_text("utf-8", "replace") if (root / path).is_file() else ""
        if kind == "meta.yaml":
            began = re.search(r"^start_time: (\d+)", text, re.MULTILINE)
            runs[parts[at]] = (began.group(1) if began else "", tracked)
        elif kind == "params":
            tracked.params[name] = text
        elif kind == "metrics":
            rows = [line.split() for line in text.splitlines()]
            points = [(int(row[2]), float(row[1])) for row in rows if len(row) >= 3]  # noqa: PLR2004
            tracked.metrics[name] = sorted(points, key=lambda point: point[0])
    return [tracked for _, (_, tracked) in sorted(runs.items(), key=lambda item: item[1][0])]


def different_runs(
    one: Sequence[Tracked], other: Sequence[Tracked], tolerances: Sequence[Tolerance]
) -> Iterator[Found]:
    """Yield what differs between two stores: per metric the first step at which it does."""
    if len(one) != len(other):
        yield "the store", f"{len(one)} runs became {len(other)}", False
    for number, (left, right) in enumerate(zip(one, other, strict=False), 1):
        counted = {name for name in {*left.params, *right.params} if not left_out(name, tolerances)}
        yield from different_params(f"run {number}", counted, left.params, right.params)
        for name in sorted({*left.metrics, *right.metrics}):
            if left_out(name, tolerances):
                continue
            yield from different_steps(
                f"run {number}, metric {name}", name,
                left.metrics.get(name, []), right.metrics.get(name, []), tolerances,
            )  # fmt: skip


def different_params(
    run: str, counted: set[str], one: Mapping[str, str], other: Mapping[str, str]
) -> Iterator[Found]:
    """Yield the parameters that differ."""
    for name in sorted(counted):
        if one.get(name) != other.get(name):
            change = f"{shown(one.get(name))} became {shown(other.get(name))}"
            yield f"{run}, parameter {name}", change, False


def different_steps(
    where: str,
    name: str,
    one: Sequence[tuple[int, float]],
    other: Sequence[tuple[int, float]],
    tolerances: Sequence[Tolerance],
) -> Iterator[Found]:
    """Yield the first step that is out of tolerance, else the first that differs at all."""
    if name.startswith("system/"):
        return
    if [step for step, _ in one] != [step for step, _ in other]:
        yield where, f"{len(one)} steps became {len(other)}", False
        return
    first: Found | None = None
    for (step, before), (_, after) in zip(one, other, strict=True):
        if before == after or (before != before and after != after):  # noqa: PLR0124 - not a number
            continue
        fine = allowed(name, before, after, tolerances)
        found = (f"{where}, step {step}", f"{before!r} became {after!r}", fine)
        if not fine:
            first = found
            break
        first = first or found
    if first:
        yield first
