"""What must hold of the data before anything is trained on it: a Great Expectations suite.

Bounds are those of the physics and of the array, with room for the reconstruction's errors; see
`data/README.md`. Great Expectations takes seconds to import, so only `validation.py` imports this.
"""

from __future__ import annotations

from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
from omegaconf import DictConfig

from .stages import StageError

STATIONS = (1, 2, 3)
COLUMNS = {
    "event_id", "shower_id", "A", "theta", "lgE_rec", "s1000", "beta", "n_stations", "n_sat",
    *(f"{name}_{i}" for name in ("r", "S", "trise", "early") for i in STATIONS),
}  # fmt: skip
# column: smallest and largest value, unit or meaning
RANGES = {
    "theta": (0, 63, "the zenith angle in degrees"),
    "lgE_rec": (17.3, 21.3, "the decimal logarithm of the reconstructed energy in eV"),
    "s1000": (0.5, 5000, "the signal at 1000 m from the axis in VEM"),
    "beta": (-5, 0, "the slope of the lateral distribution"),
    "n_stations": (3, 12, "the number of stations with a signal"),
    "r_1": (50, 900, "the distance of the nearest station in metres"),
    "r_3": (600, 1800, "the distance of the third station in metres"),
    **{f"S_{i}": (0, 26_000, f"the signal of station {i} in VEM") for i in STATIONS},
    **{f"trise_{i}": (10, 2400, f"the rise time at station {i} in ns") for i in STATIONS},
    **{f"early_{i}": (0, 1, f"the share of early signal at station {i}") for i in STATIONS},
}
RARE = 0.999  # the share of rows that must keep a range: reconstructions have tails
KINDS = ("events", "photons")


def table(folder: Path) -> pd.DataFrame:
    """The events with what must be checked beside them: traces and split, as columns.

    Args:
        folder: of the data set.

    Returns:
        Nuclei and photons with `trace_min`, `trace_max` [VEM], `charge_error` (the largest
        difference between the sum of a trace and its station's signal, relative to the signal or
        to 1 VEM), `parts` (in how many parts of the split the shower of a nucleus is) and
        `photon_parts` (likewise of a photon).

    Raises:
        StageError: a column is missing.
    """
    nuclei = pd.read_parquet(folder / "events.parquet")
    photons = pd.read_parquet(folder / "photons.parquet")
    if missing := sorted(COLUMNS - (set(nuclei.columns) & set(photons.columns))):
        raise StageError(f"a table has no column {', '.join(missing)}.")
    split = pd.read_csv(folder / "split.csv")
    parts = split.groupby("shower_id").part.nunique()
    rows = pd.concat(
        [
            with_traces(nuclei, np.load(folder / "traces.npy", mmap_mode="r")),
            with_traces(photons, np.load(folder / "photon_traces.npy", mmap_mode="r")),
        ],
        ignore_index=True,
    )
    parts = rows.shower_id.map(parts).fillna(0).astype(int)
    return rows.assign(
        parts=parts.where(rows.index < len(nuclei), 1),
        photon_parts=parts.where(rows.index >= len(nuclei), 0),
    )


def with_traces(events: pd.DataFrame, traces: np.ndarray) -> pd.DataFrame:
    """The table with `trace_min`, `trace_max` and `charge_error` of its traces, see `table`."""
    signals = events[[f"S_{i}" for i in STATIONS]].to_numpy()
    difference = np.abs(traces.sum(axis=2, dtype=float) - signals)
    return events.assign(
        trace_min=traces.min(axis=(1, 2)),
        trace_max=traces.max(axis=(1, 2)),
        charge_error=(difference / np.maximum(signals, 1)).max(axis=1),
    )


def suite(rows: int, data: DictConfig) -> gx.ExpectationSuite:
    """The expectations, each with a sentence that says what it asks for.

    Args:
        rows: how many events the manifest promises.
        data: group `data` of the configuration.
    """
    primaries = [0, *data.source.primaries]
    rows += data.source.photons.n_showers
    between = [
        gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=low, max_value=high, mostly=RARE,
            description=f"{meaning} lies between {low} and {high}",
        )
        for column, (low, high, meaning) in RANGES.items()
    ]  # fmt: skip
    exact = [
        gxe.ExpectTableRowCountToEqual(value=rows, description=f"the table has {rows} rows"),
        gxe.ExpectColumnValuesToBeUnique(column="event_id", description="no event occurs twice"),
        gxe.ExpectColumnValuesToBeInSet(
            column="A", value_set=primaries, description=f"the mass number is one of {primaries}"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="trace_min", min_value=-0.05, description="a trace falls as far as its noise"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="trace_max", max_value=200, description="a trace is cut at 200 VEM per bin"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="charge_error", max_value=1e-3,
            description="the bins of a trace add up to the station's signal",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="parts", value_set=[1], description="a shower lies in one part of the split only"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="photon_parts", value_set=[0], description="no photon is in a part of the split"
        ),
        *(
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=f"r_{i + 1}", column_B=f"r_{i}", or_equal=True,
                description=f"station {i + 1} is not nearer than station {i}",
            )
            for i in (1, 2)
        ),
    ]  # fmt: skip
    complete = [
        gxe.ExpectColumnValuesToNotBeNull(column=column, description="no value is missing")
        for column in sorted(COLUMNS)
    ]
    return gx.ExpectationSuite(name="events", expectations=[*exact, *complete, *between])
