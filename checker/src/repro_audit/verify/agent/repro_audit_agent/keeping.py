"""Hands what MLflow writes to a process beside the program, which goes on meanwhile.

That process opens the store while the program still imports its libraries. Where there is none, or
it does not answer, MLflow writes itself.
"""

import inspect
import json
import os
import sys
import threading
import time

# What the program does not wait for. It is done in its order, before anything else that is asked.
UNANSWERED = {"log_batch", "log_metric"}
# Numbers that come faster are put together; the store takes so many at once.
PAUSE, MOST = 1.0, 1000
STORE = "sqlite"
SECONDS = 60


def ask(orders):
    """Have the store opened; of all processes of a command the first one asks."""
    told = orders.get("keeper")
    if not told:
        return
    try:
        handle = os.open(told["asked"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as stream:
        json.dump({"python": sys.executable}, stream)
    bell = os.open(told["bell"], os.O_WRONLY | os.O_NONBLOCK)
    os.write(bell, b"!")
    os.close(bell)


def hand_over(orders):
    """Let MLflow find the process behind the address of the store."""
    told = orders.get("keeper")
    if not told:
        return
    from mlflow.tracking._tracking_service import utils

    registry = utils._tracking_store_registry
    address = orders["track"]["uri"]
    theirs = registry.get_store_builder(STORE + "://")

    def builder(store_uri, artifact_uri=None):
        if store_uri == address:
            try:
                return kept(told["socket"])
            except (OSError, EOFError):
                pass
        return theirs(store_uri=store_uri, artifact_uri=artifact_uri)

    registry.register(STORE, builder)


def kept(path):
    """Return a store that passes on what it is asked."""
    from mlflow.store.tracking.abstract_store import AbstractStore

    line = Line(path)
    names = [
        name
        for name, value in inspect.getmembers(AbstractStore, inspect.isfunction)
        # MLflow's queues end in `log_batch`.
        if not name.startswith("_") and "async" not in name
    ]
    return type("Kept", (AbstractStore,), {name: passed_on(name, line) for name in names})()


def passed_on(name, line):
    """Return a method that is done elsewhere."""

    def method(store, *args, **kwargs):
        return line.ask(name, args, kwargs)

    return method


class Line:
    """The connection to the process beside."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.RLock()
        self.waiting, self.sent = {}, 0.0
        self.connect()

    def connect(self):
        """Call, until somebody answers whose store is open."""
        from multiprocessing.connection import Client

        limit = time.monotonic() + SECONDS
        while True:
            try:
                self.connection = Client(self.path, "AF_UNIX")
                break
            except OSError:
                if time.monotonic() > limit or os.path.exists(self.path + ".failed"):
                    raise
                time.sleep(0.02)
        self.owner = os.getpid()
        if not self.connection.poll(SECONDS):
            raise EOFError
        self.connection.recv()

    def ask(self, name, args, kwargs):
        """Have something done, and return what comes of it."""
        with self.lock:
            if self.owner != os.getpid():
                # A fork must not speak for its parent.
                self.waiting = {}
                self.connect()
            if name == "log_batch" and self.put_off(*args, **kwargs):
                return None
            self.flush()
            self.connection.send((name, args, kwargs))
            if name in UNANSWERED:
                return None
            done, value = self.connection.recv()
        if done:
            return value
        raise value

    def put_off(self, run_id, metrics=(), params=(), tags=()):
        """Keep numbers for the next time that some are sent; say whether there is nothing else."""
        if params or tags:
            return False
        self.waiting.setdefault(run_id, []).extend(metrics)
        if time.monotonic() - self.sent > PAUSE:
            self.flush()
        return True

    def flush(self):
        """Send what was put off, before anything else is asked."""
        for run_id, metrics in self.waiting.items():
            for start in range(0, len(metrics), MOST):
                some = metrics[start : start + MOST]
                self.connection.send(("log_batch", (run_id, some, [], []), {}))
        self.waiting, self.sent = {}, time.monotonic()
