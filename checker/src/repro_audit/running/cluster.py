"""A command on a Ray cluster, through Ray's own job API.

https://docs.ray.io/en/latest/cluster/running-applications/job-submission/sdk.html. Nothing but the
address of the head's dashboard is needed: the archive of the results is handed out like a log file.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError
from repro_audit.output import say
from repro_audit.running.handing import handed_over, has_server, words_elsewhere
from repro_audit.running.job import Job, Log, archive, patiently
from repro_audit.running.parcel import pack
from repro_audit.running.record import Paths
from repro_audit.running.requirements import Requirements, requirements
from repro_audit.running.stopping import interruptible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from repro_audit.running.launch import Ended
    from repro_audit.running.recorder import Recorder


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
        return patiently(lambda: JobSubmissionClient(address))
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


def left_out(wanted: Requirements | None) -> list[str]:
    """Say what could not be asked of pip."""
    if wanted is None:
        return ["nothing was installed for the command: the environment is the cluster's own"]
    names = ", ".join(wanted.left_out)
    return [f"not installed, as they are folders of the tree: {names}"] if names else []
