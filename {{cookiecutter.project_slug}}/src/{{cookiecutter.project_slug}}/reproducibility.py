"""Chance under control: seeds, threads, and random states that survive a stop."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig
from pytorch_lightning import Callback, LightningModule, Trainer, seed_everything

from .stages import StageError

LARGEST_SEED = 2**32 - 1  # what NumPy's legacy generator takes


def seed_of(cfg: DictConfig) -> int:
    """The seed of the configuration, an integer from 0 to 2**32 - 1.

    Raises:
        StageError: it is missing, null, or not such an integer. There is no default: a run whose
            seed nobody chose cannot be repeated.
    """
    seed = cfg.seed
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise StageError(f"seed is {seed!r}; set seed to an integer from 0 to {LARGEST_SEED}.")
    return seed


def fix_chance(seed: int, threads: int) -> None:
    """Seed Python, NumPy and PyTorch (and loader workers), and fix the number of threads.

    Threads belong to the condition of a run: the order of a parallel sum, and so its last bits,
    depend on their number.
    """
    seed_everything(seed, workers=True, verbose=False)
    os.environ["OMP_NUM_THREADS"] = str(threads)  # else Lightning chooses, with several processes
    torch.set_num_threads(threads)


def of_each_process(state: Any) -> list[Any]:
    """What each process of a training has, in their order; all of them have to ask."""
    if not torch.distributed.is_initialized():
        return [state]
    states = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(states, state)
    return states


class RandomState(Callback):
    """Keeps the state of every random generator, of each process, in the checkpoint.

    Lightning 2.6 does not: a run that is stopped and resumed would draw other numbers than one
    that was not. Only plain types and tensors are kept, so that the checkpoint loads with
    `weights_only=True`. The order of the data is not drawn from these: see `data.Batches`.
    """

    def __init__(self) -> None:
        self.first = generators()

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """All processes begin with the same weights; from here on each draws numbers of its own."""
        self.rank = trainer.global_rank
        if self.rank:
            own = np.random.SeedSequence([torch.initial_seed(), self.rank])
            seed_everything(int(own.generate_state(1)[0]), workers=True, verbose=False)
            self.first = generators()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin from there: with several processes Lightning seeds again in between."""
        name, keys, *rest = self.first["numpy"]
        kind, internal, gauss = self.first["python"]
        random.setstate((kind, tuple(internal), gauss))
        np.random.set_state((name, keys, *rest))
        torch.set_rng_state(self.first["torch"])
        torch.cuda.set_rng_state_all(self.first["cuda"])

    def state_dict(self) -> dict[str, Any]:
        """State of Python's, NumPy's, PyTorch's and CUDA's generators."""
        return {"processes": of_each_process(generators())}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Begin where every generator was.

        Raises:
            StageError: the checkpoint is of another number of processes.
        """
        states = state_dict["processes"]
        world = torch.distributed.get_world_size() if torch.distributed.is_initialized() else 1
        if len(states) != world:
            raise StageError(
                f"the checkpoint is of a training in {len(states)} processes, and this one has "
                f"{world}: set trainer and trainer.devices as they were, or restore.mode=finetune."
            )
        self.first = states[self.rank]


def generators() -> dict[str, Any]:
    """Where the generators of this process are."""
    name, keys, *rest = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": (name, keys.tolist(), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all(),
    }


class EpochMeans(Callback):
    """Logs the mean over each epoch of what `training_step` returns: its loss, and numbers beside.

    Lightning's own means begin anew where a training goes on in the middle of an epoch, and
    cost more than a small model.
    """

    def __init__(self) -> None:
        self.sums: dict[str, torch.Tensor] = {}
        self.rows = 0

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Add a batch, each of its rows alike."""
        rows = len(batch)  # Lightning's own way of counting looks into whatever a batch may be
        self.rows += rows
        for name, value in outputs.items():
            added = value.detach() * rows
            self.sums[name] = self.sums[name] + added if name in self.sums else added

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log `train_loss` for the loss, and the others by their own names."""
        for name, total in self.sums.items():
            metric = "train_loss" if name == "loss" else name
            pl_module.log(metric, total / self.rows, sync_dist=True)
        self.sums, self.rows = {}, 0

    def state_dict(self) -> dict[str, Any]:
        """The sums of an epoch that is under way, of each process."""
        return {"processes": of_each_process((self.sums, self.rows))}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with these sums."""
        rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
        self.sums, self.rows = state_dict["processes"][rank]
