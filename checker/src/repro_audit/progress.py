"""One line on a terminal that says how far a long audit is, and leaves nothing behind."""

from __future__ import annotations

import time
from typing import TextIO

CLEARED = "\r\x1b[K"


class Progress:
    """Shows what is told to it, from `patience` seconds on and not more often than `pause`."""

    def __init__(self, stream: TextIO, patience: float = 2.0, pause: float = 0.1) -> None:
        """Begin to count the time; a stream that is no terminal gets nothing."""
        self.stream = stream
        self.pause = pause
        self.due = time.monotonic() + patience if stream.isatty() else float("inf")
        self.shown = False

    def __call__(self, text: str) -> None:
        """Say what is done now; `text` holds no words of the repository."""
        now = time.monotonic()
        if now < self.due:
            return
        self.due = now + self.pause
        self.shown = True
        self.stream.write(f"{CLEARED}repro-audit: {text}")
        self.stream.flush()

    def end(self) -> None:
        """Take the line away."""
        if self.shown:
            self.stream.write(CLEARED)
            self.stream.flush()
