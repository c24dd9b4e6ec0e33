"""The stage `train`: one configuration and one seed in, one tracked run and its checkpoints out."""

from __future__ import annotations

import errno
import json
import logging
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import hydra
import pytorch_lightning as pl
import torch
from mlflow.exceptions import MlflowException
from omegaconf import DictConfig
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.utilities import rank_zero_only

from . import cluster
from .checkpoints import Provenance, Start, WholeFiles, WithinEpochs, start_of
from .data import ProjectData
from .notification import Notify
from .provenance import provenance
from .reproducibility import EpochMeans, RandomState, fix_chance, seed_of
from .stages import ROOT, StageError, again, given, stage, write_whole
from .tracking import brief, log_data, log_model, own_metrics, settings, tracked_run
from .validation import validated

RECORD = "run.json"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


def build(cfg: DictConfig) -> tuple[pl.LightningModule, ProjectData]:
    """Model and data of a configuration; chance must be fixed before."""
    data = ProjectData.of(cfg.data)
    data.seed = seed_of(cfg)
    model = hydra.utils.instantiate(cfg.model, **data.for_model())
    model.standardise.load_state_dict(data.standardise.state_dict())
    if cfg.compile:
        for network in model.children():  # Lightning calls the steps, which call these
            network.compile(mode=cfg.compile)
    return model, data


def fit(
    cfg: DictConfig,
    start: Start,
    record: dict[str, Any],
    logger: pl.loggers.Logger | bool = False,
    callbacks: Sequence[pl.Callback] = (),
) -> tuple[pl.Trainer, pl.LightningModule, ProjectData]:
    """Train from the seed, or from what `start` restores, to the last epoch.

    Args:
        cfg: the whole configuration.
        start: its folder gets the checkpoints: the best by validation loss, and the last.
        record: goes into each checkpoint.
        logger: of Lightning.
        callbacks: further ones, before the checkpoint is written.

    Raises:
        StageError: the seed is no seed.
    """
    fix_chance(seed_of(cfg), cfg.threads)
    model, data = build(cfg)
    if start.weights:
        model.load_state_dict(torch.load(start.weights, weights_only=True)["state_dict"])
        # The data of today, standardised by its own training part.
        model.standardise.load_state_dict(data.standardise.state_dict())
    kept_in, every = start.folder / "checkpoints", cfg.checkpoint_every
    checkpoints = ModelCheckpoint(
        kept_in,
        filename="best",
        monitor="val_loss",
        save_last=True,
        enable_version_counter=False,
        # Before the metrics of the epoch are logged: a kill in between loses none, as `RunLogger`
        # takes them again from a training that goes on.
        save_on_train_epoch_end=False,
    )
    trainer = hydra.utils.instantiate(
        cfg.trainer,
        logger=logger,
        callbacks=[
            RandomState(),
            EpochMeans(),
            Provenance(record),
            *callbacks,
            # Each callback costs every step a little, also where it does nothing.
            *([WithinEpochs(kept_in / "last.ckpt", every)] if every else []),
            checkpoints,
        ],
        plugins=[WholeFiles()],
        enable_progress_bar=sys.stderr.isatty(),
    )
    trainer.fit(model, datamodule=data, ckpt_path=start.state)
    return trainer, model, data


@contextmanager
def lasting(folder: Path, again: str = "") -> Iterator[None]:
    """Turn a tracking server that is lost, or a full disk, into a sentence on how to go on.

    Args:
        folder: of the run.
        again: how to go on, where that is not to train on from the last checkpoint.

    Raises:
        StageError: instead of MLflow's error or of the system's.
    """
    try:
        yield
    except (MlflowException, OSError) as error:
        if isinstance(error, OSError) and error.errno not in FULL:
            raise
        last = folder / "checkpoints" / "last.ckpt"
        on = f"restore.mode=continue restore.checkpoint={last}" if last.exists() else "from scratch"
        raise StageError(
            f"{folder} could not be written or tracked ({brief(error)}): mend that, and "
            f"{again or f'train again: {on}'}"
        ) from error


def kept(best: Path, folder: Path) -> Path:
    """The best checkpoint in the run's own folder: a branch that never got better has none yet."""
    own = folder / "checkpoints" / best.name
    if best.resolve() != own.resolve():
        shutil.copyfile(best, own)
    return own


def address(run: dict[str, str]) -> str:
    """Where people find a run."""
    if run["tracking_uri"].startswith("http"):
        return f"{run['tracking_uri']}/#/runs/{run['run_id']}"
    return f"MLflow run {run['run_id']} in {run['tracking_uri']}"


def quiet() -> None:
    """No advice of Lightning's that does not apply here."""
    for advice in (
        ".*does not have many workers.*",  # the data is in memory
        ".*smaller than the logging interval.*",  # metrics are logged per epoch
        ".*LeafSpec.*",  # between Lightning and PyTorch
        ".*dirpath has changed.*",  # a branch has a folder of its own
        ".*dataloader is not resumable.*",  # it is: see Batches
    ):
        warnings.filterwarnings("ignore", advice)
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)


def train(cfg: DictConfig) -> Path:
    """Train, track, and leave `run.json` beside the checkpoints; return that folder.

    Raises:
        StageError: the data has not passed its validation, or the configuration makes no sense.
    """
    seed_of(cfg)
    digest = validated(ROOT / cfg.data.folder)
    start = start_of(cfg, digest)
    command = again("reproduce", given("run="))
    if cluster.is_wanted(cfg):
        cluster.train_on_ray(cfg, start.folder, partial(trained, cfg, start, digest, command))
        print(f"train: {start.folder}")
    else:
        trained(cfg, start, digest, command)
    return start.folder


def trained(cfg: DictConfig, start: Start, digest: str, command: str) -> None:
    """The training itself; where several processes share it, each of them calls this."""
    quiet()
    folder = start.folder
    restored = {f"restored.{name}": value for name, value in start.origin.items()}
    tags = provenance(digest) | {"command": command} | restored
    record: dict[str, Any] = {
        "config": settings(cfg),
        "provenance": tags,
        "restored": start.origin,
    }
    if rank_zero_only.rank:  # one of several processes: it computes, and writes nothing
        fit(cfg, start, record)
        return
    with lasting(folder), tracked_run(cfg, tags, start.run_id) as logger:
        record["mlflow"] = {"tracking_uri": logger._tracking_uri, "run_id": logger.run_id}
        log_data(logger, ROOT / cfg.data.folder, digest)
        told = [Notify(cfg.notify, cfg.name, address(record["mlflow"]))] if cfg.notify else []
        trainer, model, data = fit(cfg, start, record, logger, told)
        best = kept(Path(trainer.checkpoint_callback.best_model_path), folder)
        record["metrics"], record["prepared"] = own_metrics(logger), data.summary()
        logger.experiment.log_dict(logger.run_id, record["prepared"], "prepared.json")
        record["checkpoint"] = str(best.relative_to(folder))
        chosen = type(model).load_from_checkpoint(best, map_location="cpu", weights_only=True)
        log_model(logger, cfg.name, chosen, best, data.raw("val")[:8])
    write_whole(folder / RECORD, json.dumps(record, indent=2) + "\n")
    print(f"train: run {logger.run_id} in {folder}")


if __name__ == "__main__":
    stage(train)()
