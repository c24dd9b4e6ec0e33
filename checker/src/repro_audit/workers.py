"""Shares the work on a large repository among processes, copies of this one that start no program.

Each of them knows what was read before it began, and takes the next task that nobody has taken.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from repro_audit.repository import MOST_TEXT, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from repro_audit.repository import Repository

T = TypeVar("T")
# Below this a second process costs more than it gains, and so does asking above that.
MANY_SOURCES, MOST_FILES = 200, 20_000
# Each takes as much memory as the first; and a ticket is a byte.
MOST_WORKERS, MOST_TASKS = 4, 256


def processors() -> int:
    """Return how many processors this process may use, as far as copies of it can be made."""
    if sys.platform != "linux":
        return 1
    return min(len(os.sched_getaffinity(0)), MOST_WORKERS)


def large(repo: Repository) -> bool:
    """Say whether a repository is large; not where what is read depends on who reads first."""
    sources = sum(file.suffix == ".py" for file in repo.files)
    if sources < MANY_SOURCES or len(repo.files) > MOST_FILES:
        return False
    return sum(size(f"{repo.root}/{file.path}") for file in repo.files) < MOST_TEXT


def size(path: str) -> int:
    """Return the bytes of a file; the path stays text, because there may be very many."""
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def spread(tasks: Sequence[Callable[[], T]], repo: Repository) -> list[T]:
    """Return what each task finds; as many processes share them as the repository may have.

    What the others could not read is noted here too.
    """
    found: dict[int, T] = {}
    if repo.processes > 1 and 1 < len(tasks) <= MOST_TASKS:
        tickets = tickets_for(len(tasks))
        workers: list[Worker[T]] = []
        # A system that is short of processes or memory leaves more to this one.
        with suppress(OSError):
            for _ in range(min(repo.processes, len(tasks)) - 1):
                workers.append(Worker(tasks, tickets, repo))  # noqa: PERF401 - keeps those begun
        found = {number: tasks[number]() for number in taken(tickets)}
        os.close(tickets)
        for worker in workers:
            found |= worker.found(repo)
    # All of it, or what a worker was killed over.
    return [found[at] if at in found else task() for at, task in enumerate(tasks)]


class Worker(Generic[T]):
    """A copy of this process that takes tasks, and sends what it found when none is left."""

    def __init__(self, tasks: Sequence[Callable[[], T]], tickets: int, repo: Repository) -> None:
        """Begin."""
        from multiprocessing import get_context  # noqa: PLC0415 - small repositories need none

        context = get_context("fork")
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(
            target=work, args=(tasks, tickets, repo, sender), daemon=True
        )
        self.process.start()
        sender.close()

    def found(self, repo: Repository) -> dict[int, T]:
        """Wait for what it found, by the number of the task; one that was killed found nothing."""
        found: dict[int, T] = {}
        with suppress(EOFError, OSError):
            packed, skips = self.receiver.recv()
            found = {number: pickle.loads(raw) for number, raw in packed.items()}  # noqa: S301 - ours
            for path, why in skips.items():
                repo.skips[path] = why
        self.process.join()
        return found


def work(
    tasks: Sequence[Callable[[], T]], tickets: int, repo: Repository, sender: Connection
) -> None:
    """Do what a worker does."""
    # The one who waits says that it was interrupted.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    repo.tell, repo.processes = nothing, 1
    before = set(repo.skips)
    # Packed one by one, so that who is slower at that takes fewer.
    packed = {number: pickle.dumps(tasks[number]()) for number in taken(tickets)}
    new = {path: why for path, why in repo.skips.items() if path not in before}
    with suppress(OSError):
        sender.send((packed, new))


def tickets_for(count: int) -> int:
    """Return the end of a pipe with a byte for each task, for whom comes first."""
    reading, writing = os.pipe()
    os.write(writing, bytes(range(count)))
    os.close(writing)
    return reading


def taken(tickets: int) -> Iterator[int]:
    """Yield the numbers of the tasks to do, as long as there is one that nobody has taken."""
    while ticket := os.read(tickets, 1):
        yield ticket[0]
