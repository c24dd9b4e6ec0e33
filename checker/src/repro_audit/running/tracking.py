"""The MLflow run of a command: where it goes, and how the record gets into it.

MLflow is only ever imported by the Python of the command, in which it is installed or not.
"""

from __future__ import annotations

import json
import subprocess
from math import isfinite
from typing import TYPE_CHECKING, Any

from repro_audit.running.keeper import KEEPER
from repro_audit.running.place import HOME
from repro_audit.running.record import SIGNED_IN
from repro_audit.running.source import git

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from repro_audit.running.keeper import Keeper
    from repro_audit.running.source import State

KEPT = "mlflow.json"
SECONDS = 300


class TrackingError(Exception):
    """The MLflow run could not be finished."""


def tracked(top: Path, environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return the orders: the store that the environment names, else one beside the records."""
    given = environment.get("MLFLOW_TRACKING_URI")
    store = (top / HOME).absolute()
    return {
        "uri": given or f"sqlite:///{store / 'mlflow.db'}",
        "artifacts": None if given else (store / "mlflow-artifacts").as_uri(),
        "experiment": environment.get("MLFLOW_EXPERIMENT_NAME") or top.absolute().name,
    }


def code_tags(state: State) -> dict[str, str]:
    """Return the tags by which MLflow names the code, which it would start git for in the program.

    https://mlflow.org/docs/latest/ml/tracking/ (system tags).
    """
    remote = git(state.top, "config", "--get", "remote.origin.url") if state.commit else None
    address = SIGNED_IN.sub("", remote.decode("utf-8", "replace").strip()) if remote else None
    named = {"commit": state.commit, "branch": state.branch, "repoURL": address}
    return {f"mlflow.source.git.{name}": value for name, value in named.items() if value}


def tracking_run(notes: Path) -> dict[str, Any] | None:
    """Return store and number of the MLflow run, if one was begun."""
    try:
        told = json.loads((notes / KEPT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    uri, run_id = str(told["uri"]), str(told["run_id"])
    return {"uri": SIGNED_IN.sub("", uri), "run_id": run_id, "link": None, "metrics": {}}


def hand_over(
    notes: Path,
    folder: Path,
    environment: Mapping[str, str],
    beside: Callable[[Sequence[str]], list[str]] | None = None,
    keeper: Keeper | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """Put the record into the MLflow run, and return its last metrics, its page, and what is lost.

    Raises:
        TrackingError: with what went wrong, which is no fault of the run.
    """
    try:
        told = json.loads((notes / KEPT).read_text("utf-8"))
        order = {"run_id": told["run_id"], "uri": told["uri"], "folder": str(folder)}
        said = keeper.last(order, SECONDS) if keeper else None
        if said is None:
            said = finished([told["python"], str(KEEPER), json.dumps({"last": order})],
                environment, beside)  # fmt: skip
        found = json.loads(said.decode("utf-8", "replace").strip().splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as problem:
        raise TrackingError(f"the record is not in the MLflow run: {problem}") from problem
    uri = SIGNED_IN.sub("", str(told["uri"])).rstrip("/")
    page = f"{uri}/#/experiments/{found['experiment']}/runs/{told['run_id']}"
    # A number that is none has no place in JSON.
    metrics = {name: value if isfinite(value) else None for name, value in found["metrics"].items()}
    lost = [f"MLflow did not take what it was given: {item}" for item in found["lost"]]
    return {"link": page if uri.startswith("http") else None, "metrics": metrics}, lost


def finished(
    words: Sequence[str],
    environment: Mapping[str, str],
    beside: Callable[[Sequence[str]], list[str]] | None,
) -> bytes:
    """Let a process of its own put the record into the run."""
    done = subprocess.run(  # noqa: S603 - the interpreter of the command, our own script
        beside(words) if beside else words,
        env=dict(environment),
        capture_output=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise TrackingError(f"the record is not in the MLflow run: {(lines or [''])[-1]}")
    return done.stdout
