"""The public interface: what a rule needs, and `run_audit` for programs.

A rule is a pure function `Repository -> Verdict`; it imports these names and `repro_audit.facts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError
from repro_audit.model import (
    Evidence,
    Practice,
    Report,
    Result,
    Severity,
    Status,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.repository import Fact, File, Repository
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.audit import run_audit

__version__ = "0.1.0"

__all__ = [
    "Evidence",
    "Fact",
    "File",
    "Practice",
    "Report",
    "Repository",
    "ReproAuditError",
    "Result",
    "Role",
    "Severity",
    "Status",
    "Verdict",
    "__version__",
    "failed",
    "not_applicable",
    "partial",
    "passed",
    "run_audit",
    "unknown",
]


def __getattr__(name: str) -> Any:
    """Import the engine only when it is asked for, so that a rule or `--version` stays light."""
    if name == "run_audit":
        from repro_audit.audit import run_audit  # noqa: PLC0415 - see above

        return run_audit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
