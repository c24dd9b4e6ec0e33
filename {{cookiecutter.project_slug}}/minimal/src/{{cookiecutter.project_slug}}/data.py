"""The table as the models see it: standardised, and in batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from .parts import PartedData
from .source import UNIT


class Standardise(nn.Module):
    """x = (value - mean) / scale, column by column.

    Both come from the training part alone and travel with the model's weights.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))

    def fit(self, values: Tensor) -> Standardise:
        """Take mean and scale from values of shape (rows, features); a constant is left alone."""
        self.mean.copy_(values.mean(dim=0))
        spread = values.std(dim=0)
        self.scale.copy_(torch.where(spread > 0, spread, 1))
        return self

    def forward(self, values: Tensor) -> Tensor:
        """Shape (rows, features), as measured -> the same shape, standardised."""
        return (values - self.mean) / self.scale


class ProjectData(PartedData):
    """Training, validation and test part of the table.

    A part is one tensor, shape (rows, features + 1): the standardised inputs, and in the last
    column the number of the class in `labels`.
    """

    def __init__(self, data: DictConfig) -> None:
        super().__init__(data)
        self.target, self.labels = data.target, list(data.labels)
        self.inputs = [name for name in self.table.columns if name not in (self.target, UNIT)]
        self.standardise = Standardise(len(self.inputs))

    def setup(self, stage: str | None = None) -> None:
        """Standardise everything once; it fits in memory."""
        if self.parts:
            return
        self.standardise.fit(torch.from_numpy(self.raw("train")))
        self.parts = {part: self.standardised(part) for part in ("train", "val", "test")}

    def standardised(self, part: str) -> Tensor:
        """One part as the models see it."""
        x = self.standardise(torch.from_numpy(self.raw(part)))
        return torch.column_stack([x, torch.from_numpy(self.classes(part)).to(x.dtype)])

    def raw(self, part: str) -> np.ndarray:
        """The inputs of a part as they were measured: float32, shape (rows, features)."""
        return self.rows(part)[self.inputs].to_numpy(np.float32, copy=True)

    def classes(self, part: str) -> np.ndarray:
        """The class of each row of a part, from 0."""
        return pd.Index(self.labels).get_indexer(self.rows(part)[self.target])

    def for_model(self) -> dict[str, int]:
        """What a model must know of the data, as arguments of its class."""
        return {"features": len(self.inputs), "classes": len(self.labels)}
