"""Where the data comes from: the simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .simulation import simulate

UNIT = "shower_id"
"""Rows of the first table that have the same value here stay in the same part of the split: a
shower that is used several times, with its core at other places, would leak otherwise."""


def collect(**settings: Any) -> dict[str, pd.DataFrame | np.ndarray]:
    """The data set as files, by their names, the table first.

    Args:
        settings: `data.source` of the configuration, the arguments of `simulate`.

    Returns:
        `events.parquet`, one row an event, and `traces.npy`, shape (events, stations, bins), VEM
        per bin.
    """
    events, traces = simulate(**settings)
    return {"events.parquet": events, "traces.npy": traces}
