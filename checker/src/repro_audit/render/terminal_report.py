"""The terminal: rich where there is one, plain text when piped."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from repro_audit.model import Report, Result, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKS = {
    Status.FAIL: ("✗", "bold red"),
    Status.ERROR: ("!", "bold magenta"),
    Status.PARTIAL: ("◐", "yellow"),
    Status.UNKNOWN: ("?", "cyan"),
    Status.PASS: ("✓", "green"),
    Status.NOT_APPLICABLE: ("-", "dim"),
}
ORDER = tuple(MARKS)
# C0 and C1 controls, and marks that turn the direction of text: no path repaints the screen.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
SHOWN = 5


def safe(text: str) -> str:
    """Make control characters visible."""
    return CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def place(path: str, line: int) -> str:
    """Write path and line."""
    return safe(path) + (f":{line}" if line else "")


def bar(low: float, high: float, width: int = 20) -> str:
    """Draw a range."""
    full = round(low / 100 * width)
    open_ = round(high / 100 * width) - full
    return "█" * full + "▒" * open_ + "·" * (width - full - open_)


def head(report: Report) -> Iterable[Text]:
    """Say what was audited and how ready it is."""
    score, subject = report.score, report.subject
    commit = f" at {subject.commit[:12]}" if subject.commit else ""
    dirty = " (with uncommitted changes)" if subject.dirty else ""
    yield Text.assemble(
        (safe(subject.name), "bold"),
        f"{safe(commit)}{dirty} · {subject.kind} · {subject.files} files",
    )
    yield Text("")
    yield Text.assemble(
        "Readiness ",
        (f"{score.low:g} to {score.high:g}", "bold"),
        f" of 100 · {score.coverage:.0%} decided · weakest: {score.weakest or 'none'}",
    )
    yield Text("Reading says what can be repeated; only a re-run proves that it repeats.", "dim")
    yield Text("")
    width = max((len(item.aspect) for item in score.aspects), default=0)
    for item in score.aspects:
        yield Text(
            f"  {item.aspect:<{width}}  {bar(item.low, item.high)}  {item.low:g} to {item.high:g}"
        )
    yield Text("")
    yield Text("Levels: " + (", ".join(score.reached) or "none is ready yet"))
    proof = report.proof
    if proof.record:
        held = f"stale: {proof.stale}" if proof.stale else f"{score.proven:.0%} proven by re-runs"
        yield Text(f"Record: {safe(proof.record)} ({safe(held)})")


def lines(result: Result) -> Iterable[Text]:
    """Show one practice with its first evidence and its fix."""
    mark, style = MARKS[result.verdict.status]
    yield Text.assemble(
        (f"{mark} ", style), (result.practice.id, style), f"  {safe(result.verdict.summary)}"
    )
    if result.verdict.status in (Status.PASS, Status.NOT_APPLICABLE):
        return
    for item in result.verdict.evidence[:SHOWN]:
        yield Text.assemble(
            "    ", (place(item.path, item.line), "underline"), f"  {safe(item.message)}"
        )
    more = len(result.verdict.evidence) - SHOWN
    if more > 0:
        yield Text(f"    and {more} more", "dim")
    if result.verdict.fix:
        yield Text(f"    fix: {safe(result.verdict.fix)}", "dim")


def render(report: Report, *, colour: bool = False) -> str:
    """Return the report for a screen; without colour it holds no escape codes."""
    target = io.StringIO()
    console = Console(
        file=target,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if colour else 10_000,
        legacy_windows=False,
        soft_wrap=True,
    )
    for text in head(report):
        console.print(text)
    for status in ORDER:
        chosen = [result for result in report.results if result.verdict.status is status]
        if chosen:
            console.print(Text(f"\n{status.value} ({len(chosen)})", "bold"))
        for result in chosen:
            for text in lines(result):
                console.print(text)
    for title, rows in tail(report):
        console.print(Text(f"\n{title}", "bold"))
        for row in rows:
            console.print(Text(f"  {safe(row)}"))
    return target.getvalue()


def tail(report: Report) -> Iterable[tuple[str, list[str]]]:
    """List what was ignored and what was not read."""
    if report.ignored:
        yield (
            "ignored",
            [
                f"{item.id}: {item.reason}" + ("" if item.applied else " (not applied)")
                for item in report.ignored
            ],
        )
    if report.skipped:
        yield "not read", [f"{item.path}: {item.why}" for item in report.skipped]
    if report.notices:
        yield "notices", list(report.notices)
