"""The command itself: its output passes through and is kept, signals are handed on."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

LARGEST_KEPT = 100_000_000
BLOCK = 1 << 16
# A process that the command left behind may hold its output open for ever.
PATIENCE = 2.0
NOT_FOUND, NOT_EXECUTABLE = 127, 126
FORWARDED = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@dataclass
class Stream:
    """One output of the command as it passes: written on, kept up to a bound, digested whole."""

    source: IO[bytes]
    target: Any
    path: Path
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def follow(self) -> None:
        """Pass everything on until the end."""
        reading = self.source.fileno()
        with self.path.open("wb", buffering=0) as kept:
            while True:
                try:
                    block = os.read(reading, BLOCK)
                except OSError:
                    return
                if not block:
                    return
                self.digest.update(block)
                room = max(0, LARGEST_KEPT - self.size)
                self.size += len(block)
                with suppress(OSError):
                    kept.write(block[:room])
                # Who reads us may have left; the command goes on.
                with suppress(OSError, ValueError):
                    self.target.write(block)
                    self.target.flush()

    def told(self) -> dict[str, Any]:
        """Describe what passed."""
        return {
            "file": self.path.name,
            "bytes": self.size,
            "kept": min(self.size, LARGEST_KEPT),
            "digest": f"sha256:{self.digest.hexdigest()}",
        }


@dataclass
class Ended:
    """How the command ended; `signal` ended it, `asked` is the one that we were sent."""

    status: int
    seconds: float
    signal: str | None = None
    asked: str | None = None
    problem: str | None = None
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The word of the record for it."""
        if self.asked or self.signal:
            return "interrupted"
        return "failed" if self.status else "finished"

    @property
    def reason(self) -> str | None:
        """Why the run did not end well, in one line."""
        if self.problem:
            return self.problem
        if self.asked:
            return f"interrupted by {self.asked}"
        if self.signal:
            return f"ended by {self.signal}"
        return f"exit status {self.status}" if self.status else None


def launch(
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    started: Callable[[int], None],
) -> Ended:
    """Run the command in this folder to its end; its outputs are kept below `folder`."""
    began = time.monotonic()
    try:
        child = subprocess.Popen(  # noqa: S603 - the command that the user named
            list(words), env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as problem:
        status = NOT_FOUND if isinstance(problem, FileNotFoundError) else NOT_EXECUTABLE
        said = f"{words[0]}: {problem.strerror or problem}"
        return Ended(status, time.monotonic() - began, problem=said)
    if child.stdout is None or child.stderr is None:
        raise AssertionError("asked for pipes")
    sys.stdout.flush()
    streams = {
        "stdout": Stream(child.stdout, binary(sys.stdout), folder / "stdout.txt"),
        "stderr": Stream(child.stderr, binary(sys.stderr), folder / "stderr.txt"),
    }
    threads = [threading.Thread(target=item.follow, daemon=True) for item in streams.values()]
    with handed_on(child) as received:
        started(child.pid)
        for thread in threads:
            thread.start()
        child.wait()
    seconds = time.monotonic() - began
    for item, thread in zip(streams.values(), threads, strict=True):
        thread.join(PATIENCE)
        if not thread.is_alive():
            item.source.close()
    status = child.returncode
    ended = Ended(
        status=status if status >= 0 else 128 - status,
        seconds=seconds,
        signal=named(-status) if status < 0 else None,
        asked=named(received[0]) if received else None,
    )
    ended.streams = {name: item.told() for name, item in streams.items()}
    return ended


def binary(stream: Any) -> Any:
    """Return what takes bytes behind a text stream."""
    return getattr(stream, "buffer", None) or _Text(stream)


class _Text:
    """Takes bytes for a stream that has no place for them, as a test's has."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, block: bytes) -> None:
        """Write what can be read of the bytes."""
        self.stream.write(block.decode("utf-8", "replace"))

    def flush(self) -> None:
        """Hand over what is written."""
        self.stream.flush()


def named(number: int) -> str:
    """Return the name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def handed_on(child: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Hand signals on to the command, and remember them; it decides what becomes of them."""
    received: list[int] = []

    def hand_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler's shape
        received.append(number)
        # The terminal has sent its interruption to the command as well.
        if not (number == signal.SIGINT and of_the_terminal()):
            with suppress(OSError):
                child.send_signal(number)

    kept: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in FORWARDED:
            # What was ignored before us, as below nohup, stays so for the command too.
            if signal.getsignal(number) is not signal.SIG_IGN:
                kept[number] = signal.signal(number, hand_on)
    try:
        yield received
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def of_the_terminal() -> bool:
    """Say whether this process group is the one that the terminal's keys reach."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError):
        return False
