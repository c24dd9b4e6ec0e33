"""How every output writes what a repository says: control characters shown, places alike."""

from __future__ import annotations

import json

from repro_audit import lazyre as re
from repro_audit.model import Change, Declared, Ignored, Project, Report, Result, Severity, Status

# What is to be done comes first.
ORDER = (
    Status.FAIL,
    Status.ERROR,
    Status.PARTIAL,
    Status.UNKNOWN,
    Status.PASS,
    Status.NOT_APPLICABLE,
)
SEVERITIES = tuple(Severity)
PROJECTS_SHOWN, FAILS_SHOWN, FIRST_SHOWN = 20, 3, 5
# C0 and C1 controls, marks that turn the direction of text, and letters that nobody sees: no path
# repaints the screen or passes for another.
CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# What GitHub and Azure take for a command in whatever a step prints: `##[name]` and `##vso[name]`
# anywhere in a line, `::name::` where it begins, after blanks too.
COMMAND = re.compile(r"##(?=\w*\[)|(?<!\S)::(?=[A-Za-z])")
# What XML 1.0 refuses beside the controls; lone surrogates are no text in any encoding.
REFUSED = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
WIDER = 0x100


def visible(match: re.Match[str]) -> str:
    """Write the last character of what was found as its number."""
    found = match.group()
    code = ord(found[-1])
    return found[:-1] + (f"\\x{code:02x}" if code < WIDER else f"\\u{code:04x}")


def safe(text: str) -> str:
    """Make control characters visible, and what looks like a command to a CI system a text."""
    return COMMAND.sub(visible, CONTROL.sub(visible, text))


def as_json(value: object) -> str:
    """Write JSON in which no system of CI sees a command."""
    return json.dumps(value, indent=2, allow_nan=False).replace("##", "#\\u0023") + "\n"


def safe_for_xml(text: str) -> str:
    """Make visible what XML refuses as well."""
    return REFUSED.sub(visible, safe(text))


def place(path: str, line: int) -> str:
    """Write path and line; a dot is the repository as a whole."""
    if path == ".":
        return "the whole repository"
    return safe(path) + (f":{line}" if line else "")


def by_urgency(results: tuple[Result, ...]) -> list[Result]:
    """Order results by status, then severity, then id."""
    return sorted(
        results,
        key=lambda item: (
            ORDER.index(item.verdict.status),
            SEVERITIES.index(item.practice.severity),
            item.practice.id,
        ),
    )


def counts(report: Report) -> dict[str, int]:
    """Count results by status, in order, without those that do not occur."""
    found = dict.fromkeys(ORDER, 0)
    for result in report.results:
        found[result.verdict.status] += 1
    return {status.value: number for status, number in found.items() if number}


def first(report: Report) -> list[tuple[Result, float]]:
    """Return the faults to mend first, each with the points that it costs."""
    by_id = {item.practice.id: item for item in report.results}
    return [(by_id[name], points) for name, points in report.score.gains[:FIRST_SHOWN]]


def ignored_text(item: Ignored) -> str:
    """Say what is ignored, where and why."""
    where = f" at {item.path}:{item.line}" if item.path else ""
    return f"{item.id}{where}: {item.reason}" + ("" if item.applied else " (not applied)")


def declared_text(item: Declared) -> str:
    """Say who declares what, when and why."""
    said = f"{item.id}: {item.status}, {item.name}, {item.date}: {item.reason}"
    return said + ("" if item.applied else " (not applied)")


def change_text(item: Change) -> str:
    """Say how a practice moved."""
    return f"{item.id}: {item.before} to {item.after}. {item.message}"


def notes(report: Report) -> list[tuple[str, list[str]]]:
    """List what was declared, ignored, not read or is to be noticed, under its title."""
    groups = [
        ("declared", [declared_text(item) for item in report.declared]),
        ("ignored", [ignored_text(item) for item in report.ignored]),
        ("not read", [f"{item.path}: {item.why}" for item in report.skipped]),
        ("notices", list(report.notices)),
    ]
    return [(title, rows) for title, rows in groups if rows]


def range_text(item: Project) -> str:
    """Write the readiness of a project."""
    low, high = item.score.low, item.score.high
    return f"{low:g} to {high:g}" if low != high else f"{low:g}"


def worst(item: Project) -> str:
    """Name what fails first in a project."""
    fails = [result for result in by_urgency(item.results) if result.verdict.status is Status.FAIL]
    named = ", ".join(result.practice.id for result in fails[:FAILS_SHOWN])
    more = f" and {len(fails) - FAILS_SHOWN} more" if len(fails) > FAILS_SHOWN else ""
    return f"fails {named}{more}" if fails else "nothing fails"


def more_projects(report: Report) -> str:
    """Say how many projects an output leaves out; empty for none."""
    more = len(report.projects) - PROJECTS_SHOWN
    return f"and {more} more; --format json lists all" if more > 0 else ""
