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

from .physics import truths, with_truth
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
FEW = 0.995  # likewise of public counters: some rows hold several times what they may
COUNTED = {
    "event_id", "shower_id", "A", "theta", "lgE", "n_all", "n_mu", "n_em", "xmax", "rises"
}  # fmt: skip
MUONS = 5.1e7  # of a proton shower of 10^19 eV at the ground


def table(folder: Path) -> pd.DataFrame:
    """The events with what must be checked beside them: traces and split, as columns.

    Args:
        folder: of the data set.

    Returns:
        All rows, with `parts` (in how many parts of the split the shower of a row is; 1 for
        photons) and, of simulated photons, `photon_parts` (likewise, 0 for nuclei); where there
        are traces, with `trace_min`, `trace_max` [VEM] and `charge_error` (the largest difference
        between the sum of a trace and its station's signal, relative to the signal or to 1 VEM).

    Raises:
        StageError: a column is missing.
    """
    events = pd.read_parquet(folder / "events.parquet")
    if not (folder / "traces.npy").exists():
        tables = [with_ratios(events)]
    else:
        tables = [with_traces(events, np.load(folder / "traces.npy", mmap_mode="r"))]
    if (folder / "photons.parquet").exists():
        photons = pd.read_parquet(folder / "photons.parquet")
        traces = np.load(folder / "photon_traces.npy", mmap_mode="r")
        tables.append(with_traces(photons, traces))
    rows = pd.concat(tables, ignore_index=True)
    dealt = pd.read_csv(folder / "split.csv")
    unit = dealt.columns[0]
    known = rows[["shower_id"]].assign(**{unit: rows[unit]})
    parts = known.merge(dealt, on=unit).groupby("shower_id").part.nunique()
    found = rows.shower_id.map(parts).fillna(0).astype(int)
    nucleus = rows.index < len(tables[0])
    rows = rows.assign(parts=found.where(nucleus, 1), photon_parts=found.where(~nucleus, 0))
    return with_truth(rows, rows[unit].map(dealt.drop_duplicates(unit).set_index(unit).part))


def refuse_gaps(events: pd.DataFrame, columns: set[str]) -> None:
    """Raise a StageError for columns that are missing."""
    if missing := sorted(columns - set(events.columns)):
        raise StageError(f"a table has no column {', '.join(missing)}.")


def with_ratios(events: pd.DataFrame) -> pd.DataFrame:
    """Counters at the ground with the ratios that the physics of a shower bounds."""
    refuse_gaps(events, COUNTED)
    return events.assign(
        muons=events.n_mu / (MUONS * 10 ** (0.94 * (events.lgE - 19))),
        em_per_EeV=np.log(events.n_em) - np.log(10) * (events.lgE - 18),
        rest=1 - (events.n_mu + events.n_em) / events.n_all,
    )


def with_traces(events: pd.DataFrame, traces: np.ndarray) -> pd.DataFrame:
    """The table with `trace_min`, `trace_max` and `charge_error` of its traces, see `table`."""
    refuse_gaps(events, COLUMNS)
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
    kind = data.source.get("kind", "simulation")
    if kind == "granada":
        return counters(rows)
    primaries, physics = [-1], []  # nobody knows those of measured showers
    if kind == "simulation":
        primaries, physics = [0, *data.source.primaries], truths(rows, data.source)
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
    return gx.ExpectationSuite(name="events", expectations=[*exact, *complete, *between, *physics])


def counters(rows: int) -> gx.ExpectationSuite:
    """What must hold of counters at the ground: the physics of a shower bounds their ratios."""
    ranges = {
        "theta": (0, 60.001, 1.0, "the zenith angle in degrees, rounded to six digits,"),
        "lgE": (17.9, 20.6, 1.0, "the decimal logarithm of the energy in eV"),
        "muons": (0.02, 5, FEW, "the number of muons over that of a proton shower of its energy"),
        "em_per_EeV": (16, 23, FEW, "the logarithm of electromagnetic particles per EeV"),
        "rest": (-0.05, 1, RARE, "the share of particles that are neither"),
        "xmax": (300, 4000, 1.0, "the depth of maximum in g/cm2, where its fit did not fail"),
        "parts": (1, 1, 1.0, "in how many parts of the split an entry of the library lies"),
    }
    return gx.ExpectationSuite(
        name="counters",
        expectations=[
            gxe.ExpectColumnMeanToBeBetween(
                column="rises", min_value=0.35, max_value=0.65,
                description="values rise and fall from row to row alike (running totals only rise)",
            ),
            gxe.ExpectTableRowCountToEqual(value=rows, description=f"the table has {rows} rows"),
            gxe.ExpectColumnValuesToBeUnique(
                column="event_id", description="no event occurs twice"
            ),
            gxe.ExpectColumnValuesToBeInSet(
                column="A", value_set=[0, 1, 4, 14, 56], description="the mass number is known"
            ),
            gxe.ExpectColumnValuesToNotBeNull(
                column="xmax", mostly=0.98, description="few fits of the profile failed"
            ),
            *(
                gxe.ExpectColumnValuesToBeBetween(
                    column=column, min_value=low, max_value=high, mostly=mostly,
                    description=f"{meaning} lies between {low} and {high}",
                )
                for column, (low, high, mostly, meaning) in ranges.items()
            ),
        ],
    )  # fmt: skip
