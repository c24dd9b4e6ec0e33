"""JUnit XML, as CI systems read it: one suite for each aspect, one case for each practice.

Elements and attributes are those that the widely used schema of Jenkins' xUnit plugin names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from repro_audit.model import Report, Result, Status
from repro_audit.render.words import notes, place, safe_for_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS = (Status.FAIL, Status.PARTIAL)
TAGS = {
    Status.FAIL: "failure",
    Status.PARTIAL: "failure",
    Status.ERROR: "error",
    Status.UNKNOWN: "skipped",
    Status.NOT_APPLICABLE: "skipped",
}


def quoted(text: str) -> str:
    """Write an attribute's value."""
    return quoteattr(safe_for_xml(text))


def case(result: Result) -> Iterator[str]:
    """Yield one test case."""
    practice, verdict = result.practice, result.verdict
    opening = f"    <testcase classname={quoted(practice.aspect)} name={quoted(practice.id)}"
    tag = TAGS.get(verdict.status)
    if tag is None:
        yield f'{opening} time="0"/>'
        return
    yield f'{opening} time="0">'
    kind = "" if tag == "skipped" else f' type="{verdict.status.value}"'
    text = [f"{place(item.path, item.line)}: {item.message}" for item in verdict.evidence]
    text += [f"fix: {verdict.fix}"] if verdict.fix else []
    body = "\n".join(escape(safe_for_xml(line)) for line in text)
    yield f"      <{tag} message={quoted(verdict.summary)}{kind}>{body}</{tag}>"
    yield "    </testcase>"


def numbers(results: list[Result]) -> str:
    """Count cases as JUnit does."""
    found = [TAGS.get(result.verdict.status, "") for result in results]
    return (
        f'tests="{len(found)}" failures="{found.count("failure")}" '
        f'errors="{found.count("error")}" skipped="{found.count("skipped")}" time="0"'
    )


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return XML; what people declared or left out stands in `system-out`."""
    name = quoted(f"repro-audit: {report.subject.name}")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites name={name} {numbers(list(report.results))}>",
    ]
    for aspect in sorted({result.practice.aspect for result in report.results}):
        inside = [result for result in report.results if result.practice.aspect == aspect]
        lines.append(f"  <testsuite name={quoted(aspect)} {numbers(inside)}>")
        lines += [line for result in inside for line in case(result)]
        lines.append("  </testsuite>")
    said = [f"{title}: {row}" for title, rows in notes(report) for row in rows]
    score = f"readiness: {report.score.low:g} to {report.score.high:g} of 100"
    text = "\n".join(escape(safe_for_xml(line)) for line in (score, *said))
    lines.append('  <testsuite name="report" tests="0" failures="0" errors="0" skipped="0">')
    lines.append(f"    <system-out>{text}</system-out>")
    lines += ["  </testsuite>", "</testsuites>"]
    return "\n".join(lines) + "\n"
