"""A command on a Ray cluster, through Ray's own job API.

https://docs.ray.io/en/latest/cluster/running-applications/job-submission/sdk.html. Nothing but the
address of the head's dashboard is needed: the archive of the results is handed out like a log file.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from repro_audit.errors import ReproAuditError
from repro_audit.running.handing import handed_over, has_server, words_elsewhere
from repro_audit.running.launch import FORWARDED, Ended, named
from repro_audit.running.parcel import Parcel, Results, pack, unpack_results
from repro_audit.running.record import Paths
from repro_audit.running.requirements import Requirements, requirements
from repro_audit.running.there import BEGINS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    from repro_audit.running.recorder import Recorder

ENTRY = 'python -c "import sys; from repro_audit.running.there import main; sys.exit(main())"'
BLOCK = 1 << 20
# How long a head may be silent, and how long a job that was told to stop may take.
PATIENCE = 60.0


class Stopped(BaseException):
    """We were told to end."""


def connected(address: str) -> Any:
    """Return Ray's client of the jobs of a cluster.

    Raises:
        ReproAuditError: when Ray is not installed, or nothing answers there.
    """
    try:
        from ray.job_submission import JobSubmissionClient  # noqa: PLC0415 - an optional extra
    except ImportError as problem:
        raise ReproAuditError(
            "--on needs Ray; install it with pip install 'repro-audit[ray]'."
        ) from problem
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("ray.")]:
        logging.getLogger(name).setLevel(logging.ERROR)
    # Ray takes these before the address that it is given.
    for name in ("RAY_ADDRESS", "RAY_API_SERVER_ADDRESS"):
        os.environ.pop(name, None)
    try:
        return JobSubmissionClient(address)
    except Exception as problem:
        said = str(problem).strip().splitlines() or [type(problem).__name__]
        raise ReproAuditError(
            f"No Ray cluster answers at {address} ({said[0][:200].rstrip('.')}); give the address "
            "of its head, such as http://HOST:8265 or ray://HOST:10001."
        ) from problem


def run_on_cluster(
    recorder: Recorder,
    options: argparse.Namespace,
    environment: Mapping[str, str],
    began: Callable[[], None],
) -> Ended:
    """Send the tree and the command to a cluster, follow it, and take in what comes back."""
    client = connected(options.on)
    top = recorder.state.top
    wanted = requirements(top, options.lock)
    where = {"kind": "ray", "address": options.on, "job": None, "requirements": None}
    recorder.record["where"] = where
    with TemporaryDirectory(prefix="repro-audit-") as folder, interruptible() as received:
        handed = handed_over(environment, options.keep)
        parcel = pack(
            recorder.state, options.data, request(recorder, handed), Path(folder) / "tree.zip"
        )
        job = Job(client, recorder.ident, Log())
        if wanted is not None:
            where["requirements"] = list(wanted.paths)
        recorder.record["notes"] += [*parcel.notes, *left_out(wanted)]
        recorder.announce()
        say(f"sending {parcel.files} files, {parcel.size / 1e6:.1f} MB, to {options.on}")
        with job.stopped_when_asked():
            where["job"] = job.submit(parcel, wanted, options.cpus, options.gpus)
            recorder.save()
            began()
            job.follow()
        ended = job.ended(received)
        results = job.fetch(Path(folder) / "results.zip", recorder.folder, parcel)
        recorder.take_over(results.record, ended, results.notes)
    if results.outputs:
        say(f"{results.outputs} outputs came back")
    return ended


def request(recorder: Recorder, environment: Mapping[str, str]) -> dict[str, Any]:
    """Write down what is to be done there."""
    state = recorder.state
    folder = Paths(state.top).shown(f"{Path.cwd()}{os.sep}").rstrip("/") or "."
    return {
        "name": state.top.name or "tree",
        "folder": folder,
        "words": words_elsewhere(recorder.words),
        "environment": dict(environment),
        "track": recorder.track and has_server(environment),
        "id": recorder.ident,
        "archive": archive(recorder.ident),
        "state": {
            "commit": state.commit,
            "branch": state.branch,
            "tracked": sorted(state.tracked),
            "changed": list(state.changed),
            "unknown": sorted(state.unknown),
        },
    }


def archive(ident: str) -> str:
    """Return the name under which the results lie among the logs of the cluster."""
    return f"repro-audit-{ident}.zip"


def left_out(wanted: Requirements | None) -> list[str]:
    """Say what could not be asked of pip."""
    if wanted is None:
        return ["nothing was installed for the command: the environment is the cluster's own"]
    names = ", ".join(wanted.left_out)
    return [f"not installed, as they are folders of the tree: {names}"] if names else []


class Log:
    """Passes the log of a job on: what the command says to the output, what comes before it not."""

    def __init__(self) -> None:
        """Begin before the command does."""
        self.seen = 0
        self.begun = False
        self.waiting = ""

    def take(self, text: str) -> None:
        """Pass on what is new."""
        if self.begun:
            sys.stdout.write(text)
            sys.stdout.flush()
            return
        self.waiting += text
        before, mark, after = self.waiting.partition(f"{BEGINS}\n")
        if mark:
            self.begun = True
            self.take(after)
            return
        *whole, self.waiting = before.split("\n")
        for line in whole:
            print(line, file=sys.stderr, flush=True)


class Job:
    """One job: submitted, followed, stopped, fetched."""

    def __init__(self, client: Any, name: str, log: Log) -> None:
        """Name a job that does not run yet."""
        self.client = client
        self.name = f"repro-audit-{name}"
        self.file = archive(name)
        self.log = log
        self.info: Any = None
        self.began = time.monotonic()
        self.stop_asked = False

    def submit(
        self, parcel: Parcel, wanted: Requirements | None, cpus: float | None, gpus: float | None
    ) -> str:
        """Hand the job over, and return its name.

        Raises:
            ReproAuditError: when the cluster does not take it.
        """
        surroundings: dict[str, Any] = {"working_dir": str(parcel.path)}
        if wanted is not None and wanted.lines:
            surroundings["pip"] = {"packages": list(wanted.lines), "pip_check": False}
        try:
            return str(
                self.client.submit_job(
                    entrypoint=ENTRY,
                    submission_id=self.name,
                    runtime_env=surroundings,
                    entrypoint_num_cpus=cpus,
                    entrypoint_num_gpus=gpus,
                )
            )
        except Exception as problem:
            # A cluster that has just begun answers some time before it can start a job.
            if "try again later" in str(problem) and time.monotonic() - self.began < PATIENCE:
                return self.submit(parcel, wanted, cpus, gpus)
            said = str(problem).strip().splitlines() or [type(problem).__name__]
            raise ReproAuditError(
                f"The cluster does not take the job: {said[0][:300]}"
            ) from problem

    @contextmanager
    def stopped_when_asked(self) -> Iterator[None]:
        """Stop the job when we are told to end, and wait until it has ended."""
        try:
            yield
        except Stopped:
            self.stop_asked = True
            say(f"stopping the job {self.name}")
            with suppress(Exception):
                self.client.stop_job(self.name)
            self.wait(PATIENCE)

    def follow(self) -> None:
        """Show the log until the job has ended, or until nothing is heard of the cluster."""
        silent = time.monotonic()
        while True:
            with suppress(Exception):
                asyncio.run(self.tail())
            if self.ask():
                silent = time.monotonic()
                if self.info.status.is_terminal():
                    return
            elif time.monotonic() - silent > PATIENCE:
                return
            time.sleep(0.5)

    def wait(self, seconds: float) -> None:
        """Wait for the end of a job that was told to stop."""
        limit = time.monotonic() + seconds
        with suppress(Stopped):
            while time.monotonic() < limit:
                if self.ask() and self.info.status.is_terminal():
                    return
                time.sleep(0.2)

    def ask(self) -> bool:
        """Ask how the job is; say whether there was an answer."""
        try:
            self.info = self.client.get_job_info(self.name)
        except Exception:  # noqa: BLE001 - whatever the network says, it is asked again
            return False
        return True

    async def tail(self) -> None:
        """Pass the log on; after an interruption it begins at its beginning again."""
        at = 0
        async for text in self.client.tail_job_logs(self.name):
            new = text[max(0, self.log.seen - at) :]
            at += len(text)
            self.log.seen = max(self.log.seen, at)
            self.log.take(new)

    def ended(self, received: list[int]) -> Ended:
        """Say how the job ended."""
        seconds = time.monotonic() - self.began
        asked = named(received[0]) if received else None
        if asked:
            return Ended(128 + received[0], seconds, asked=asked)
        if self.info is None or not self.info.status.is_terminal():
            said = f"the cluster does not answer any more; the job {self.name} may still run"
            return Ended(1, seconds, problem=said)
        status = self.info.driver_exit_code
        if status is None:
            status = 0 if self.info.status == "SUCCEEDED" else 1
        problem = None
        if self.info.status == "STOPPED":
            problem = "the job was stopped on the cluster"
        elif status and not self.log.begun:
            problem = f"the job failed before the command began: {last_line(self.info.message)}"
        return Ended(status, seconds, problem=problem)

    def fetch(self, target: Path, folder: Path, parcel: Parcel) -> Results:
        """Bring the record and the outputs back."""
        question = {"filename": self.file, "lines": -1, "timeout": 600}
        node = getattr(self.info, "driver_node_id", None)
        try:
            # Ray's own function for it takes no address of a dashboard, as its client does.
            answer = self.client._do_request(  # noqa: SLF001
                "GET", f"/api/v0/logs/file?{urlencode({**question, 'node_id': node})}", stream=True
            )
            if answer.status_code == 200:  # noqa: PLR2004 - HTTP
                with target.open("wb") as stream:
                    for block in answer.iter_content(BLOCK):
                        stream.write(block)
                return unpack_results(target, folder, parcel)
        except (Exception, Stopped) as problem:  # noqa: BLE001 - the record is written all the same
            return Results(notes=[f"the results did not come back whole: {problem!r}"])
        return Results(notes=["the cluster has nothing to send back"])


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


def last_line(text: str | None) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it gave no reason"


def say(line: str) -> None:
    """Tell a person, apart from the output of the command."""
    print(f"repro-audit: {line}", file=sys.stderr, flush=True)
