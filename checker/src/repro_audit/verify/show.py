"""The matrix of variations and outputs: rich on a terminal, plain lines when piped."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from repro_audit.render.words import place, safe
from repro_audit.verify.compare.names import general
from repro_audit.verify.plan import APART, CPU_CAPABILITY, PROCESSOR, SEED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.verify.experiment import Findings, Outcome
    from repro_audit.verify.plan import Plan

MOST_COLUMNS, MOST_LINES = 8, 5
SAME, ALMOST, OTHER, NONE = "=", "~", "x", "."
LEGEND = "= equal   ~ within tolerance   x differs   . not written"
STYLE = {SAME: "green", ALMOST: "yellow", OTHER: "bold red", NONE: "dim"}


def columns(findings: Findings) -> list[str]:
    """Return the outputs to show: those that differ somewhere first."""
    moved = {
        item.path: None for outcome in findings.outcomes for item in outcome.differences
        if not item.same
    }  # fmt: skip
    return list(dict.fromkeys([*moved, *findings.reference.written.files]))[:MOST_COLUMNS]


def mark(outcome: Outcome, path: str, findings: Findings) -> str:
    """Return the sign of one cell."""
    found = [item for item in outcome.differences if item.path == path and not item.same]
    if found:
        return ALMOST if all(item.within for item in found) else OTHER
    if outcome.failed:
        return OTHER
    files = findings.reference.written.files
    return SAME if path in files or path in map(general, files) else NONE


def verdict(outcome: Outcome) -> str:
    """Say in a word how a variation came out."""
    if outcome.failed:
        return "failed"
    if outcome.name == SEED:
        return "no reaction" if outcome.equal else "reacts"
    if outcome.equal:
        return "equal"
    return "within tolerance" if outcome.within else "differs"


def numbered(findings: Findings) -> Iterator[str]:
    """Yield the legend of the columns."""
    for number, path in enumerate(columns(findings), 1):
        yield f"  {number} {safe(path)}"
    more = len(findings.reference.written.files) - MOST_COLUMNS
    if more > 0:
        yield f"  and {more} more output(s)"


def rows(findings: Findings) -> Iterator[tuple[str, list[str], str, str]]:
    """Yield name, signs, verdict and condition of each variation."""
    shown = columns(findings)
    for outcome in findings.outcomes:
        marks = [mark(outcome, path, findings) for path in shown]
        apart = " (apart)" if outcome.name in APART else ""
        yield outcome.name, marks, verdict(outcome) + apart, safe(outcome.told)


def result(findings: Findings) -> str:
    """Say the whole in one sentence."""
    count = len(findings.counted)
    if findings.reference.failed:
        return f"The command failed: {safe(findings.reference.reason)}."
    if findings.equal:
        more = ", and with all of them at once" if findings.combined is not None else ""
        return f"Equal: the result came out the same in all {count} re-runs that count{more}."
    moved = [item.name for item in findings.counted if not item.equal]
    if findings.combined is not None and not moved:
        names = " + ".join(findings.combined.names)
        return f"Not equal: each variation alone is harmless, {names} together are not."
    word = "Within tolerance" if findings.within else "Not equal"
    return f"{word}: {len(moved)} of {count} re-runs that count differ ({', '.join(moved)})."


def details(findings: Findings) -> Iterator[str]:
    """Yield what differs, what causes it, and what was left out."""
    for outcome in findings.outcomes:
        found = [item for item in outcome.differences if not item.same]
        if not found or outcome.name == SEED:
            continue
        yield f"{outcome.name}:"
        for item in found[:MOST_LINES]:
            yield f"  {safe(item.path)}: {safe(item.what)}"
        if len(found) > MOST_LINES:
            yield f"  and {len(found) - MOST_LINES} more"
    if findings.causes:
        yield "causes:"
    for cause in findings.causes:
        where = f"{place(cause.path, cause.line)}: " if cause.path else ""
        yield f"  {cause.variation}: {where}{safe(cause.message)}"
    for skip in findings.skipped:
        yield f"left out: {skip.name} ({skip.why})"
    for note in findings.notes:
        yield f"note: {safe(note)}"


def plain(findings: Findings, plan: Plan) -> str:
    """Write the matrix as text."""
    table = list(rows(findings))
    name = max((len(row[0]) for row in table), default=0)
    word = max((len(row[2]) for row in table), default=0)
    lines = [f"command: {safe(' '.join(plan.command))}", *tolerances(plan)]
    if table:
        head = " ".join(str(number % 10) for number in range(1, len(columns(findings)) + 1))
        lines += ["outputs:", *numbered(findings), "", f"{'':<{name}}  {head}"]
        for row in table:
            lines.append(
                f"{row[0]:<{name}}  {' '.join(row[1])}  {row[2]:<{word}}  {row[3]}".rstrip()
            )
        lines += [LEGEND, ""]
    return "\n".join([*lines, *details(findings), result(findings)]) + "\n"


def tolerances(plan: Plan) -> Iterator[str]:
    """Name every tolerance that is used."""
    for item in plan.tolerances:
        if item.ignore:
            yield f"left out of the comparison: {safe(item.pattern)}"
            continue
        yield (
            f"tolerance: {safe(item.pattern)} may differ by {item.relative:g} of its value "
            f"or by {item.absolute:g}"
        )
    if not plan.tolerances:
        yield "tolerance: none"
    if CPU_CAPABILITY in plan.vary:
        given = f"{PROCESSOR.relative:g} of a value or {PROCESSOR.absolute:g}"
        yield f"tolerance for {CPU_CAPABILITY}, which is judged apart: {given}"


def coloured(findings: Findings, plan: Plan) -> str:
    """Write the matrix for a terminal."""
    from rich.console import Console  # noqa: PLC0415 - only where there is colour
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    width = shutil.get_terminal_size().columns
    console = Console(force_terminal=True, width=width, highlight=False, markup=False, emoji=False)
    table = Table(title=f"$ {safe(' '.join(plan.command))}", title_justify="left")
    table.add_column("variation", no_wrap=True)
    for number in range(1, len(columns(findings)) + 1):
        table.add_column(str(number), justify="center")
    table.add_column("result", no_wrap=True)
    table.add_column("what was changed")
    for name, marks, word, told in rows(findings):
        cells = [Text(item, style=STYLE[item]) for item in marks]
        table.add_row(name, *cells, word, told)
    with console.capture() as kept:
        for line in (*tolerances(plan), "outputs:", *numbered(findings)):
            console.print(Text(line))
        if findings.outcomes:
            console.print(table)
            console.print(Text(LEGEND, style="dim"))
        for line in details(findings):
            console.print(Text(line))
        good = findings.equal
        console.print(Text(result(findings), style="bold green" if good else "bold red"))
    return kept.get()
