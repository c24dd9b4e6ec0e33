"""The record of a part of a program: `with repro_audit.run():`, or `@repro_audit.run()`."""

from __future__ import annotations

import importlib
import os
import sys
import time
from contextlib import ContextDecorator
from typing import TYPE_CHECKING

from repro_audit.running.launch import Ended
from repro_audit.running.place import AGENT
from repro_audit.running.recorder import Recorder

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class run(ContextDecorator):  # noqa: N801 - used as a function is
    """Keeps a record of what runs inside, as `repro-audit run` does of a command.

    The output is not kept, and what this process opened before is not seen.
    """

    def __init__(self, output: str | Path | None = None) -> None:
        """Take the folder of the record; a folder of its own in `.repro-audit/runs` without one."""
        self.output = output
        self.recorder: Recorder | None = None
        self.began = 0.0

    def __enter__(self) -> Recorder:
        """Write the first record and begin to observe this process."""
        words = getattr(sys, "orig_argv", None) or [sys.executable, *sys.argv]
        self.recorder = Recorder(words, None if self.output is None else str(self.output))
        self.recorder.begin(dict(os.environ))
        orders = self.recorder.orders(dict(os.environ))
        sys.path.insert(0, str(AGENT))
        try:
            observing = importlib.import_module("repro_audit_agent.observing")
        finally:
            sys.path.remove(str(AGENT))
        observing.begin(orders)
        self.began = time.monotonic()
        return self.recorder

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the last record; what was raised goes on."""
        if self.recorder is None:
            return
        ended = Ended(0 if kind is None else 1, time.monotonic() - self.began)
        if kind is not None:
            ended.problem = f"{kind.__name__}: {problem}"
            if issubclass(kind, KeyboardInterrupt):
                ended.asked = "SIGINT"
        self.recorder.end(ended)
        self.recorder = None
