"""Where the data comes from: the simulation, or public files that were downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import auger, granada
from .atmosphere import PHOTON
from .simulation import simulate

UNIT = "shower_id"
"""Rows of the first table that have the same value here stay in the same part of the split: a
shower that is used several times, with its core at other places, would leak otherwise."""


def collect(folder: Path, kind: str = "simulation", **settings: Any) -> pd.DataFrame:
    """Write the data set into a folder, and return its table.

    These are `events.parquet`, one row an event, and, but for counters, `traces.npy`, shape
    (events, stations, bins), VEM per bin; of a simulation `photons.parquet` and
    `photon_traces.npy` likewise.

    Args:
        folder: gets the files.
        kind: `simulation`, or of public files that were downloaded: `granada` or `auger`.
        settings: the rest of `data.source` of the configuration: the arguments of `simulated`,
            `granada.collect` or `auger.collect`.
    """
    if kind == "granada":
        events = granada.collect(**settings)
    elif kind == "auger":
        events, traces = auger.collect(**settings)
        np.save(folder / "traces.npy", traces)
    else:
        events, traces, photons, photon_traces = simulated(**settings)
        np.save(folder / "traces.npy", traces)
        photons.to_parquet(folder / "photons.parquet", index=False)
        np.save(folder / "photon_traces.npy", photon_traces)
    events.to_parquet(folder / "events.parquet", index=False)
    return events


def simulated(
    photons: dict[str, int], **settings: Any
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, np.ndarray]:
    """Events and traces of nuclei, and of photons.

    Args:
        photons: `n_showers` and `seed` of the photon showers, which are in no part of the split:
            nothing is ever trained on them.
        settings: the arguments of `simulate`.
    """
    events, traces = simulate(**settings)
    strange = {**settings, **photons, "primaries": (PHOTON,), "n_reuse": 1}
    photon_events, photon_traces = simulate(**strange)
    for number in ("event_id", UNIT):  # no photon has the number of a nucleus
        photon_events[number] += events[number].max() + 1
    return events, traces, photon_events, photon_traces
