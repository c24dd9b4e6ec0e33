"""One self-contained page: no network, everything escaped, light and dark."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from repro_audit.render.words import (
    ORDER,
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
    from repro_audit.model import Report, Result

HEADINGS = {
    "fail": "Fails",
    "error": "The rule crashed",
    "partial": "Kept in part",
    "unknown": "Reading cannot decide",
    "pass": "Kept",
    "not-applicable": "Does not apply",
}
COLUMNS = 8
SEED = "seed"


def digest(text: str) -> str:
    """Return the hash by which a content-security-policy admits an inline block."""
    raw = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(raw).decode()}'"


def groups(ordered: list[Result]) -> list[tuple[str, list[Result]]]:
    """Group results by status, what fails first."""
    found = [
        (status.value, [item for item in ordered if item.verdict.status is status])
        for status in ORDER
    ]
    return [(name, results) for name, results in found if results]


def matrix(report: Report) -> tuple[list[str], list[tuple[str, list[str], str]]]:
    """Return the outputs that differ somewhere, and per re-run a sign for each and the result."""
    reruns = report.proof.reruns
    shown = list(dict.fromkeys(path for item in reruns for path, _ in item.differences))[:COLUMNS]
    rows = []
    for item in reruns:
        moved = dict(item.differences)
        signs = ["differs" if path in moved else "equal" for path in shown]
        # Another seed is expected to move the result; that it does is no fault.
        usual = ("no reaction", "reacts") if item.name == SEED else ("equal", "differs")
        rows.append((item.name, signs, usual[0] if item.equal else usual[1]))
    return shown, rows


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return the page; without scripts it lacks only the search."""
    folder = Path(__file__).with_name("page")
    style = (folder / "report.css").read_text("utf-8")
    script = (folder / "report.js").read_text("utf-8")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["safe_text"] = safe
    environment.globals.update(
        place=place, change_text=change_text, range_text=range_text, worst=worst
    )
    ordered = by_urgency(report.results)
    outputs, reruns = matrix(report)
    template = environment.from_string((folder / "report.html.j2").read_text("utf-8"))
    return template.render(
        report=report,
        groups=groups(ordered),
        headings=HEADINGS,
        first=first(report),
        missed=[name for name, state in report.score.levels + report.score.badges if state == "no"],
        opened=[result for result, _ in first(report)],
        counts=counts(report),
        aspects=sorted({item.practice.aspect for item in report.results}),
        outputs=outputs,
        reruns=reruns,
        notes=notes(report),
        projects=report.projects[:PROJECTS_SHOWN],
        more_projects=more_projects(report),
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
            "base-uri 'none'; form-action 'none'"
        ),
    )
