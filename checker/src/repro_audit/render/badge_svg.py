"""A badge as SVG: nothing from elsewhere, and its text is numbers and fixed words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.render.badge_json import LABEL, colour_of, message

if TYPE_CHECKING:
    from repro_audit.model import Report

# White text on each keeps a contrast of 4.5 to 1 (WCAG 2.1, 1.4.3).
FILL = {
    "brightgreen": "#1a7f37",
    "green": "#3f7a1c",
    "yellow": "#8a6100",
    "orange": "#b34700",
    "red": "#b3261e",
}
# Verdana at 11 px is about 6.6 px wide per character; textLength fits what a reader has.
LETTER, PADDING, HEIGHT = 6.6, 10, 20


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return the SVG."""
    text = message(report)
    left = round(len(LABEL) * LETTER) + PADDING
    right = round(len(text) * LETTER) + PADDING
    whole, said = left + right, f"{LABEL}: {text}"
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{HEIGHT}" role="img" \
aria-label="{said}">
<title>{said}</title>
<clipPath id="r"><rect width="{whole}" height="{HEIGHT}" rx="3"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="{HEIGHT}" fill="#4a4f57"/>
<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{FILL[colour_of(report)]}"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{left / 2:g}" y="14" textLength="{left - PADDING}">{LABEL}</text>
<text x="{left + right / 2:g}" y="14" textLength="{right - PADDING}">{text}</text>
</g>
</svg>
"""
