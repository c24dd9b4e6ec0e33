"""Markdown for a comment on a pull request."""

from __future__ import annotations

import re

from repro_audit.model import Report, Result, Status
from repro_audit.render.words import place, safe

ICONS = {
    Status.FAIL: "❌",
    Status.ERROR: "💥",
    Status.PARTIAL: "🟡",
    Status.UNKNOWN: "❔",
    Status.PASS: "✅",
    Status.NOT_APPLICABLE: "⚪",
}
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~@&$-])")
SHOWN = 3


def escape(text: str) -> str:
    """Make text of a repository harmless: no markup, no table cell, no mention, no HTML."""
    return SPECIAL.sub(r"\\\1", safe(text))


def code(text: str) -> str:
    """Quote text as code in a table cell; a backtick or pipe in it falls back to escaped text."""
    plain = safe(text)
    return escape(plain) if "`" in plain or "|" in plain else f"`{plain}`"


def row(result: Result) -> str:
    """Return one row of the table."""
    verdict = result.verdict
    places = [code(place(item.path, item.line)) for item in verdict.evidence[:SHOWN]]
    where = ", ".join(places) + (" …" if len(verdict.evidence) > SHOWN else "")
    shown = where if verdict.status is not Status.NOT_APPLICABLE else ""
    cells = (ICONS[verdict.status], f"`{result.practice.id}`", escape(verdict.summary), shown)
    return "| " + " | ".join(cells) + " |"


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return Markdown: the range, the aspects, what is to be done, and the rest folded."""
    score = report.score
    ready = ", ".join(score.reached) or "none yet"
    parts = [
        f"## Readiness {score.low:g} to {score.high:g} of 100",
        "",
        (
            f"{escape(report.subject.name)}: {score.coverage:.0%} decided; weakest aspect: "
            f"{score.weakest or 'none'}; levels: {ready}; proven by runs: {score.proven:.0%}."
        ),
        "",
        "| aspect | low | high | decided |",
        "| --- | --- | --- | --- |",
    ]
    parts += [
        f"| {item.aspect} | {item.low:g} | {item.high:g} | {item.coverage:.0%} |"
        for item in score.aspects
    ]
    urgent = (Status.FAIL, Status.ERROR, Status.PARTIAL)
    order = list(ICONS)
    rows = sorted(report.results, key=lambda item: order.index(item.verdict.status))
    table = ["| | practice | verdict | where |", "| --- | --- | --- | --- |"]
    parts += ["", *table, *(row(item) for item in rows if item.verdict.status in urgent)]
    rest = [row(item) for item in rows if item.verdict.status not in urgent]
    if rest:
        parts += [
            "",
            "<details><summary>Passed, unknown and not applicable</summary>",
            "",
            *table,
            *rest,
            "",
            "</details>",
        ]
    notes = [f"- `{item.id}` is ignored: {escape(item.reason)}" for item in report.ignored]
    notes += [f"- {code(item.path)} was not read: {escape(item.why)}" for item in report.skipped]
    notes += [f"- {escape(item)}" for item in report.notices]
    return "\n".join([*parts, *(["", *notes] if notes else [])]) + "\n"
