"""Outputs: each a function `Report -> str`, in one dictionary."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_audit.model import Report

STYLES = ("terminal", "json", "html", "sarif", "markdown")


def render(report: Report, style: str, *, colour: bool = False) -> str:
    """Return the report in one of `STYLES`; only the terminal knows colour."""
    module = import_module(f"repro_audit.render.{style}_report")
    function: Callable[..., str] = module.render
    return function(report, colour=colour)
