"""Several steps of the optimiser for each batch of Lightning's."""

from __future__ import annotations

import pytorch_lightning as pl
import torch
from torch import Tensor


class SteppingModule(pl.LightningModule):
    """A module that takes one step for each of the batches that it is handed together.

    What Lightning does between two batches takes as long as a small model does, so it is done once
    for `data.loader.at_once` of them. The steps are those of any loop. Lightning calls this manual
    optimization: what is done between loss and step, such as clipping, stands in `training_step`
    and not in `trainer.gradient_clip_val`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return self.trainer.max_epochs * self.trainer.datamodule.steps

    def drawn(self, like: Tensor) -> Tensor:
        """Standard normal numbers in the shape of `like`, whose rows are those of this process.

        Where several processes share a batch, the first draws for all: they are the numbers that
        one process would draw for the same rows, see `loading.Batches`.
        """
        rank, world = 0, 1
        if self._trainer is not None:
            rank, world = self.trainer.global_rank, self.trainer.world_size
        whole = torch.randn(len(like) * world, *like.shape[1:], device=like.device)
        if world > 1:
            torch.distributed.broadcast(whole, src=0)
        return whole[rank::world]

    def losses(self, x: Tensor) -> dict[str, Tensor]:
        """What a subclass makes of a batch: its `loss`, and numbers to look at."""
        raise NotImplementedError

    def training_losses(self, x: Tensor) -> dict[str, Tensor]:
        """The same where it depends on how far the training is."""
        return self.losses(x)

    def training_step(self, rows: Tensor, batch_idx: int) -> dict[str, Tensor]:
        """Take the steps; return the losses, averaged over the rows."""
        optimizer, schedule = self.optimizers(), self.lr_schedulers()
        sums: dict[str, Tensor] = {}
        for x in rows.split(self.trainer.datamodule.share):
            losses = self.training_losses(x)
            optimizer.zero_grad()
            self.manual_backward(losses["loss"])
            optimizer.step()
            schedule.step()
            for name, value in losses.items():
                sums[name] = sums.get(name, 0) + value.detach() * len(x)
        return {name: total / len(rows) for name, total in sums.items()}
