"""What must hold of the data before anything is trained on it: a Great Expectations suite.

Write down what you know of your own data: a value outside is more often a mistake than a discovery.
Great Expectations takes seconds to import, so only `validation.py` imports this.
"""

from __future__ import annotations

from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from omegaconf import DictConfig

from .source import UNIT
from .stages import StageError

# column: smallest and largest value, unit or meaning
RANGES = {
    "alcohol": (8, 17, "alcohol in percent by volume"),
    "malic_acid": (0, 10, "malic acid in g/l"),
    "ash": (1, 5, "ash in g/l"),
    "alcalinity_of_ash": (5, 40, "the alcalinity of the ash in meq/l"),
    "magnesium": (40, 200, "magnesium in mg/l"),
    "total_phenols": (0, 6, "total phenols in g/l"),
    "flavanoids": (0, 6, "flavanoids in g/l"),
    "nonflavanoid_phenols": (0, 2, "non-flavanoid phenols in g/l"),
    "proanthocyanins": (0, 6, "proanthocyanins in g/l"),
    "color_intensity": (0, 20, "the intensity of the colour"),
    "hue": (0, 3, "the hue"),
    "od280_od315": (1, 5, "the ratio of the absorbances at 280 and 315 nm"),
    "proline": (100, 3000, "proline in mg/l"),
}


def table(folder: Path) -> pd.DataFrame:
    """The rows, and in `parts` in how many parts of the split the unit of each row is.

    Args:
        folder: of the data set.

    Raises:
        StageError: a column is missing.
    """
    rows = pd.read_parquet(folder / "rows.parquet")
    if missing := sorted({*RANGES, UNIT} - set(rows.columns)):
        raise StageError(f"rows.parquet has no column {', '.join(missing)}.")
    parts = pd.read_csv(folder / "split.csv").groupby(UNIT).part.nunique()
    return rows.assign(
        parts=parts.reindex(rows[UNIT], fill_value=0).to_numpy(),
        twice=rows[[*RANGES]].duplicated(keep=False),
    )


def suite(rows: int, data: DictConfig) -> gx.ExpectationSuite:
    """The expectations, each with a sentence that says what it asks for.

    Args:
        rows: how many rows the manifest promises.
        data: group `data` of the configuration.
    """
    labels = list(data.labels)
    exact = [
        gxe.ExpectTableRowCountToEqual(value=rows, description=f"the table has {rows} rows"),
        gxe.ExpectColumnValuesToBeInSet(
            column=data.target, value_set=labels, description=f"the class is one of {labels}"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="parts", value_set=[1], description="a unit lies in one part of the split only"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="twice", value_set=[False], description="no row stands there twice"
        ),
    ]
    complete = [
        gxe.ExpectColumnValuesToNotBeNull(column=column, description="no value is missing")
        for column in (*RANGES, data.target)
    ]
    between = [
        gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=low, max_value=high,
            description=f"{meaning} lies between {low} and {high}",
        )
        for column, (low, high, meaning) in RANGES.items()
    ]  # fmt: skip
    return gx.ExpectationSuite(name="rows", expectations=[*exact, *complete, *between])
