"""Keeps the store of MLflow open beside a command: `python keeper.py ORDERS`, which are JSON.

What the processes of the command have to write comes through a socket; the last order, to put the
record into the run, through standard input or, where it is known from the beginning, the orders.
"""

import contextlib
import json
import os
import signal
import sys
import threading

STATES = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
PREFIX = "sqlite:///"
MOST_TOLD = 3
PATIENCE = 30
POLITE = 10


class Keeper:
    """One store and those who write to it."""

    def __init__(self, orders):
        self.orders = orders
        self.lock = threading.Lock()
        self.draft = self.store = None
        self.serving = []
        self.lost = []

    def listen(self):
        """Take calls from now on."""
        from multiprocessing.connection import Listener

        self.opened = threading.Event()
        self.listener = Listener(self.orders["socket"], "AF_UNIX")
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        """Serve each that calls."""
        while True:
            connection = self.listener.accept()
            thread = threading.Thread(target=self.serve, args=(connection,), daemon=True)
            self.serving.append(thread)
            thread.start()

    def open(self):
        """Open the store; one that is new is made aside, and put in place when it is used."""
        from mlflow.tracking._tracking_service.utils import _get_store

        path = self.orders["uri"][len(PREFIX) :]
        if self.orders["ours"] and not os.path.exists(path):
            self.draft = "%s.%d.new" % (path, os.getpid())
            _get_store(PREFIX + self.draft).engine.dispose()
        else:
            self.store = _get_store(self.orders["uri"])
        self.opened.set()

    def place(self):
        """Put a new store in its place, unless another run was faster."""
        from mlflow.tracking._tracking_service.utils import _get_store

        with self.lock:
            if self.store is None:
                with contextlib.suppress(FileExistsError):
                    os.link(self.draft, self.orders["uri"][len(PREFIX) :])
                self.store = _get_store(self.orders["uri"])
            return self.store

    def serve(self, connection):
        """Do what one process asks, until it ends."""
        from repro_audit_agent.keeping import UNANSWERED

        self.opened.wait()
        store = self.place()
        with contextlib.suppress(EOFError, OSError):
            connection.send("ready")
            # What wakes this thread would wait for it, on the processor that trains.
            os.nice(POLITE)
            while True:
                name, args, kwargs = connection.recv()
                try:
                    found = (True, getattr(store, name)(*args, **kwargs))
                except Exception as problem:  # noqa: BLE001 - it is raised there
                    found = (False, problem)
                if name not in UNANSWERED:
                    connection.send(found)
                elif not found[0]:
                    self.lost.append(str(found[1]))

    def wait(self):
        """Let what is on its way arrive."""
        for thread in list(self.serving):
            thread.join(PATIENCE)

    def clear(self):
        """Take the draft of the store away."""
        if self.draft:
            with contextlib.suppress(OSError):
                os.unlink(self.draft)


def finish(run_id, uri, folder):
    """Log the folder of a run, name its facts as tags, end the MLflow run; return what it holds."""
    from mlflow import MlflowClient
    from mlflow.entities import RunTag

    with open(os.path.join(folder, "run.json"), encoding="utf-8") as stream:
        record = json.load(stream)
    client = MlflowClient(tracking_uri=uri)
    client.log_artifacts(run_id, folder, "repro-audit")
    tags = {
        "repro_audit.commit": record["commit"] or "",
        "repro_audit.dirty": str(record["source"]["dirty"]).lower(),
        "repro_audit.lock": " ".join(sorted(record["lock_digest"].values())),
        "repro_audit.inputs": " ".join(
            sorted({item["digest"] for item in record["inputs"] if item["digest"]})[:50]
        ),
    }
    client.log_batch(run_id, tags=[RunTag(name, value[:5000]) for name, value in tags.items()])
    client.set_terminated(run_id, STATES[record["state"]])
    run = client.get_run(run_id)
    return {"metrics": run.data.metrics, "experiment": run.info.experiment_id}


def main(orders):
    """Follow the orders."""
    # Our own modules have names that others may have too.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    from repro_audit_agent.imports import load_mlflow

    keeper, last = Keeper(orders), orders.get("last")
    if last is None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            keeper.listen()
            load_mlflow()
            keeper.open()
            line = sys.stdin.readline()
            keeper.wait()
        except SystemExit:
            keeper.clear()
            leave(1)
        except BaseException:
            with open(orders["socket"] + ".failed", "w"):
                raise
        finally:
            keeper.clear()
        last = json.loads(line) if line else None
    else:
        load_mlflow()
    if last is not None:
        found = finish(last["run_id"], last["uri"], last["folder"])
        # MLflow may have said something before it.
        print("\n" + json.dumps({**found, "lost": keeper.lost[:MOST_TOLD]}), flush=True)
        leave(0)


def leave(status):
    """End at once: all is written, and to take the libraries down would take longer than that."""
    os._exit(status)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
