"""Where a report goes: to the screen, or into a file whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from repro_audit.errors import ReproAuditError


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
    from tempfile import mkstemp  # noqa: PLC0415 - most reports go to the screen

    try:
        handle, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
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


def send(text: str, output: str | None) -> None:
    """Write to the file `output`, or to the screen when it is None.

    Raises:
        ReproAuditError: when the file cannot be written.
    """
    if output is None:
        emit(text)
    else:
        write(Path(output), text)


def say(line: str) -> None:
    """Tell a person, apart from what is asked for."""
    print(f"repro-audit: {line}", file=sys.stderr, flush=True)
