"""The record of a part of a program: `with repro_audit.run():`, or `@repro_audit.run()`."""

from __future__ import annotations

import importlib
import os
import sys
import time
from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any

from repro_audit.running.launch import Ended
from repro_audit.running.notify import Notifier
from repro_audit.running.place import AGENT
from repro_audit.running.record import without_passwords
from repro_audit.running.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import ModuleType, TracebackType

    Told = Callable[[dict[str, Any]], object]


class run(ContextDecorator):  # noqa: N801 - used as a function is
    """Keeps a record of what runs inside, as `repro-audit run` does of a command.

    The output is not kept, and what this process opened before is not seen.
    """

    def __init__(  # noqa: PLR0913 - each is given by its name
        self,
        output: str | Path | None = None,
        *,
        track: bool = False,
        notify: Sequence[str] = (),
        on_start: Told | None = None,
        on_end: Told | None = None,
        on_failure: Told | None = None,
    ) -> None:
        """Say where the record goes and who is told.

        Args:
            output: The folder of the record; one of its own in `.repro-audit/runs` without it.
            track: Log what trains inside into an MLflow run, where MLflow is installed.
            notify: Addresses of apprise, told of start, end and failure.
            on_start: Called with the record when the part begins.
            on_end: Called with the record when it has ended well.
            on_failure: Called with the record when something was raised inside. What any of the
                three raises is noted in the record and changes nothing else.
        """
        self.output = output
        self.track = track
        self.notify = tuple(notify)
        self.callbacks = {"start": on_start, "end": on_end, "failure": on_failure}
        self.recorder: Recorder | None = None
        self.notifier = Notifier((), ())
        self.began = 0.0

    def __enter__(self) -> Recorder:
        """Write the first record and begin to observe this process."""
        words = getattr(sys, "orig_argv", None) or [sys.executable, *sys.argv]
        self.notifier = Notifier(self.notify, without_passwords(words))
        output = None if self.output is None else str(self.output)
        self.recorder = recorder = Recorder(words, output, track=self.track)
        recorder.begin(dict(os.environ))
        agent("observing").begin(recorder.orders(dict(os.environ)))
        self.notifier.started()
        self.call("start", recorder)
        self.began = time.monotonic()
        return recorder

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the last record; what was raised goes on."""
        if self.recorder is None:
            return
        recorder, self.recorder = self.recorder, None
        ended = Ended(status_of(problem), time.monotonic() - self.began)
        if kind is not None and not issubclass(kind, SystemExit):
            ended.problem = f"{kind.__name__}: {problem}"
            if issubclass(kind, KeyboardInterrupt):
                ended.asked = "SIGINT"
        if self.track:
            agent("tracking").TRACKING.end()
        recorder.end(ended)
        self.call("failure" if ended.status else "end", recorder)
        if self.notify:
            self.notifier.ended(recorder.record, recorder.path)
            recorder.record["notifications"] = self.notifier.told
            recorder.save()

    def call(self, event: str, recorder: Recorder) -> None:
        """Call who wants to know of an event."""
        callback = self.callbacks[event]
        if callback is None:
            return
        try:
            callback(recorder.record)
        except Exception as raised:  # noqa: BLE001 - never the program's fault
            recorder.record["notes"].append(f"the callback on_{event} raised {raised!r}")
            recorder.save()


def status_of(problem: BaseException | None) -> int:
    """Return the exit status of a program that ends so."""
    if isinstance(problem, SystemExit):
        code = problem.code
        return code if isinstance(code, int) else int(code is not None)
    return int(problem is not None)


def agent(name: str) -> ModuleType:
    """Import a part of what works inside a program."""
    sys.path.insert(0, str(AGENT))
    try:
        return importlib.import_module(f"repro_audit_agent.{name}")
    finally:
        sys.path.remove(str(AGENT))
