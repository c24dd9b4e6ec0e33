"""Where records and what is needed for them lie."""

from __future__ import annotations

from pathlib import Path

from repro_audit.errors import ReproAuditError
from repro_audit.running.record import NAME

HOME = ".repro-audit"
AGENT = Path(__file__).parents[1] / "verify" / "agent"


def own_folder(top: Path) -> Path:
    """Return the folder of all runs of a tree; git does not see it."""
    home = top / HOME
    try:
        home.mkdir(exist_ok=True)
        ignored = home / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", "utf-8")
    except OSError as problem:
        raise ReproAuditError(
            f"{home} cannot be made ({problem.strerror}); choose another --output."
        ) from problem
    return home / "runs"


def prepared(folder: Path) -> Path:
    """Make the folder of a run.

    Raises:
        ReproAuditError: when it holds another run or cannot be made.
    """
    if (folder / NAME).exists():
        raise ReproAuditError(f"{folder} holds another run; choose another --output.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ReproAuditError(
            f"{folder} cannot be made ({problem.strerror}); choose another --output."
        ) from problem
    return folder.absolute()
