"""Markdown for a comment on a pull request."""

from __future__ import annotations

from repro_audit import lazyre as re
from repro_audit.model import Basis, Report, Result, Status
from repro_audit.render.words import (
    PROJECTS_SHOWN,
    by_urgency,
    change_text,
    counts,
    first,
    more_projects,
    notes,
    place,
    range_text,
    safe,
    worst,
)

ICONS = {
    Status.FAIL: "❌",
    Status.ERROR: "💥",
    Status.PARTIAL: "🟡",
    Status.UNKNOWN: "❔",
    Status.PASS: "✅",
    Status.NOT_APPLICABLE: "⚪",
}
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~@&$-])")
URGENT = (Status.FAIL, Status.ERROR, Status.PARTIAL)
SHOWN = 3
MOST, MOST_NOTES, LONGEST = 64_000, 8_000, 400
TABLE = ["| | practice | severity | verdict | where |", "| --- | --- | --- | --- | --- |"]
ASPECTS = ["| aspect | low | high | decided |", "| --- | --- | --- | --- |"]


def escape(text: str) -> str:
    """Make text of a repository harmless: no markup, no table cell, no mention, no HTML."""
    return SPECIAL.sub(r"\\\1", safe(text))


def brief(text: str) -> str:
    """Escape the beginning of a text; a cell is read, not studied."""
    return escape(text if len(text) <= LONGEST else text[:LONGEST] + " …")


def code(text: str) -> str:
    """Quote text as code in a table cell; a backtick or pipe in it falls back to escaped text."""
    plain = safe(text)
    return brief(plain) if "`" in plain or "|" in plain or len(plain) > LONGEST else f"`{plain}`"


def row(result: Result) -> str:
    """Return one row of the table."""
    verdict = result.verdict
    places = list(dict.fromkeys(code(place(item.path, item.line)) for item in verdict.evidence))
    more = len(places) + verdict.more - SHOWN
    where = ", ".join(places[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    shown = where if verdict.status is not Status.NOT_APPLICABLE else ""
    said = " (declared)" if result.basis is Basis.DECLARED else ""
    summary = brief(verdict.summary) + said
    if verdict.fix and verdict.status in URGENT:
        summary += f"<br>Fix: {brief(verdict.fix)}"
    severity = result.practice.severity.value
    cells = (ICONS[verdict.status], f"`{result.practice.id}`", severity, summary, shown)
    return "| " + " | ".join(cells) + " |"


def head(report: Report) -> list[str]:
    """Say what was read and how ready it is."""
    score = report.score
    found = ", ".join(f"{number} {status}" for status, number in counts(report).items())
    ready = ", ".join(score.reached) or "none yet"
    said = f" {score.declared:.0%} of the weight is declared." if score.declared else ""
    return [
        f"## Readiness {score.low:g} to {score.high:g} of 100",
        "",
        (
            f"{found} in **{brief(report.subject.name)}**. {score.coverage:.0%} decided; weakest "
            f"aspect: {score.weakest or 'none'}; levels and badges: {ready}; proven by runs: "
            f"{score.proven:.0%}.{said}"
        ),
        "",
    ]


def mend(report: Report) -> list[str]:
    """Say what to do first, with what it brings."""
    rows = [
        f"{number}. `{result.practice.id}` (+{points:g}): "
        f"{brief(result.verdict.fix or result.verdict.summary)}"
        for number, (result, points) in enumerate(first(report), 1)
    ]
    return ["### Mend these first", "", *rows, ""] if rows else []


def projects(report: Report) -> list[str]:
    """List the projects of a monorepo, one line each."""
    if not report.projects:
        return []
    rows = [
        f"- {code(item.path)}: {range_text(item)} of 100, {worst(item)}"
        for item in report.projects[:PROJECTS_SHOWN]
    ]
    more = more_projects(report)
    rows += [f"- {more}"] if more else []
    return [f"### Projects ({len(report.projects)})", "", *rows, ""]


def compared(report: Report) -> list[str]:
    """Say what moved since the baseline."""
    comparison = report.comparison
    if comparison is None:
        return []
    rows = [f"- ⬇️ worse: {brief(change_text(item))}" for item in comparison.worse]
    rows += [f"- ⬆️ better: {brief(change_text(item))}" for item in comparison.better]
    rows += [f"- {brief(note)}" for note in comparison.notes]
    rows = rows or ["- nothing got worse or better"]
    return [f"### Since {brief(comparison.source)}", "", *rows, ""]


def folded(title: str, rows: list[str]) -> list[str]:
    """Fold rows below a title."""
    return ["", f"<details><summary>{title}</summary>", "", *rows, "", "</details>"]


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return Markdown: the range, what is to be done, and the rest folded.

    A comment on GitHub holds 65,536 characters; what does not fit is left out from the end, and
    the text says so.
    """
    ordered = by_urgency(report.results)
    urgent = [row(item) for item in ordered if item.verdict.status in URGENT]
    rest = [row(item) for item in ordered if item.verdict.status not in URGENT]
    parts = [*head(report), *mend(report), *projects(report), *compared(report)]
    parts += [*TABLE, *urgent] if urgent else ["Nothing fails."]
    aspects = [
        f"| {escape(item.aspect)} | {item.low:g} | {item.high:g} | {item.coverage:.0%} |"
        for item in report.score.aspects
    ]
    parts += folded("Readiness by aspect", [*ASPECTS, *aspects])
    said = [f"- {title}: {brief(text)}" for title, texts in notes(report) for text in texts]
    if said:
        parts += folded("Declared, ignored, not read", bounded(said, MOST_NOTES))
    if rest:
        room = MOST - sum(len(part) + 1 for part in parts)
        parts += folded("Unknown, passed and not applicable", [*TABLE, *bounded(rest, room)])
    return "\n".join(parts) + "\n"


def bounded(rows: list[str], room: int) -> list[str]:
    """Return as many rows as there is room for, and say how many were left out."""
    for number, text in enumerate(rows):
        room -= len(text) + 1
        if room < 0:
            return [*rows[:number], "", f"and {len(rows) - number} more"]
    return rows
