"""Annotations of GitHub Actions: one command line for each fault, worst first.

The escapes are those of the toolkit's `command.ts`: text escapes % and line ends, a property also
its separators. One annotation per practice, because GitHub shows only ten of a kind per step.
"""

from __future__ import annotations

from repro_audit.model import Report, Result, Severity, Status
from repro_audit.render.words import by_urgency, counts, notes, safe

FAULTS = (Status.FAIL, Status.ERROR, Status.PARTIAL)
LEVELS = {Severity.BLOCKER: "error", Severity.MAJOR: "warning", Severity.MINOR: "notice"}


def data(text: str) -> str:
    """Escape a message: a line end in it would end the command."""
    for plain, escaped in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(plain, escaped)
    return safe(text)


def value(text: str) -> str:
    """Escape the value of a property."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def command(kind: str, properties: dict[str, str], message: str) -> str:
    """Write one command."""
    named = ",".join(f"{name}={value(text)}" for name, text in properties.items())
    return f"::{kind} {named}::{data(message)}"


def annotation(result: Result) -> str:
    """Annotate the first place of a fault."""
    verdict = result.verdict
    kind = LEVELS[result.practice.severity]
    if verdict.status is Status.ERROR:
        kind = "error"
    elif verdict.status is Status.PARTIAL:
        kind = "notice"
    properties: dict[str, str] = {}
    message = verdict.summary
    if verdict.evidence:
        first, *rest = verdict.evidence
        if first.path not in {".", ".git"}:
            properties["file"] = first.path
            if first.line:
                properties["line"] = str(first.line)
        message += f" {first.message}" + (f" (and {len(rest) + verdict.more} more)" if rest else "")
    properties["title"] = f"repro-audit {result.practice.id} ({verdict.status.value})"
    if verdict.fix:
        message += f"\nfix: {verdict.fix}"
    return command(kind, properties, message)


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return one command per line; the last one sums up."""
    faults = [item for item in by_urgency(report.results) if item.verdict.status in FAULTS]
    lines = [annotation(result) for result in faults]
    score = report.score
    found = ", ".join(f"{number} {status}" for status, number in counts(report).items())
    said = [
        f"{title}: {row}" for title, rows in notes(report) if title != "not read" for row in rows
    ]
    text = "\n".join([f"Readiness {score.low:g} to {score.high:g} of 100: {found}.", *said])
    lines.append(command("notice", {"title": "repro-audit"}, text))
    return "\n".join(lines) + "\n"
