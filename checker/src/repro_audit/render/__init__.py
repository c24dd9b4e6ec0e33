"""Outputs: each a module with a function `Report -> str`, in one dictionary."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_audit.model import Report

MODULES = {
    "terminal": "terminal_report",
    "json": "json_report",
    "html": "html_report",
    "markdown": "markdown_report",
    "sarif": "sarif_report",
    "junit": "junit_report",
    "github": "github_report",
    "badge-svg": "badge_svg",
    "badge-json": "badge_json",
}
STYLES = tuple(MODULES)


def render(report: Report, style: str, *, colour: bool = False) -> str:
    """Return the report in one of `STYLES`; only the terminal knows colour."""
    module = import_module(f"repro_audit.render.{MODULES[style]}")
    function: Callable[..., str] = module.render
    return function(report, colour=colour)
