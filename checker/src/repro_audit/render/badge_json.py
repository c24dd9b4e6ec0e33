"""The endpoint of shields.io: https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_audit.model import Report

LABEL = "reproducibility"
# By the low end, in percent; names that shields.io knows.
COLOURS = ((85, "brightgreen"), (70, "green"), (50, "yellow"), (30, "orange"), (0, "red"))


def message(report: Report) -> str:
    """Write the range; a badge without its high end would hide what was not decided."""
    low, high = round(report.score.low), round(report.score.high)
    return f"{low} of 100 ready" if low == high else f"{low} to {high} of 100 ready"


def colour_of(report: Report) -> str:
    """Name the colour of the low end."""
    return next(name for bar, name in COLOURS if report.score.low >= bar)


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return the JSON of the endpoint; numbers and fixed words only."""
    shape = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": message(report),
        "color": colour_of(report),
    }
    return json.dumps(shape, indent=2) + "\n"
