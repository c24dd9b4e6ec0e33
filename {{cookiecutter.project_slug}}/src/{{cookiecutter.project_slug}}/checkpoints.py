"""What a checkpoint carries beside the weights, and how a training starts from one."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from pytorch_lightning.plugins import TorchCheckpointIO
from pytorch_lightning.utilities import rank_zero_only

from .provenance import file_digest
from .stages import StageError

MODES = ("scratch", "continue", "branch", "finetune")


class Provenance(pl.Callback):
    """Writes into each checkpoint what the run is made of, so that the file speaks for itself."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def state_dict(self) -> dict[str, Any]:
        """Configuration, seed, commit, and the digests of locks and data."""
        return self.record


class WholeFiles(TorchCheckpointIO):
    """A checkpoint is written beside the old one and then takes its place.

    Lightning writes it into the folder for temporary files; where that is on another disk, it is
    copied over the old one, and a kill or a full disk on the way leaves neither.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write it whole, or leave what was there and raise the system's error."""
        content = io.BytesIO()  # PyTorch's own errors of writing do not say why
        torch.save(checkpoint, content)
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        try:
            part.write_bytes(content.getbuffer())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


class WithinEpochs(pl.Callback):
    """Writes the last checkpoint every so many steps, beside the one at the end of each epoch.

    It is due after these steps, and written when Lightning's batch ends.

    Args:
        path: of the file.
        steps: after how many.
    """

    def __init__(self, path: Path, steps: int) -> None:
        self.path, self.steps = path, steps

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, *batch: Any
    ) -> None:
        """See how often one was due before this batch."""
        self.before = trainer.global_step // self.steps

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, *batch: Any
    ) -> None:
        """Not after the last batch: Lightning would take the validation that follows as done."""
        if trainer.global_step // self.steps > self.before and not trainer.is_last_batch:
            trainer.save_checkpoint(self.path)


@dataclass(frozen=True)
class Start:
    """Where a training begins.

    Attributes:
        folder: gets everything that the training leaves.
        run_id: the MLflow run that goes on; a new one when None.
        state: checkpoint with weights, optimiser, schedule, epoch and generators, to go on from.
        weights: checkpoint whose weights alone are taken.
        origin: mode, checkpoint and run that all this is from, for the record.
    """

    folder: Path
    run_id: str | None = None
    state: Path | None = None
    weights: Path | None = None
    origin: dict[str, str] = field(default_factory=dict)


def claimed(folder: Path) -> Path:
    """Take a folder for a new training; of several processes that share one, the first does it.

    Raises:
        StageError: it has a training already, whose checkpoints this one would write over.
    """
    if rank_zero_only.rank == 0:
        try:
            (folder / "checkpoints").mkdir(parents=True)
        except FileExistsError as error:
            raise StageError(
                f"{folder} has a training already: leave hydra.run.dir out, name another folder, "
                "or go on with that training by restore.mode=continue."
            ) from error
    return folder


def start_of(cfg: DictConfig, digest: str) -> Start:
    """Where this training begins, by `cfg.restore`.

    `scratch` begins from the seed. The others need a checkpoint of ours: `continue` goes on in its
    folder and its MLflow run, `branch` goes on likewise in new ones, and `finetune` takes the
    weights alone, into new ones, maybe on other data.

    Raises:
        StageError: there is no such mode or no such checkpoint, or it has other data, or an end
            that is too near, or the new folder has a training already.
    """
    mode, named = cfg.restore.mode, cfg.restore.checkpoint
    if mode not in MODES or (mode == "scratch") != (named is None):
        raise StageError(
            f"restore.mode={mode} with restore.checkpoint={named}: the mode is one of "
            f"{', '.join(MODES)}, and all but scratch need a checkpoint."
        )
    new = Path(HydraConfig.get().runtime.output_dir)
    if mode == "scratch":
        return Start(claimed(new))
    checkpoint = Path(named).resolve()
    if not checkpoint.is_file():
        raise StageError(f"restore.checkpoint={named} is no file; give the path of a last.ckpt.")
    record = torch.load(checkpoint, map_location="cpu", weights_only=True)["callbacks"][
        "Provenance"
    ]
    run = record["mlflow"]["run_id"]
    origin = {"mode": mode, "checkpoint.sha256": file_digest(checkpoint), "run_id": run}
    if mode == "finetune":
        return Start(claimed(new), weights=checkpoint, origin=origin)
    if record["provenance"]["data.sha256"] != digest:
        raise StageError(f"{checkpoint} was trained on other data than {cfg.data.folder}.")
    planned = record["config"]["trainer"]["max_epochs"]
    if cfg.trainer.max_epochs > planned:
        raise StageError(
            f"{checkpoint} was planned for {planned} epochs, at whose end its learning rate is 0: "
            "leave trainer.max_epochs as it was, or set restore.mode=finetune."
        )
    if mode == "branch":
        return Start(claimed(new), state=checkpoint, origin=origin)
    return Start(checkpoint.parents[1], run, checkpoint, origin=record.get("restored", {}))
