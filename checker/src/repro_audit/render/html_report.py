"""One self-contained page: no network, everything escaped, light and dark."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from repro_audit.model import Report, Status
from repro_audit.render.words import place, safe

ORDER = (
    Status.FAIL,
    Status.ERROR,
    Status.PARTIAL,
    Status.UNKNOWN,
    Status.PASS,
    Status.NOT_APPLICABLE,
)


def digest(text: str) -> str:
    """Return the hash by which a content-security-policy admits an inline block."""
    raw = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(raw).decode()}'"


def groups(report: Report) -> list[dict[str, Any]]:
    """Group results by aspect, the worst first."""
    found: list[dict[str, Any]] = []
    for aspect in sorted({result.practice.aspect for result in report.results}):
        inside = [result for result in report.results if result.practice.aspect == aspect]
        inside.sort(key=lambda result: (ORDER.index(result.verdict.status), result.practice.id))
        score = next((item for item in report.score.aspects if item.aspect == aspect), None)
        found.append({"aspect": aspect, "score": score, "results": inside})
    return found


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 - one signature for all
    """Return the page."""
    folder = files("repro_audit.render") / "page"
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
    environment.globals["place"] = place
    counts = {
        status.value: sum(1 for result in report.results if result.verdict.status is status)
        for status in ORDER
    }
    template = environment.from_string((folder / "report.html.j2").read_text("utf-8"))
    return template.render(
        report=report,
        groups=groups(report),
        counts=counts,
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
            "base-uri 'none'; form-action 'none'"
        ),
    )
