"""The table of runs and claims: rich on a terminal, plain lines when piped."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from repro_audit.render.words import safe
from repro_audit.tracked.matches import FOUND, UNKNOWN
from repro_audit.tracked.needs import NO, WEAK, YES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.tracked.document import Findings
    from repro_audit.tracked.matches import Match, Value
    from repro_audit.tracked.needs import Carried

SIGNS = {YES: "+", WEAK: "~", NO: "-"}
STYLES = {"+": "green", "~": "yellow", "-": "bold red"}
LEGEND = "+ carried   ~ in part   - lacking"
MOST_RUNS, MOST_CLAIMS, SHORT, LONGEST = 50, 100, 8, 60


def heads(found: Findings) -> list[str]:
    """Return the names of what a run may carry."""
    return [need.name for need in found.runs[0].needs] if found.runs else []


def row(item: Carried) -> tuple[str, str, list[str], str]:
    """Return identity, name, signs, and what is lacking."""
    signs = [SIGNS[need.state] for need in item.needs]
    lacking = "; ".join(f"{need.name}: {brief(need.told)}" for need in item.lacking)
    name = f"{item.run.experiment}/{item.run.name}"
    return safe(item.run.run_id[:SHORT]), brief(name), signs, lacking or "can be repeated"


def brief(text: str) -> str:
    """Make a text of the store harmless, and shorten it."""
    shown = safe(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."


def shown_runs(found: Findings) -> list[Carried]:
    """Return the runs to show: the newest, those that lack something first."""
    ordered = sorted(found.runs, key=lambda item: item.repeatable)
    return ordered[:MOST_RUNS]


def origin(value: Value) -> str:
    """Say what a number of the store is."""
    runs = ", ".join(safe(ident[:SHORT]) for ident in value.runs[:3])
    more = f" and {len(value.runs) - 3} more" if len(value.runs) > 3 else ""  # noqa: PLR2004
    kind = "" if value.kind == "metric" else f"{value.kind} of "
    return f"{kind}{brief(value.name)} {value.number:g}, run {runs}{more}"


def claim_line(item: Match) -> tuple[str, str, str]:
    """Return place and name, number as written, and where it comes from."""
    where = f"line {item.claim.line}: " if item.claim.line else ""
    name = f"{where}{brief(item.claim.name)}"
    if item.state == FOUND:
        alone = "" if item.by_name else " (by its value alone)"
        more = f", and {len(item.values) - 1} more" if len(item.values) > 1 else ""
        return name, safe(item.claim.text), f"{origin(item.values[0])}{more}{alone}"
    if item.state == UNKNOWN:
        return name, safe(item.claim.text), "no such name, and too few digits to tell"
    near = f"; nearest: {origin(item.near)}" if item.near else ""
    return name, safe(item.claim.text), f"no run has it{near}"


def shown_claims(found: Findings) -> list[Match]:
    """Return the claims to show: those that no run has first."""
    order = {FOUND: 2, UNKNOWN: 1}
    return sorted(found.claims or (), key=lambda item: order.get(item.state, 0))[:MOST_CLAIMS]


def result(found: Findings) -> Iterator[str]:
    """Say the whole in a few sentences."""
    count = len(found.runs)
    yield f"{found.repeatable} of {count} run(s) can be repeated." if count else "There is no run."
    if found.claims is not None:
        states = [item.state for item in found.claims]
        have, unsure = states.count(FOUND), states.count(UNKNOWN)
        yield (
            f"{have} of {len(states)} number(s) of {safe(found.claims_file)} come from a run, "
            f"{len(states) - have - unsure} from none, {unsure} cannot be told."
        )
    for note in found.notes:
        yield f"note: {safe(note)}"


def plain(found: Findings) -> str:
    """Write the findings as text."""
    lines: list[str] = []
    listed = [row(item) for item in shown_runs(found)]
    wide = max((len(name) for _, name, _, _ in listed), default=0)
    names = heads(found)
    if listed:
        lines.append(f"{'run':<{SHORT}}  {'':<{wide}}  {' '.join(names)}")
        for ident, name, signs, told in listed:
            marks = " ".join(sign.ljust(len(head)) for sign, head in zip(signs, names, strict=True))
            lines.append(f"{ident:<{SHORT}}  {name:<{wide}}  {marks}  {told}")
        lines += [*more(len(found.runs), MOST_RUNS), LEGEND, ""]
    for name, text, told in map(claim_line, shown_claims(found)):
        lines.append(f"{name} = {text}: {told}")
    lines += [*more(len(found.claims or ()), MOST_CLAIMS)]
    return "\n".join([*lines, *result(found)]) + "\n"


def more(count: int, most: int) -> list[str]:
    """Say how many are not shown."""
    return [f"and {count - most} more; --format json lists all"] if count > most else []


def coloured(found: Findings) -> str:
    """Write the findings for a terminal."""
    from rich.console import Console  # noqa: PLC0415 - only where there is colour
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    width = shutil.get_terminal_size().columns
    console = Console(force_terminal=True, width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as kept:
        if found.runs:
            table = Table()
            for head in ("run", "name", *heads(found), "what is lacking"):
                table.add_column(head, overflow="fold")
            for ident, name, signs, told in map(row, shown_runs(found)):
                marks = [Text(sign, style=STYLES[sign]) for sign in signs]
                table.add_row(Text(ident), Text(name), *marks, Text(told))
            console.print(table)
            for line in (*more(len(found.runs), MOST_RUNS), LEGEND):
                console.print(Text(line, style="dim"))
        if found.claims is not None:
            table = Table()
            for head in ("number", "as written", "where it comes from"):
                table.add_column(head, overflow="fold")
            for item in shown_claims(found):
                style = "" if item.state == FOUND else "yellow" if item.state == UNKNOWN else "red"
                table.add_row(*(Text(cell, style=style) for cell in claim_line(item)))
            console.print(table)
            for line in more(len(found.claims), MOST_CLAIMS):
                console.print(Text(line, style="dim"))
        for line in result(found):
            console.print(Text(line, style="bold green" if found.good else "bold red"))
    return kept.get()
