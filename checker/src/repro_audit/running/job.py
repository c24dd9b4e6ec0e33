"""One job of a Ray cluster: submitted, followed, stopped, and what it leaves fetched."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from repro_audit.errors import ReproAuditError
from repro_audit.output import say
from repro_audit.running.launch import Ended, named
from repro_audit.running.parcel import Parcel, Results, unpack_results
from repro_audit.running.stopping import Stopped
from repro_audit.running.there import BEGINS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from repro_audit.running.requirements import Requirements

ENTRY = 'python -c "import sys; from repro_audit.running.there import main; sys.exit(main())"'
BLOCK = 1 << 20
# How long a head may be silent, and how long a job that was told to stop may take.
PATIENCE = 60.0
PAUSE = 0.5
BEGINNING = re.compile(r"try again later|status code 503|^503 ")


def archive(ident: str) -> str:
    """Return the name under which the results lie among the logs of the cluster."""
    return f"repro-audit-{ident}.zip"


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
                patiently(
                    lambda: self.client.submit_job(
                        entrypoint=ENTRY,
                        submission_id=self.name,
                        runtime_env=surroundings,
                        entrypoint_num_cpus=cpus,
                        entrypoint_num_gpus=gpus,
                    )
                )
            )
        except Exception as problem:
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
            time.sleep(PAUSE)

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


def patiently(action: Callable[[], Any]) -> Any:
    """Do what a cluster refuses while it begins: its head answers before it can do everything."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            return action()
        except Exception as problem:
            if not BEGINNING.search(str(problem)) or time.monotonic() > limit:
                raise
        time.sleep(PAUSE)


def last_line(text: str | None) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it gave no reason"
