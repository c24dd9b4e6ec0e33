"""The stage `train`: one configuration and one seed in, one tracked run and its checkpoints out."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import hydra
import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import ModelCheckpoint

from .data import ShowerData
from .reproducibility import Provenance, RandomState, fix_chance, provenance, seed_of
from .stages import ROOT, StageError, stage
from .tracking import log_data, log_model, start_run
from .validation import validated

RECORD = "run.json"


def build(cfg: DictConfig) -> tuple[pl.LightningModule, ShowerData]:
    """Model and data of a configuration; chance must be fixed before."""
    loader = cfg.data.loader
    data = ShowerData(ROOT / cfg.data.folder, cfg.data.offset, loader.batch_size, loader.num_workers)
    data.setup()
    model = hydra.utils.instantiate(cfg.model, offset=cfg.data.offset)
    model.standardise.load_state_dict(data.standardise.state_dict())
    return model, data


def fit(
    cfg: DictConfig, folder: Path, record: dict[str, Any], logger: pl.loggers.Logger | bool = False
) -> tuple[pl.Trainer, pl.LightningModule, ShowerData]:
    """Train from the seed, or go on from `cfg.resume`, to the last epoch.

    Args:
        cfg: the whole configuration.
        folder: gets the checkpoints: the best by validation loss, and the last.
        record: goes into each checkpoint.
        logger: of Lightning.

    Raises:
        StageError: the seed is no seed, or there is no checkpoint at `cfg.resume`.
    """
    if cfg.resume and not Path(cfg.resume).exists():
        raise StageError(f"resume={cfg.resume} is no file; give the path of a last.ckpt.")
    fix_chance(seed_of(cfg), cfg.threads)
    model, data = build(cfg)
    checkpoints = ModelCheckpoint(
        folder, filename="best", monitor="val_loss", save_last=True, enable_version_counter=False
    )
    trainer = hydra.utils.instantiate(
        cfg.trainer, logger=logger, callbacks=[RandomState(), Provenance(record), checkpoints]
    )
    trainer.fit(model, datamodule=data, ckpt_path=cfg.resume)
    return trainer, model, data


def train(cfg: DictConfig) -> Path:
    """Train, track, and leave `run.json` beside the checkpoints; return that folder.

    Raises:
        StageError: the data has not passed its validation, or the configuration makes no sense.
    """
    # The loaders need no workers: the data is in memory.
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    seed_of(cfg)
    folder = Path(HydraConfig.get().runtime.output_dir)
    digest = validated(ROOT / cfg.data.folder)
    tags = provenance(digest)
    record: dict[str, Any] = {"config": OmegaConf.to_container(cfg, resolve=True), "provenance": tags}
    logger = start_run(cfg, tags)
    record["mlflow"] = {"tracking_uri": logger._tracking_uri, "run_id": logger.run_id}
    log_data(logger, ROOT / cfg.data.folder, digest)
    trainer, model, data = fit(cfg, folder / "checkpoints", record, logger)
    best = Path(trainer.checkpoint_callback.best_model_path)
    record["metrics"] = {name: float(value) for name, value in trainer.callback_metrics.items()}
    record["checkpoint"] = str(best.relative_to(folder))
    log_model(logger, type(model).load_from_checkpoint(best, weights_only=True), best, data.traces("val")[:8])
    part = folder / f"{RECORD}.part"
    part.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    part.replace(folder / RECORD)
    print(f"train: run {logger.run_id} in {folder}")
    return folder


if __name__ == "__main__":
    stage(train)()
