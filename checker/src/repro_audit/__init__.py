"""The public interface: what a rule needs, and `run_audit` for programs.

A rule is a pure function `Repository -> Verdict`; it imports these names and `repro_audit.facts`.
Each name is imported when it is first asked for, so that `repro-audit --version` imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from repro_audit.audit import run_audit
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
    from repro_audit.running.block import run

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
    "run",
    "run_audit",
    "unknown",
]

HOMES = {
    "Fact": "repository",
    "File": "repository",
    "ReproAuditError": "errors",
    "Repository": "repository",
    "Role": "roles",
    "run": "running.block",
    "run_audit": "audit",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home and keep it here."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - see above

    found = getattr(import_module(f"repro_audit.{HOMES.get(name, 'model')}"), name)
    globals()[name] = found
    return found
