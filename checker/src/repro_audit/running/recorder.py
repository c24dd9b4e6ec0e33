"""A run from its beginning to its end: what is written when."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.output import write
from repro_audit.recording import document
from repro_audit.recording.interpreter import Interpreter, find_interpreter
from repro_audit.recording.machine import this_machine
from repro_audit.recording.sources import lock_digests
from repro_audit.running.files import Evidence, used_files
from repro_audit.running.guarding import Guardian
from repro_audit.running.keeper import Keeper, kept
from repro_audit.running.observed import Observed, read_notes
from repro_audit.running.opening import Watch
from repro_audit.running.place import AGENT, HOME, own_folder, prepared
from repro_audit.running.pythons import python_that_ran
from repro_audit.running.record import (
    NAME,
    Paths,
    beginning,
    environment_part,
    relevant,
    without_passwords,
)
from repro_audit.running.snapshot import Snapshot, snapshot
from repro_audit.running.source import State, keep_unknown, work_tree
from repro_audit.running.tracking import TrackingError, code_tags, hand_over, tracked, tracking_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from repro_audit.running.launch import Ended

ORDERS = "REPRO_AUDIT_ORDERS"
WRONG = 2


class Recorder:
    """Keeps the record of one run up to date; every state of it on disk is whole."""

    def __init__(
        self,
        words: Sequence[str],
        folder: str | None = None,
        *,
        track: bool = False,
        sent: tuple[State, str] | None = None,
    ) -> None:
        """Look at the tree; `sent` is its state and the run's name where git cannot be asked.

        Raises:
            ReproAuditError: when the folder of the record cannot be used.
        """
        moment = dt.datetime.now(dt.timezone.utc)
        self.words = list(words)
        self.track = track
        ident = f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.state, self.ident = sent or (work_tree(Path.cwd().resolve()), ident)
        self.folder = prepared(Path(folder) if folder else own_folder(self.state.top) / self.ident)
        self.notes_folder = Path(tempfile.mkdtemp(prefix="repro-audit-"))
        self.began = time.time_ns()
        self.environment: dict[str, str] = {}
        started = moment.isoformat(timespec="milliseconds")
        self.record: dict[str, Any] = beginning(words, self.state, started, self.ident)
        self.guardian: Guardian | None = None
        self.interpreter: Interpreter | None = None
        self.asking: threading.Thread | None = None
        self.before = Snapshot(self.state.top)
        self.watch = Watch()
        self.keeper: Keeper | None = None
        # How a command is written that is to run beside the recorded one, as in its container.
        self.beside: Callable[[Sequence[str]], list[str]] | None = None

    @property
    def path(self) -> Path:
        """Where the record is."""
        return self.folder / NAME

    def save(self) -> None:
        """Write the record whole or not at all."""
        write(self.path, document.as_text(self.record))

    def announce(self) -> None:
        """Write the first record, and have it guarded."""
        if self.state.patch:
            (self.folder / "changes.patch").write_bytes(self.state.patch)
            self.record["source"]["patch"] = "changes.patch"
        self.save()
        self.guardian = Guardian(self.path)

    def begin(
        self, environment: Mapping[str, str], variables: Mapping[str, str] | None = None
    ) -> None:
        """Keep what stands there before the command starts, and begin to watch.

        `variables` are those of the command, where they are not the environment.
        """
        self.environment = dict(environment)
        self.record["variables"] = relevant(environment if variables is None else variables)
        self.record["lock_digest"] = lock_digests(self.state.top, sorted(self.state.tracked))
        self.record["machine"] = document.machine_part(this_machine())
        self.announce()
        self.asking = threading.Thread(target=self.ask, args=(dict(environment),), daemon=True)
        self.asking.start()
        self.before = snapshot(self.state.top)
        self.watch.begin(self.before)

    def ask(self, environment: Mapping[str, str]) -> None:
        """Ask the interpreter of the command what is installed; meanwhile the command starts."""
        self.interpreter = find_interpreter(self.words, environment, self.beside)

    def orders(self, environment: Mapping[str, str]) -> dict[str, Any]:
        """Return what the agent inside a Python process is told."""
        told: dict[str, Any] = {
            "notes": str(self.notes_folder),
            "tree": str(self.state.top),
            "began": self.began,
            "run": self.ident,
        }
        if self.track:
            told["track"] = tracked(self.state.top, environment) | {"tags": code_tags(self.state)}
        if self.keeper is not None:
            told["keeper"] = self.keeper.told
        return told

    def keep_store(self, environment: Mapping[str, str]) -> None:
        """Have the MLflow store kept open beside the command, once it asks for that."""
        if self.track:
            track = tracked(self.state.top, environment)
            self.keeper = kept(self.notes_folder, track, environment)

    def observed_environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of the command: Python children find the agent in it."""
        orders = self.notes_folder / "orders.json"
        orders.write_text(json.dumps(self.orders(environment)), "utf-8")
        before = environment.get("PYTHONPATH", "")
        path = f"{AGENT}{os.pathsep}{before}" if before else str(AGENT)
        return {**environment, "PYTHONPATH": path, ORDERS: str(orders)}

    def started(self, process: int) -> None:
        """Tell the guardian which process is the command."""
        if self.guardian is not None:
            self.guardian.tell(str(process))

    def end(self, ended: Ended) -> None:
        """Write the last record."""
        moment = dt.datetime.now(dt.timezone.utc)
        opened = self.watch.end()
        observed = read_notes(self.notes_folder)
        after = snapshot(self.state.top)
        self.record |= {
            "state": ended.state,
            "reason": ended.reason,
            "ended": moment.isoformat(timespec="milliseconds"),
            "seconds": round(ended.seconds, 3),
            "exit_status": ended.status,
            "streams": ended.streams,
            "resources": resources(),
        }
        # What is known by now is safe before the files are read again for their digests.
        self.save()
        self.add_files(observed, after, opened)
        if self.asking is not None:
            self.asking.join()
        paths = Paths(self.state.top)
        self.interpreter, others = python_that_ran(
            observed, self.interpreter, self.words, self.environment, self.beside
        )
        self.record["environment"] = environment_part(self.interpreter)
        if others:
            names = ", ".join(map(paths.shown, others))
            self.record["notes"].append(f"the packages are those of one Python; also ran: {names}")
        self.record["seeds"] = [
            {**seed, "path": paths.shown(seed["path"])} for seed in observed.seeds
        ]
        self.record["unseeded"] = observed.unseeded
        self.record["tracking"] = tracking = tracking_run(self.notes_folder)
        self.save()
        if tracking is not None:
            try:
                told, lost = hand_over(
                    self.notes_folder, self.folder, self.environment, self.beside, self.keeper
                )
                tracking |= told
                self.record["notes"] += lost
            except TrackingError as problem:
                self.record["notes"].append(str(problem))
            self.save()
        self.close()

    def take_over(
        self, there: Mapping[str, Any] | None, ended: Ended, notes: Sequence[str]
    ) -> None:
        """Write the last record of a command that was recorded elsewhere, as it was there."""
        own = self.record
        moment = dt.datetime.now(dt.timezone.utc)
        if there is not None:
            mine = ("id", "command", "started", "recorder", "where", "folder")
            self.record = {**there, **{name: own[name] for name in mine}}
            self.record["source"]["patch"] = own["source"]["patch"]
            self.record["notes"] = [*own["notes"], *there["notes"]]
        # How it ended is known better here: a job that was stopped may not have written that.
        self.record |= {
            "state": ended.state,
            "reason": ended.reason,
            "ended": moment.isoformat(timespec="milliseconds"),
            "seconds": round(ended.seconds, 3),
            "exit_status": ended.status,
        }
        self.record["notes"] += notes
        self.save()
        self.close()

    def give_up(self, problem: str) -> None:
        """Say that the command never ran; a record that was not begun leaves nothing behind."""
        if self.path.exists():
            self.record |= {"state": "failed", "reason": problem, "exit_status": WRONG}
            self.save()
        else:
            with suppress(OSError):
                self.folder.rmdir()
        self.close()

    def add_files(self, observed: Observed, after: Snapshot, opened: set[str]) -> None:
        """Add inputs, outputs, and what of the tree was used without being committed."""
        own = f"{HOME}/"
        files = used_files(self.state, Evidence(self.before, after, observed, self.began, opened))
        inputs = [item for item in files.inputs if not item["path"].startswith(own)]
        untracked = [item["path"] for item in inputs if item["tracked"] is False]
        inside = [path for path in untracked if path in self.before.files]
        shown = Paths(self.state.top).shown
        streams = {shown(str(self.folder / f"{name}.txt")) for name in ("stdout", "stderr")}
        outputs = [item for item in files.outputs if item["path"] not in streams]
        self.record |= {"inputs": inputs, "outputs": outputs, "removed": files.removed}
        self.record["source"]["untracked_used"] = inside
        self.record["source"]["copied"] = keep_unknown(
            self.state, inside, self.folder / "untracked"
        )
        self.record["observed"] = {
            "by": self.ways(observed),
            "processes": [
                {
                    **item,
                    "argv": without_passwords(item["argv"]),
                    "executable": shown(item["executable"]),
                }
                for item in observed.processes
            ],
        }
        self.record["notes"] += [*files.notes, *self.watch.notes]
        if "audit-hook" not in self.record["observed"]["by"]:
            self.record["notes"].append(
                "no Python process was observed: inputs outside the tree and seeds are not known"
            )

    def ways(self, observed: Observed) -> list[str]:
        """Name the ways in which files were observed."""
        found = ["snapshot"]
        if self.watch.worked:
            found.append("inotify")
        if observed.processes:
            found.append("audit-hook")
        return sorted(found)

    def close(self) -> None:
        """Dismiss the guardian and remove what was only needed meanwhile."""
        if self.keeper is not None:
            self.keeper.end()
        if self.guardian is not None:
            self.guardian.dismiss()
        shutil.rmtree(self.notes_folder, ignore_errors=True)


def resources() -> dict[str, float] | None:
    """Return what the processes of the command used together."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    scale = 1 if sys.platform == "darwin" else 1024
    return {
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "largest_memory": used.ru_maxrss * scale,
    }
