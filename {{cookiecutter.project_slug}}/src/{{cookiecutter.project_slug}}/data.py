"""Traces as the models see them: transformed and standardised."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from .detector import SATURATION
from .loading import Loading
from .stages import ROOT, StageError

SILENT = 0.02  # VEM per bin: a station that never shows more, five times the noise, saw nothing


class Standardise(nn.Module):
    """x = (log10(1 + S / offset) / 3 - mean) / scale, for signals S in VEM per bin.

    The logarithm tames four decades of signal. An offset far below 0.3 VEM blows up the noise of
    empty bins, and a model then learns noise. `mean` (stations, bins) and `scale` (one number)
    come from the training part alone and travel with the model's weights. A silent station is 0
    in all bins, the mean trace: it tells nothing, and no error is taken there.
    """

    def __init__(self, offset: float, stations: int = 3, bins: int = 128) -> None:
        super().__init__()
        self.offset = offset
        self.register_buffer("mean", torch.zeros(stations, bins))
        self.register_buffer("scale", torch.ones(()))

    def logarithm(self, traces: Tensor) -> Tensor:
        """The transform without the standardisation; a bin pushed below zero by noise counts 0."""
        return torch.log10(1 + traces.clamp(min=0) / self.offset) / 3

    def signals(self, x: Tensor) -> Tensor:
        """The way back: standardised values -> VEM per bin."""
        return (10 ** (3 * (x * self.scale + self.mean)) - 1) * self.offset

    def noise(self, x: Tensor, pedestal: float, shot: float) -> Tensor:
        """Variance that the detector gives each bin of standardised traces `x`, in their shape.

        That of a signal S is pedestal^2 + shot S: particles come in numbers that scatter like
        Poisson's. Here it is, to first order, that times (dx/dS)^2.

        Args:
            x: of the signals that are expected.
            pedestal: noise of an empty bin, VEM.
            shot: VEM.
        """
        signal = self.signals(x).clamp(0, SATURATION)
        slope = 1 / (3 * math.log(10) * self.scale * (signal + self.offset))
        return (pedestal**2 + shot * signal) * slope**2

    def fit(self, traces: Tensor) -> Standardise:
        """Take mean and scale from traces of shape (events, stations, bins)."""
        values, heard = self.logarithm(traces), self.heard(traces)
        self.mean.copy_((values * heard).sum(dim=0) / heard.sum(dim=0).clamp(min=1))
        self.scale.copy_(((values - self.mean) * heard).pow(2).mean().div(heard.mean()).sqrt())
        return self

    @staticmethod
    def heard(traces: Tensor) -> Tensor:
        """1 where a station saw something, else 0, shape (events, stations, 1)."""
        return (traces.amax(dim=2, keepdim=True) > SILENT).to(traces.dtype)

    def forward(self, traces: Tensor) -> Tensor:
        """Shape (events, stations, bins) in VEM per bin -> the same shape, standardised."""
        return (self.logarithm(traces) - self.mean) / self.scale * self.heard(traces)


class ProjectData(Loading):
    """Training, validation and test traces of one data set, standardised by its training part."""

    def __init__(self, folder: Path, offset: float, **loader: int) -> None:
        super().__init__(**loader)
        self.folder = folder
        self.standardise = Standardise(offset)

    @classmethod
    def of(cls, data: DictConfig) -> ProjectData:
        """The data of a configuration's group `data`, read and transformed.

        Raises:
            StageError: it is a table of counters.
        """
        if not (ROOT / data.folder / "traces.npy").exists():
            raise StageError(f"{data.folder} holds no traces, so no model here trains on it.")
        made = cls(ROOT / data.folder, data.offset, **data.loader)
        made.setup()
        return made

    def setup(self, stage: str | None = None) -> None:
        """Read and transform everything once; it fits in memory (1.5 kB an event)."""
        if self.parts:
            return
        raw = {name: torch.from_numpy(self.raw(name)) for name in ("train", "val", "test")}
        self.standardise.fit(raw["train"])
        self.parts = {name: self.standardise(traces) for name, traces in raw.items()}

    def for_model(self) -> dict[str, float]:
        """What a model must know of the data, as arguments of its class."""
        return {"offset": self.standardise.offset}

    def rows(self, part: str) -> np.ndarray:
        """Which rows of the data set belong to a part, by the stored split of showers."""
        shower_id = pd.read_parquet(self.folder / "events.parquet", columns=["shower_id"]).shower_id
        split = pd.read_csv(self.folder / "split.csv", index_col="shower_id").part
        return np.flatnonzero(shower_id.map(split) == part)

    def raw(self, part: str) -> np.ndarray:
        """Raw traces of a part: (events, stations, bins), VEM per bin."""
        return np.load(self.folder / "traces.npy", mmap_mode="r")[self.rows(part)]

    @property
    def labelled(self) -> bool:
        """Whether the primaries are known: nobody knows those of measured showers."""
        return (self.folder / "photons.parquet").exists()

    def photons(self) -> tuple[pd.DataFrame, Tensor]:
        """Photon showers, which are in no part: their table and raw traces."""
        traces = torch.from_numpy(np.load(self.folder / "photon_traces.npy"))
        return pd.read_parquet(self.folder / "photons.parquet"), traces

    def manifest(self) -> dict[str, Any]:
        """How the data was made."""
        return json.loads((self.folder / "manifest.json").read_text("utf-8"))

    def events(self, part: str) -> pd.DataFrame:
        """The table of a part, in the order of its traces."""
        return pd.read_parquet(self.folder / "events.parquet").iloc[self.rows(part)]
