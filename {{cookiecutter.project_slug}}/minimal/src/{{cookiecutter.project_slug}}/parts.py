"""The parts of a data set, and batches of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .source import UNIT
from .stages import ROOT


class Rows(Dataset[Tensor]):
    """The rows of a tensor, fetched a whole batch at once.

    Row by row and then stacked, the loader costs more than the model.
    """

    def __init__(self, values: Tensor) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitems__(self, rows: list[int]) -> Tensor:
        """The rows of one batch, as one tensor."""
        return self.values[rows]


def as_it_is(batch: Tensor) -> Tensor:
    """`Rows` hands out batches: nothing is left to collate."""
    return batch


class PartedData(LightningDataModule):
    """A data set in memory, in parts: `parts` holds one tensor for each of train, val and test."""

    def __init__(self, data: DictConfig, seed: int = 0) -> None:
        super().__init__()
        self.folder = ROOT / data.folder
        self.batch_size, self.num_workers = data.loader.batch_size, data.loader.num_workers
        self.table = pd.read_parquet(self.folder / "rows.parquet")
        self.parts: dict[str, Tensor] = {}

    @classmethod
    def of(cls, data: DictConfig) -> PartedData:
        """The data of a configuration's group `data`, read and transformed."""
        made = cls(data)
        made.setup()
        return made

    def members(self, part: str) -> np.ndarray:
        """Which rows of the data set belong to a part, by the stored split of units."""
        split = pd.read_csv(self.folder / "split.csv", index_col=UNIT).part
        return np.flatnonzero(self.table[UNIT].map(split) == part)

    def rows(self, part: str) -> pd.DataFrame:
        """The table of a part."""
        return self.table.iloc[self.members(part)]

    def loader(self, part: str, shuffle: bool = False) -> DataLoader[Tensor]:
        """Batches of a part; the global generator, which is seeded, shuffles them."""
        # All at once to where it is used, so that batches are cut there; other processes, which
        # loader workers are, cannot cut on a GPU.
        near = self.trainer is not None and not self.num_workers
        device = self.trainer.strategy.root_device if near else torch.device("cpu")
        return DataLoader(
            Rows(self.parts[part].to(device)),
            batch_size=self.batch_size,
            shuffle=shuffle,
            num_workers=self.num_workers,
            collate_fn=as_it_is,
        )

    def train_dataloader(self) -> DataLoader[Tensor]:
        """In another order each epoch."""
        return self.loader("train", shuffle=True)

    def val_dataloader(self) -> DataLoader[Tensor]:
        """Always in the same order."""
        return self.loader("val")
