"""One trial of a search: a training with settings of its own, which goes on where it was killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf

from .checkpoints import Start
from .provenance import provenance
from .stages import ROOT, write_whole
from .tracking import log_data, settings, tracked_run
from .training import fit, lasting, quiet
from .validation import validated

AGAIN = "start the search again: it goes on where it was stopped"
Report = Callable[[int, float], bool]


class Reporter(pl.Callback):
    """Tells of each epoch how good the trial is so far, and stops a trial that is not good enough.

    Args:
        report: takes the epoch, counted from 1, and the smallest validation loss until then; says
            whether the trial is to stop.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.stopped = False

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """After the validation of the epoch."""
        best = float(trainer.checkpoint_callback.best_model_score)
        self.stopped = self.report(trainer.current_epoch + 1, best)
        trainer.should_stop = self.stopped


def run_trial(
    cfg: DictConfig, values: dict[str, Any], folder: Path, tags: dict[str, str], report: Report
) -> tuple[float, bool]:
    """Train with these values in an MLflow run of its own; go on where it was killed.

    Args:
        cfg: the whole configuration.
        values: key of the configuration -> what it is in this trial.
        folder: of the trial.
        tags: of that run beside its provenance.
        report: see `Reporter`.

    Returns:
        The smallest validation loss of its epochs, and whether it was stopped early.
    """
    quiet()
    own = cfg.copy()
    own.search = None
    for key, value in values.items():
        OmegaConf.update(own, key, value)
    digest = validated(ROOT / cfg.data.folder)
    tags = provenance(digest) | tags
    last, known = folder / "checkpoints" / "last.ckpt", folder / "run_id"
    start = Start(folder)
    if known.exists():
        start = Start(folder, known.read_text("utf-8"), last if last.exists() else None)
    folder.mkdir(parents=True, exist_ok=True)
    reporter = Reporter(report)
    with lasting(folder, AGAIN), tracked_run(own, tags, start.run_id, folder.name) as logger:
        write_whole(known, logger.run_id)
        log_data(logger, ROOT / cfg.data.folder, digest)
        record = {"config": settings(own), "provenance": tags, "restored": {}}
        record["mlflow"] = {"tracking_uri": logger._tracking_uri, "run_id": logger.run_id}
        trainer, _, _ = fit(own, start, record, logger, [reporter])
        logger.experiment.set_tag(logger.run_id, "stopped_early", str(reporter.stopped).lower())
    return float(trainer.checkpoint_callback.best_model_score), reporter.stopped
