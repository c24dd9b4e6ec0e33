"""Calls that record a run, and those of them that entry points always reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.facts.flow import Flow
from repro_audit.facts.python import matches
from repro_audit.facts.randomness import skipped_by_default
from repro_audit.facts.values import Values

if TYPE_CHECKING:
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

TRACKERS = (
    "mlflow.start_run",
    "mlflow.*autolog",
    "mlflow.log_*",
    "wandb.init",
    "neptune.init*",
    "comet_ml.*Experiment",
    "clearml.Task.init",
    "aim.Run",
    "dvclive.Live",
    "sacred.Experiment",
    "trackio.init",
    "swanlab.init",
    "*.SummaryWriter",
    "*.FileWriter",
    "tensorflow.summary.create_file_writer",
    "MLFlowLogger",
    "WandbLogger",
    "CSVLogger",
    "TensorBoardLogger",
    "*.CometLogger",
    "*.NeptuneLogger",
    "*.MLFlowLogger",
    "*.WandbLogger",
    "*.CSVLogger",
    "*.TensorBoardLogger",
    "*.callbacks.TensorBoard",
    "*.report_to",
)
NOT_TRACKERS = ("logging.*", "*.getLogger", "getLogger", "*.logging.*")


def tracked(repo: Repository) -> tuple[Evidence, ...]:
    """Return the reached calls that record a run without being asked to."""
    values = repo.fact(Values)
    return tuple(
        call.evidence(f"{call.name} records the run")
        for call in repo.fact(Flow).live_calls()
        if matches(call.name, TRACKERS)
        and not matches(call.name, NOT_TRACKERS)
        and not skipped_by_default(call, values)
    )
