"""The stage `train`: one configuration and one seed in, one tracked run and its checkpoints out."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hydra
import pytorch_lightning as pl
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import ModelCheckpoint

from .data import ShowerData
from .provenance import provenance
from .reproducibility import RandomState, fix_chance, seed_of
from .stages import ROOT, StageError, stage
from .tracking import log_data, log_model, tracked_run
from .validation import validated

RECORD = "run.json"


class Provenance(pl.Callback):
    """Writes into each checkpoint what the run is made of, so that the file speaks for itself."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def state_dict(self) -> dict[str, Any]:
        """Configuration, seed, commit, and the digests of locks and data."""
        return self.record


def build(cfg: DictConfig) -> tuple[pl.LightningModule, ShowerData]:
    """Model and data of a configuration; chance must be fixed before."""
    loader = cfg.data.loader
    data = ShowerData(
        ROOT / cfg.data.folder, cfg.data.offset, loader.batch_size, loader.num_workers
    )
    data.setup()
    model = hydra.utils.instantiate(cfg.model, offset=cfg.data.offset)
    model.standardise.load_state_dict(data.standardise.state_dict())
    return model, data


def fit(
    cfg: DictConfig,
    folder: Path,
    record: dict[str, Any],
    logger: pl.loggers.Logger | bool = False,
    callbacks: Sequence[pl.Callback] = (),
) -> tuple[pl.Trainer, pl.LightningModule, ShowerData]:
    """Train from the seed, or go on from `cfg.resume`, to the last epoch.

    Args:
        cfg: the whole configuration.
        folder: gets the checkpoints: the best by validation loss, and the last.
        record: goes into each checkpoint.
        logger: of Lightning.
        callbacks: further ones, before the checkpoint is written.

    Raises:
        StageError: the seed is no seed.
    """
    fix_chance(seed_of(cfg), cfg.threads)
    model, data = build(cfg)
    checkpoints = ModelCheckpoint(
        folder, filename="best", monitor="val_loss", save_last=True, enable_version_counter=False
    )
    trainer = hydra.utils.instantiate(
        cfg.trainer,
        logger=logger,
        callbacks=[RandomState(), Provenance(record), *callbacks, checkpoints],
        enable_progress_bar=sys.stderr.isatty(),
    )
    trainer.fit(model, datamodule=data, ckpt_path=cfg.resume)
    return trainer, model, data


def place(cfg: DictConfig, digest: str) -> tuple[Path, str | None]:
    """Folder and MLflow run of a training: new ones, or those that `cfg.resume` goes on with.

    Raises:
        StageError: there is no checkpoint at `cfg.resume`, or it was trained on other data.
    """
    if not cfg.resume:
        return Path(HydraConfig.get().runtime.output_dir), None
    checkpoint = Path(cfg.resume).resolve()
    if not checkpoint.exists():
        raise StageError(f"resume={cfg.resume} is no file; give the path of a last.ckpt.")
    callbacks = torch.load(checkpoint, map_location="cpu", weights_only=True)["callbacks"]
    record = callbacks["Provenance"]
    if record["provenance"]["data.sha256"] != digest:
        raise StageError(f"{checkpoint} was trained on other data than {cfg.data.folder}.")
    return checkpoint.parents[1], record["mlflow"]["run_id"]


def train(cfg: DictConfig) -> Path:
    """Train, track, and leave `run.json` beside the checkpoints; return that folder.

    Raises:
        StageError: the data has not passed its validation, or the configuration makes no sense.
    """
    for advice in (
        ".*does not have many workers.*",  # the data is in memory
        ".*smaller than the logging interval.*",  # metrics are logged per epoch
        ".*LeafSpec.*",  # between Lightning and PyTorch
    ):
        warnings.filterwarnings("ignore", advice)
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    seed_of(cfg)
    digest = validated(ROOT / cfg.data.folder)
    folder, resumed = place(cfg, digest)
    tags = provenance(digest)
    record: dict[str, Any] = {
        "config": OmegaConf.to_container(cfg, resolve=True),
        "provenance": tags,
    }
    with tracked_run(cfg, tags, resumed) as logger:
        record["mlflow"] = {"tracking_uri": logger._tracking_uri, "run_id": logger.run_id}
        log_data(logger, ROOT / cfg.data.folder, digest)
        trainer, model, data = fit(cfg, folder / "checkpoints", record, logger)
        best = Path(trainer.checkpoint_callback.best_model_path)
        record["metrics"] = {name: float(x) for name, x in trainer.callback_metrics.items()}
        record["checkpoint"] = str(best.relative_to(folder))
        chosen = type(model).load_from_checkpoint(best, map_location="cpu", weights_only=True)
        log_model(logger, chosen, best, data.traces("val")[:8])
    part = folder / f"{RECORD}.part"
    part.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    part.replace(folder / RECORD)
    print(f"train: run {logger.run_id} in {folder}")
    return folder


if __name__ == "__main__":
    stage(train)()
