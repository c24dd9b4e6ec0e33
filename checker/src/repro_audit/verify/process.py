"""One process under limits: its group is watched, and ended as a whole."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from repro_audit.verify.plan import Limits

LOOK_EVERY, MEASURE_EVERY = 0.01, 1.0
PATIENCE = 5.0
DEATH_SIGNAL = 1
TICKS_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True)
class Ended:
    """How a process ended; `limit` names the limit that it broke, empty when none."""

    status: int
    seconds: float
    limit: str = ""

    @property
    def failed(self) -> bool:
        """Whether it did not do what it was asked to."""
        return self.status != 0 or bool(self.limit)

    def reason(self, last_words: str) -> str:
        """Say in one line why it failed."""
        if self.limit:
            return f"stopped: more than {self.limit}"
        words = f": {last_words}" if last_words else ""
        if self.status < 0:
            return f"ended by signal {-self.status}{words}"
        return f"exit status {self.status}{words}"


@dataclass(frozen=True)
class Start:
    """What is started, and where its output goes."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    cwd: Path
    stdout: Path
    stderr: Path
    cpus: tuple[int, ...] = ()
    watched: tuple[Path, ...] = ()


def prepare(limits: Limits, cpus: tuple[int, ...]) -> Callable[[], None]:
    """Return what the child does to itself before it becomes the command."""
    library = ctypes.CDLL(None, use_errno=True)

    def inside() -> None:
        if cpus:
            os.sched_setaffinity(0, cpus)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        lower(resource.RLIMIT_FSIZE, limits.disk)
        if limits.memory is not None:
            # Data, not address space: CUDA reserves far more addresses than it uses.
            lower(resource.RLIMIT_DATA, limits.memory)
        if hasattr(library, "prctl"):
            library.prctl(DEATH_SIGNAL, signal.SIGKILL)

    return inside


def lower(which: int, value: int) -> None:
    """Set a limit, within what the system allows."""
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, hard))


def run(start: Start, limits: Limits) -> Ended:
    """Run a process to its end, or to the first limit that it breaks."""
    began = time.monotonic()
    with start.stdout.open("wb") as out, start.stderr.open("wb") as err:
        try:
            child = subprocess.Popen(  # noqa: S603 - the command that the user named
                list(start.argv), cwd=start.cwd, env=dict(start.environment),
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
                preexec_fn=prepare(limits, start.cpus),  # noqa: PLW1509 - no threads here
            )  # fmt: skip
        except OSError as problem:
            err.write(f"{problem}\n".encode())
            return Ended(127, time.monotonic() - began)
    try:
        limit = watch(child, start, limits, began)
    finally:
        end(child)
    return Ended(child.returncode, time.monotonic() - began, limit)


def watch(child: subprocess.Popen[bytes], start: Start, limits: Limits, began: float) -> str:
    """Wait for the end; return the limit that was broken before it."""
    pause, measured = LOOK_EVERY, began
    while True:
        with suppress(subprocess.TimeoutExpired):
            child.wait(pause)
            return ""
        pause = min(pause * 1.5, 0.25)
        now = time.monotonic()
        if now - began > limits.seconds:
            return f"{limits.seconds:g} seconds"
        if now - measured > MEASURE_EVERY:
            measured = now
            broken = measure(child.pid, start, limits)
            if broken:
                return broken


def measure(leader: int, start: Start, limits: Limits) -> str:
    """Compare processes, memory and disk of the run with their limits."""
    family = descendants(leader)
    if len(family) > limits.processes:
        return f"{limits.processes} processes"
    if limits.memory is not None and sum(map(resident, family)) > limits.memory:
        return f"{limits.memory // 1_000_000} MB of memory"
    if sum(map(size_of, start.watched)) > limits.disk:
        return f"{limits.disk // 1_000_000} MB on disk"
    return ""


def descendants(leader: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir() if Path("/proc/self").exists() else ():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [leader]
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def resident(process: int) -> int:
    """Return the memory of a process that no other shares."""
    with suppress(OSError, ValueError, IndexError):
        numbers = Path(f"/proc/{process}/statm").read_text("ascii").split()
        return (int(numbers[1]) - int(numbers[2])) * TICKS_PAGE
    return 0


def size_of(root: Path) -> int:
    """Return what a folder takes on disk."""
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512  # noqa: PTH118
    return total


def end(child: subprocess.Popen[bytes]) -> None:
    """End what is left of the group: asked first, then forced."""
    for way, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, PATIENCE)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, way)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)
            break
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
