"""Signals that end a program, as an exception where something must be put in order first."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from repro_audit.running.launch import FORWARDED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Stopped(BaseException):
    """We were told to end."""


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Turn the signals that end a program into an exception, and remember them."""
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler's shape
        received.append(number)
        raise Stopped

    kept: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                kept[number] = signal.signal(number, stop)
    try:
        yield received
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
