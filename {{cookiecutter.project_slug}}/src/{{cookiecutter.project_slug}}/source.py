"""Where the data comes from: the simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .atmosphere import PHOTON
from .simulation import simulate

UNIT = "shower_id"
"""Rows of the first table that have the same value here stay in the same part of the split: a
shower that is used several times, with its core at other places, would leak otherwise."""


def collect(folder: Path, photons: dict[str, int], **settings: Any) -> pd.DataFrame:
    """Write the data set into a folder, and return its table.

    These are `events.parquet`, one row an event, and `traces.npy`, shape (events, stations, bins),
    VEM per bin; `photons.parquet` and `photon_traces.npy` likewise.

    Args:
        folder: gets the files.
        photons: `n_showers` and `seed` of the photon showers, which are in no part of the split:
            nothing is ever trained on them.
        settings: the rest of `data.source` of the configuration, the arguments of `simulate`.
    """
    events, traces = simulate(**settings)
    strange, strange_traces = simulate(**{**settings, **photons, "primaries": (PHOTON,)})
    for number in ("event_id", UNIT):  # no photon has the number of a nucleus
        strange[number] += events[number].max() + 1
    events.to_parquet(folder / "events.parquet", index=False)
    np.save(folder / "traces.npy", traces)
    strange.to_parquet(folder / "photons.parquet", index=False)
    np.save(folder / "photon_traces.npy", strange_traces)
    return events
