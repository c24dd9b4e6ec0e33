"""Batches of data in memory, in an order that neither a stop nor several processes change."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .stages import StageError

MOMENTS = ("mean", "standard deviation")


def refuse_other(now: dict[str, Any], then: dict[str, Any]) -> None:
    """Compare what `Loading.summary` says now with what it said then.

    Another processor may round the last digits otherwise, so digests may differ.

    Raises:
        StageError: the shape of a part, or one of its moments, is another one.
    """
    for part, was in then.items():
        same = now[part]["shape"] == was["shape"] and all(
            math.isclose(now[part][name], was[name], rel_tol=1e-4, abs_tol=1e-6) for name in MOMENTS
        )
        if not same:
            raise StageError(
                f"the {part} part is prepared otherwise than it was for the training ({was} then, "
                f"{now[part]} now): go back to the commit of the run, or train anew."
            )


class Rows(Dataset[Tensor]):
    """The rows of a tensor, fetched a whole batch at once.

    Row by row and then stacked, the loader costs more than the model.
    """

    def __init__(self, values: Tensor) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitems__(self, rows: np.ndarray) -> Tensor:
        """The rows of one batch, as one tensor."""
        return self.values.index_select(0, torch.from_numpy(rows).to(self.values.device))


class Batches:
    """Which rows make each batch: a function of seed and epoch, of nothing that was drawn before.

    So a training that goes on from the middle of an epoch, or in several processes, sees the
    batches of one that did neither. Of each batch, process `rank` of `world` takes every world-th
    row; the last rows that do not suffice for all processes are left out of the epoch.

    Args:
        rows: how many there are.
        size: rows of a batch, in all processes together.
        seed: of the order, which is another in each epoch; that of the rows when None.
        at: gives the epoch, and how many of its batches are behind us.
        rank: number of this process.
        world: how many processes there are.
    """

    def __init__(
        self,
        rows: int,
        size: int,
        seed: int | None = None,
        at: Callable[[], tuple[int, int]] = lambda: (0, 0),
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.rows, self.size, self.seed, self.at = rows // world * world, size, seed, at
        self.rank, self.world = rank, world

    def __len__(self) -> int:
        return -(-self.rows // self.size)

    def __iter__(self) -> Iterator[np.ndarray]:
        epoch, done = self.at()
        if done >= len(self):
            epoch, done = epoch + 1, 0
        order = np.arange(self.rows)
        if self.seed is not None:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.rows)
        for start in range(done * self.size, self.rows, self.size):
            yield order[start + self.rank : start + self.size : self.world]


def as_it_is(batch: Tensor) -> Tensor:
    """`Rows` hands out batches: nothing is left to collate."""
    return batch


class Loading(LightningDataModule):
    """Loaders of `parts`, which a subclass fills in `setup`: name of the part -> its rows.

    Args:
        batch_size: rows of a step, in all processes of the training together.
        at_once: batches that Lightning hands over together, see `steps.SteppingModule`.
        num_workers: processes that fetch batches; data in memory needs none.
    """

    seed = 0  # of the order of the training part

    def __init__(self, batch_size: int, at_once: int, num_workers: int) -> None:
        super().__init__()
        self.batch_size, self.at_once, self.num_workers = batch_size, at_once, num_workers
        self.parts: dict[str, Tensor] = {}
        self.restored = (0, 0)

    def summary(self) -> dict[str, dict[str, Any]]:
        """What each part was made into: shape, moments, and SHA-256 of its numbers."""
        return {
            name: {
                "shape": list(values.shape),
                "mean": float(values.mean(dtype=np.float64)),
                "standard deviation": float(values.std(dtype=np.float64)),
                "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
            }
            for name, values in ((name, part.numpy()) for name, part in self.parts.items())
        }

    def loader(self, part: str, shuffle: bool = False) -> DataLoader[Tensor]:
        """Batches of a part; where they are shuffled, each process of a training takes its share.

        Other parts every process sees whole: shares that are not equal would have other means.

        Raises:
            StageError: there are no equal shares.
        """
        # All at once to where it is used, so that batches are cut there; other processes, which
        # loader workers are, cannot cut on a GPU.
        near = self.trainer is not None and not self.num_workers
        device = self.trainer.strategy.root_device if near else torch.device("cpu")
        values = self.parts[part].to(device)
        seed, at = (self.seed, self.position) if shuffle else (None, lambda: (0, 0))
        rank, world = 0, 1
        if shuffle:
            rank, world = self.trainer.global_rank, self.trainer.world_size
        if self.batch_size % world:
            raise StageError(
                f"data.loader.batch_size={self.batch_size} is no multiple of {world} processes."
            )
        return DataLoader(
            Rows(values),
            batch_sampler=Batches(
                len(values), self.batch_size * self.at_once, seed, at, rank, world
            ),
            num_workers=self.num_workers,
            collate_fn=as_it_is,
            # A loader draws a number when it begins: not from the generator that the model draws
            # from, or a training that goes on in the middle of an epoch would differ.
            generator=torch.Generator(),
        )

    @property
    def share(self) -> int:
        """Rows of a step, in this process."""
        return self.batch_size // self.trainer.world_size

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        world = self.trainer.world_size
        return -(-(len(self.parts["train"]) // world) // self.share)

    def position(self) -> tuple[int, int]:
        """The epoch, and how many of Lightning's batches of it the training has behind it.

        Lightning asks for batches, and loader workers prepare them, before it restores where it
        was: until then that is what the checkpoint told this module.
        """
        progress = self.trainer.fit_loop.epoch_loop.batch_progress
        return max((self.trainer.current_epoch, progress.current.processed), self.restored)

    def state_dict(self) -> dict[str, Any]:
        """For the checkpoint."""
        return {"position": self.position()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there."""
        self.restored = state_dict["position"]

    def transfer_batch_to_device(
        self, batch: Tensor, device: torch.device, dataloader_idx: int
    ) -> Tensor:
        """Mostly there already; Lightning's own way of finding that out costs a tenth of a step."""
        return batch.to(device)

    def train_dataloader(self) -> DataLoader[Tensor]:
        """In another order each epoch."""
        return self.loader("train", shuffle=True)

    def val_dataloader(self) -> DataLoader[Tensor]:
        """Always in the same order."""
        return self.loader("val")
