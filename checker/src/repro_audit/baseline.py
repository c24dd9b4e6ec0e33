"""Today's state of a repository, kept in a file, and what is worse or better than it."""

from __future__ import annotations

import json
from typing import Any

from repro_audit.errors import ReproAuditError
from repro_audit.model import Change, Comparison, Report, Result, Status

SCHEMA = "repro-audit/baseline/v1"
# A practice gets worse when its number falls: doubt is worse than a pass and better than a fail.
RANK = {
    Status.PASS: 3,
    Status.NOT_APPLICABLE: 3,
    Status.PARTIAL: 2,
    Status.UNKNOWN: 1,
    Status.FAIL: 0,
    Status.ERROR: 0,
}
FAULTS = (Status.FAIL, Status.PARTIAL)
NAMED = 3


def places(result: Result) -> list[dict[str, str]]:
    """Return the faults without their lines, so that code may move."""
    if result.verdict.status not in FAULTS:
        return []
    seen = {(item.path, item.message) for item in result.verdict.evidence}
    return [{"path": path, "message": message} for path, message in sorted(seen)]


def record(report: Report) -> str:
    """Return the baseline as JSON; the same report gives the same bytes."""
    shape = {
        "schema": SCHEMA,
        "tool": {"version": report.version, "specification": report.specification},
        "practices": {
            result.practice.id: {"status": result.verdict.status.value, "faults": places(result)}
            for result in report.results
        },
    }
    return json.dumps(shape, indent=2) + "\n"


def read(text: str, source: str) -> dict[str, Any]:
    """Parse a baseline.

    Raises:
        ReproAuditError: when it is none, or none that this version can read.
    """
    again = "record it again with `repro-audit baseline`"
    try:
        found = json.loads(text)
        named = found["schema"]
        version = found["tool"]["version"]
        practices = {
            str(identifier): (
                Status(entry["status"]),
                frozenset((fault["path"], fault["message"]) for fault in entry["faults"]),
            )
            for identifier, entry in found["practices"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise ReproAuditError(f"{source} is no baseline of repro-audit; {again}.") from problem
    if named != SCHEMA:
        raise ReproAuditError(f"{source} has the schema {named!r}, not {SCHEMA}; {again}.")
    return {"version": str(version), "practices": practices}


def compare(text: str, source: str, report: Report) -> Comparison:
    """Compare a report with a baseline; a practice that either lacks is named, not judged.

    Another version of the tool may word its findings otherwise, so only statuses count then.

    Raises:
        ReproAuditError: when the text is no baseline.
    """
    found = read(text, source)
    old, same_tool = found["practices"], found["version"] == report.version
    notes = []
    if not same_tool:
        notes.append(
            f"{source} was recorded by repro-audit {found['version']}: statuses are compared, "
            "single findings are not."
        )
    worse: list[Change] = []
    better: list[Change] = []
    new: list[str] = []
    for result in report.results:
        if result.practice.id not in old:
            new.append(result.practice.id)
            continue
        before, faults = old[result.practice.id]
        step = RANK[result.verdict.status] - RANK[before]
        step = step or (extra(result, faults) if same_tool else 0)
        if step:
            (better if step > 0 else worse).append(change(result, before, faults))
    if new:
        notes.append(f"Not in the baseline, so not compared: {', '.join(new)}.")
    return Comparison(source, tuple(worse), tuple(better), tuple(notes))


def extra(result: Result, before: frozenset[tuple[str, str]]) -> int:
    """Compare the numbers of faults: a rule that names the first five stays comparable."""
    return len(before) - len(places(result))


def change(result: Result, before: Status, faults: frozenset[tuple[str, str]]) -> Change:
    """Describe a change by what it brought."""
    brought = [item for item in result.verdict.evidence if (item.path, item.message) not in faults]
    message = result.verdict.summary
    if result.verdict.status is before and brought:
        named = [f"{item.path}:{item.line}" for item in brought[:NAMED]]
        message += f" New: {', '.join(named)}" + (" …" if len(brought) > NAMED else "")
    return Change(result.practice.id, before.value, result.verdict.status.value, message)
