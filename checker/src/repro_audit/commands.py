"""What the commands do; they return an exit status."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from repro_audit import catalogue
from repro_audit.audit import run_audit
from repro_audit.cli import BELOW, DONE, INCOMPLETE
from repro_audit.errors import ReproAuditError
from repro_audit.model import Report, Status
from repro_audit.render import render
from repro_audit.settings import load_settings


@dataclass(frozen=True)
class Choice:
    """Which practices are asked, and whether the target's settings count."""

    select: tuple[str, ...] = ()
    untrusted: bool = False


def check(
    path: str, style: str, output: str | None, fail_under: float | None, choice: Choice
) -> int:
    """Audit `path` and write the report.

    Raises:
        ReproAuditError: when something is given that cannot be used.
    """
    root = Path(path)
    if not root.is_dir():
        raise ReproAuditError(
            f"{path} is not a folder that can be read; give the path of a repository."
        )
    settings = load_settings(root.resolve())
    trusted = not choice.untrusted
    report = run_audit(root, settings=settings, select=choice.select, trusted=trusted)
    colour = output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = render(report, style, colour=colour)
    if output is None:
        emit(text)
    else:
        write(Path(output), text)
    own = settings.fail_under if trusted else None
    return status(report, fail_under if fail_under is not None else own)


def status(report: Report, bar: float | None) -> int:
    """Return the exit status; an incomplete audit outranks the bar."""
    if any(result.verdict.status is Status.ERROR for result in report.results):
        return INCOMPLETE
    return BELOW if bar is not None and report.score.low < bar else DONE


def emit(text: str) -> None:
    """Write to the screen; what its encoding cannot show is escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        ReproAuditError: when its folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            # mkstemp is private to its owner; a report has the rights of any new file.
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as problem:
        reason = problem.strerror or "unknown reason"
        raise ReproAuditError(
            f"{path} cannot be written ({reason}); choose another --output."
        ) from problem


def list_practices() -> int:
    """Print id, severity, aspect and title of every practice."""
    rows = [rule.practice for rule in catalogue.rules()]
    width = max(len(practice.id) for practice in rows)
    for practice in rows:
        head = f"{practice.id:<{width}}  {practice.severity.value:<8}"
        emit(f"{head} {practice.title} ({practice.aspect})\n")
    return DONE


def explain(identifier: str) -> int:
    """Print the page of a practice."""
    found = catalogue.rule(identifier)
    practice = found.practice
    emit(f"# {practice.title}\n\n")
    emit(f"{practice.id} · {practice.aspect} · {practice.level} · {practice.severity.value}\n")
    emit(f"Sources: {', '.join(practice.sources)}\n\n{found.page.body}")
    return DONE
