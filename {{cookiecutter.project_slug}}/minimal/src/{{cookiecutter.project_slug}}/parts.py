"""The parts of a data set."""

from __future__ import annotations

import numpy as np
import pandas as pd
from omegaconf import DictConfig

from .loading import Loading
from .source import UNIT
from .stages import ROOT


class PartedData(Loading):
    """A data set in memory, in parts: `parts` holds one tensor for each of train, val and test."""

    def __init__(self, data: DictConfig) -> None:
        super().__init__(**data.loader)
        self.folder = ROOT / data.folder
        self.table = pd.read_parquet(self.folder / "rows.parquet")

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
