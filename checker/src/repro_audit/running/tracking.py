"""The MLflow run of a command: where it goes, and how the record gets into it.

MLflow is only ever imported by the Python of the command, in which it is installed or not.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from repro_audit.running.place import AGENT, HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

KEPT = "mlflow.json"
FINISHING = AGENT / "repro_audit_agent" / "finishing.py"
SECONDS = 300


def tracked(top: Path, environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return the orders: the store that the environment names, else one beside the records."""
    given = environment.get("MLFLOW_TRACKING_URI")
    store = (top / HOME).absolute()
    return {
        "uri": given or f"sqlite:///{store / 'mlflow.db'}",
        "artifacts": None if given else (store / "mlflow-artifacts").as_uri(),
        "experiment": environment.get("MLFLOW_EXPERIMENT_NAME") or top.absolute().name,
    }


def tracking_run(notes: Path) -> dict[str, str] | None:
    """Return store and number of the MLflow run, if one was begun."""
    try:
        told = json.loads((notes / KEPT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return {"uri": str(told["uri"]), "run_id": str(told["run_id"])}


def hand_over(
    notes: Path,
    folder: Path,
    environment: Mapping[str, str],
    beside: Callable[[Sequence[str]], list[str]] | None = None,
) -> list[str]:
    """Put the record into the MLflow run; return what went wrong, which is no fault of the run."""
    try:
        python = json.loads((notes / KEPT).read_text("utf-8"))["python"]
        words = [python, str(FINISHING), str(notes / KEPT), str(folder)]
        done = subprocess.run(  # noqa: S603 - the interpreter of the command, our own script
            beside(words) if beside else words,
            env=dict(environment),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as problem:
        return [f"the record is not in the MLflow run: {problem}"]
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        return [f"the record is not in the MLflow run: {' '.join(last)}"]
    return []
