"""The terminal: what fails first and worst on top; rich where there is colour, plain when piped."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.model import Basis, Comparison, Report, Result, Status
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MARKS = {
    Status.FAIL: ("✗", "bold red"),
    Status.ERROR: ("!", "bold magenta"),
    Status.PARTIAL: ("◐", "yellow"),
    Status.UNKNOWN: ("?", "cyan"),
    Status.PASS: ("✓", "green"),
    Status.NOT_APPLICABLE: ("-", "dim"),
}
URGENT = (Status.FAIL, Status.ERROR, Status.PARTIAL)
SHOWN = 3
NOTES_SHOWN = 10
NARROW, WIDE = 40, 110
PIPED = 80


class Row(NamedTuple):
    """One paragraph: a head in its own style, then text in the tone of the whole."""

    text: str = ""
    head: str = ""
    style: str = ""
    indent: int = 0
    hang: int = 0
    tone: str = ""

    def lines(self, width: int) -> list[str]:
        """Wrap without breaking words, so that a path stays whole."""
        return textwrap.wrap(
            safe(self.head + self.text),
            max(width, NARROW),
            initial_indent=" " * self.indent,
            subsequent_indent=" " * (self.indent + self.hang),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]


def bar(low: float, high: float, width: int = 20) -> str:
    """Draw a range."""
    full = round(low / 100 * width)
    open_ = round(high / 100 * width) - full
    return "█" * full + "▒" * open_ + "·" * (width - full - open_)


def head(report: Report) -> Iterator[Row]:
    """Say what was audited and how ready it is."""
    score, subject = report.score, report.subject
    commit = f" at {subject.commit[:12]}" if subject.commit else ""
    dirty = " (with uncommitted changes)" if subject.dirty else ""
    about = f"{commit}{dirty} · {subject.kind} · {subject.files} files"
    yield Row(about, head=subject.name, style="bold")
    yield Row()
    yield Row(
        f" of 100 · {score.coverage:.0%} decided · weakest: {score.weakest or 'none'}",
        head=f"Readiness {score.low:g} to {score.high:g}",
        style="bold",
    )
    found = counts(report)
    yield Row(" · ".join(f"{number} {status}" for status, number in found.items()))
    said = f" · {score.declared:.0%} of the weight is declared" if score.declared else ""
    yield Row(f"Levels and badges: {', '.join(score.reached) or 'no level yet'}{said}")
    proof = report.proof
    if proof.record:
        held = f"stale: {proof.stale}" if proof.stale else f"{score.proven:.0%} proven by re-runs"
        yield Row(f"Record: {proof.record} ({held})")
    yield Row("Reading says what can be repeated; only a re-run proves it.", tone="dim")
    yield Row()
    width = max((len(item.aspect) for item in score.aspects), default=0)
    for item in score.aspects:
        drawn = bar(item.low, item.high)
        yield Row(f"{item.aspect:<{width}}  {drawn}  {item.low:g} to {item.high:g}", indent=2)


def mend(report: Report) -> Iterator[Row]:
    """Say what to do first, with what it brings."""
    found = first(report)
    if not found:
        return
    yield Row()
    told = ", with the points that each brings to the low end"
    yield Row(told, head="Mend these first", style="bold")
    for number, (result, points) in enumerate(found, 1):
        verdict = result.verdict
        about = f"  {verdict.summary} (+{points:g})"
        yield Row(about, head=f"{number}. {result.practice.id}", style="bold", indent=2, hang=3)
        if verdict.fix:
            yield Row(verdict.fix, indent=5, hang=2)


def last(report: Report) -> Iterator[Row]:
    """End with what a long report has scrolled away."""
    yield Row()
    names = ", ".join(result.practice.id for result, _ in first(report))
    score = report.score
    told = f" of 100. Mend first: {names}" if names else " of 100"
    yield Row(told, head=f"Readiness {score.low:g} to {score.high:g}", style="bold", hang=2)
    yield Row("`repro-audit explain ID` says why and how; --format html shows all.", tone="dim")


def projects(report: Report) -> Iterator[Row]:
    """Show the projects of a monorepo, one line each."""
    if not report.projects:
        return
    yield Row()
    yield Row(head=f"Projects ({len(report.projects)}), each judged on its own", style="bold")
    for item in report.projects[:PROJECTS_SHOWN]:
        yield Row(f"  {range_text(item)} · {worst(item)}", head=item.path, indent=2, hang=2)
    if more_projects(report):
        yield Row(more_projects(report), indent=2, tone="dim")


def compared(comparison: Comparison) -> Iterator[Row]:
    """Say what moved since the baseline."""
    yield Row()
    yield Row(head=f"Since {comparison.source}", style="bold")
    if not comparison.worse and not comparison.better:
        yield Row("nothing got worse or better", indent=2)
    for items, mark, style in (
        (comparison.worse, "worse   ", "bold red"),
        (comparison.better, "better  ", "green"),
    ):
        for item in items:
            yield Row(change_text(item), head=mark, style=style, indent=2, hang=8)
    for note in comparison.notes:
        yield Row(note, indent=2, tone="dim")


def rows(result: Result) -> Iterator[Row]:
    """Show one practice with its first evidence and its fix."""
    verdict = result.verdict
    mark, style = MARKS[verdict.status]
    name = f"{mark} {result.practice.id}"
    tag = f" [{result.practice.severity.value}]" if verdict.status in URGENT else ""
    said = " (declared)" if result.basis is Basis.DECLARED else ""
    if verdict.status not in URGENT:
        yield Row(f"{said}  {verdict.summary}", head=name, style=style, hang=2)
        return
    yield Row(f"{tag}{said}  {verdict.summary}", head=name, style=style, hang=2)
    for item in verdict.evidence[:SHOWN]:
        where = place(item.path, item.line)
        yield Row(f"  {item.message}", head=where, style="underline", indent=4, hang=2)
    more = len(verdict.evidence) + verdict.more - SHOWN
    if more > 0:
        yield Row(f"and {more} more", indent=4, tone="dim")
    if verdict.fix:
        yield Row(f"fix: {verdict.fix}", indent=4, hang=5, tone="dim")


def kept(results: list[Result]) -> Iterator[Row]:
    """Name what is kept, in one paragraph: there is nothing to do about it."""
    names = (
        item.practice.id + (" (declared)" if item.basis is Basis.DECLARED else "")
        for item in results
    )
    mark, style = MARKS[Status.PASS]
    yield Row(f" {', '.join(names)}", head=mark, style=style, hang=2)


def page(report: Report) -> Iterator[Row]:
    """Yield the whole report."""
    yield from head(report)
    yield from mend(report)
    yield from projects(report)
    if report.comparison:
        yield from compared(report.comparison)
    ordered = by_urgency(report.results)
    for status in MARKS:
        chosen = [result for result in ordered if result.verdict.status is status]
        if chosen:
            yield Row()
            yield Row(head=f"{status.value} ({len(chosen)})", style="bold")
        if status is Status.PASS:
            yield from kept(chosen)
            continue
        for result in chosen:
            yield from rows(result)
    for title, found in notes(report):
        yield Row()
        yield Row(head=title, style="bold")
        # What people said is never cut; a list of unread files may be long.
        shown = found[:NOTES_SHOWN] if title == "not read" else found
        for text in shown:
            yield Row(text, indent=2, hang=2)
        if len(found) > len(shown):
            yield Row(f"and {len(found) - len(shown)} more", indent=2, tone="dim")
    yield from last(report)


def render(report: Report, *, colour: bool = False) -> str:
    """Return the report for a screen; without colour it holds no escape codes."""
    if not colour:
        lines = (line for row in page(report) for line in row.lines(PIPED))
        return "\n".join(lines) + "\n"
    width = min(max(shutil.get_terminal_size().columns, NARROW), WIDE)
    return coloured(page(report), width)


def coloured(found: Iterable[Row], width: int) -> str:
    """Style the same lines; only here is rich needed."""
    import io  # noqa: PLC0415 - with rich

    from rich.console import Console  # noqa: PLC0415 - a tenth of a second that a pipe saves
    from rich.text import Text  # noqa: PLC0415

    target = io.StringIO()
    console = Console(
        file=target,
        force_terminal=True,
        highlight=False,
        markup=False,
        emoji=False,
        width=width,
        legacy_windows=False,
        soft_wrap=True,
    )
    for row in found:
        for number, line in enumerate(row.lines(width)):
            text = Text(line, row.tone)
            if row.head and number == 0:
                start = row.indent
                text.stylize(row.style, start, min(start + len(safe(row.head)), len(line)))
            console.print(text)
    return target.getvalue()
