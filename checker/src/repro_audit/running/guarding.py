"""Who writes the end of a record whose recorder was killed: a process that waits beside it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

GUARDIAN = Path(__file__).with_name("guardian.py")


class Guardian:
    """The process that guards one record; a system that has none left does without."""

    def __init__(self, record: Path) -> None:
        """Start it."""
        self.process: subprocess.Popen[bytes] | None = None
        with suppress(OSError):
            self.process = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "-I", "-S", str(GUARDIAN), str(record)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={},
            )

    def tell(self, line: str) -> None:
        """Send it a line, if it is still there."""
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.write(f"{line}\n".encode())
                self.process.stdin.flush()

    def dismiss(self) -> None:
        """Let it go: the record is whole."""
        self.tell("done")
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
