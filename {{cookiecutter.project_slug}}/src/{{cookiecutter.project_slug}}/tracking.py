"""One run in MLflow for each training, with all that is needed to repeat it."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
from filelock import FileLock
from mlflow.entities import Dataset, DatasetInput
from mlflow.exceptions import MlflowException
from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.loggers import MLFlowLogger

from .provenance import git
from .stages import ROOT, StageError
from .validation import PAGE

MACHINE = "system/"  # so the names of metrics begin that MLflow takes of the machine
LARGEST_PATCH = 1_000_000  # bytes; a longer diff is data that does not belong into git


def store(cfg: DictConfig) -> str:
    """Address of the tracking server or of the project's own SQLite file; the experiment is in it.

    MLflow loses jobs when several of them create the same new file at once: one does it, under a
    lock, and the others wait.
    """
    # It tells of every new table, and of errors that it raises besides.
    logging.getLogger("mlflow.store.db").setLevel(logging.CRITICAL)
    server = os.environ.get("MLFLOW_TRACKING_URI")
    uri = server or f"sqlite:///{(ROOT / cfg.tracking.store).as_posix()}"
    artifacts = None if server else (ROOT / cfg.tracking.artifacts).as_uri()
    try:
        with FileLock(ROOT / f"{cfg.tracking.store}.lock"):
            client = mlflow.MlflowClient(uri)
            if client.get_experiment_by_name(cfg.tracking.experiment) is None:
                client.create_experiment(cfg.tracking.experiment, artifacts)
    except MlflowException as error:
        raise StageError(f"MLflow cannot use {uri} ({brief(error)}): start it, or unset "
                         "MLFLOW_TRACKING_URI to track into mlflow.db.") from error  # fmt: skip
    return uri


def brief(error: Exception) -> str:
    """The first line of an error, which alone is meant for people."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


class RunLogger(MLFlowLogger):
    """Logs each metric of a step once, also where a run goes on from before its newest metrics."""

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Leave out what the run has already: it is the same to the bit."""
        new = {name: value for name, value in metrics.items() if (name, step) not in self.logged}
        super().log_metrics(new, step)
        self.logged.update((name, step) for name in new)

    @cached_property
    def logged(self) -> set[tuple[str, int]]:
        """Name and step of what the run has; Lightning logs the number of an epoch twice."""
        client, run = self.experiment, self.run_id
        return {
            (name, metric.step)
            for name in own_metrics(self)
            for metric in client.get_metric_history(run, name)
        }


@contextmanager
def tracked_run(
    cfg: DictConfig, tags: dict[str, str], resumed: str | None = None, name: str | None = None
) -> Iterator[RunLogger]:
    """A run with the configuration in it: each value as a parameter, the whole as a file.

    What the machine does meanwhile is in it too. It ends as FAILED when an exception leaves the
    block. To be opened before the seed is set: MLflow draws from Python's generator.

    Args:
        cfg: the whole configuration.
        tags: what the run is made of.
        resumed: identifier of the run to go on with; a new one when None.
        name: of the run, where that of the experiment and its seed is not enough.
    """
    logger = RunLogger(
        experiment_name=cfg.tracking.experiment,
        run_name=name or f"{cfg.name}-seed{cfg.seed}",
        tracking_uri=store(cfg),
        tags=tags | {"mlflow.source.git.commit": tags["git.commit"]},
        run_id=resumed,
    )
    try:
        if resumed is None:
            log_settings(logger, cfg, tags)
        else:
            logger.experiment.update_run(resumed, status="RUNNING")
        with watched(logger, cfg.tracking.watch_every):
            yield logger
    except BaseException:
        with suppress(MlflowException):  # a server that is gone cannot be told either
            logger.finalize("failed")
        raise


@contextmanager
def watched(logger: RunLogger, seconds: float) -> Iterator[None]:
    """Log processor, memory, disk, network and GPU every so many seconds, in a thread."""
    logging.getLogger("mlflow.system_metrics").setLevel(logging.ERROR)  # a lost server is said once
    monitor = SystemMetricsMonitor(
        logger.run_id, seconds, resume_logging=True, tracking_uri=logger._tracking_uri
    )
    monitor.start()
    try:
        yield
    finally:
        monitor.finish()


def own_metrics(logger: RunLogger) -> dict[str, float]:
    """The newest metrics of the run, without those of the machine."""
    found = logger.experiment.get_run(logger.run_id).data.metrics
    return {name: value for name, value in found.items() if not name.startswith(MACHINE)}


def settings(cfg: DictConfig) -> dict[str, Any]:
    """The whole configuration as plain values, but for addresses, which may hold passwords."""
    values = OmegaConf.to_container(cfg, resolve=True)
    return {name: value for name, value in values.items() if name != "notify"}


def log_settings(logger: MLFlowLogger, cfg: DictConfig, tags: dict[str, str]) -> None:
    """The configuration, and what was not committed, so that the run can be made again."""
    logger.log_hyperparams(settings(cfg))
    client, run = logger.experiment, logger.run_id
    client.log_text(run, OmegaConf.to_yaml(settings(cfg)), "config.yaml")
    if tags["git.dirty"] == "true" and (patch := git("diff", "HEAD", "--binary")):
        client.log_text(run, patch[:LARGEST_PATCH] + "\n", "uncommitted.patch")


def log_data(logger: MLFlowLogger, folder: Path, digest: str) -> None:
    """Name the data set in the run by our digest, and keep the page of its validation.

    MLflow's own digest covers the first rows only.
    """
    dataset = Dataset(
        name=folder.name,
        digest=digest[:36],  # as much as MLflow takes; the tag data.sha256 has all of it
        source_type="local",
        source=json.dumps({"uri": folder.as_uri()}),
    )
    logger.experiment.log_inputs(logger.run_id, [DatasetInput(dataset, tags=[])])
    logger.experiment.log_artifact(logger.run_id, str(folder / PAGE), "validation")


def log_model(
    logger: MLFlowLogger, name: str, model: Any, checkpoint: Path, example: np.ndarray
) -> None:
    """Store the checkpoint, and the model as a graph that loads without this project's code.

    Args:
        logger: the run.
        name: under which the model is registered, each run's as a further version.
        model: maps traces to codes.
        checkpoint: file with the same weights, for Lightning.
        example: a few raw traces, shape (events, stations, bins).
    """
    import mlflow.pytorch  # here, because it takes seconds
    import torch
    from mlflow.models import infer_signature

    logger.experiment.log_artifact(logger.run_id, str(checkpoint), "checkpoints")
    model = model.cpu().eval()
    with torch.no_grad():
        codes = model(torch.from_numpy(example)).numpy()
    mlflow.set_tracking_uri(logger._tracking_uri)
    with mlflow.start_run(run_id=logger.run_id):
        mlflow.pytorch.log_model(
            model,
            name="model",
            registered_model_name=re.sub("[/:]", "-", name),
            signature=infer_signature(example, codes),
            input_example=example,
            serialization_format="pt2",
            pip_requirements=[
                f"torch=={torch.__version__.split('+')[0]}",
                f"numpy=={np.__version__}",
            ],
        )
