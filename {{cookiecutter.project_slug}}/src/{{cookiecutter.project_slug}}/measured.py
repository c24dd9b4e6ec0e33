"""What the measures of a study hand to the stage `evaluate`."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure


class Measured(NamedTuple):
    """What `evaluate` writes down.

    Attributes:
        metrics: name -> value, for MLflow too.
        raw: one row of the test part each.
        page: lines of Markdown.
        tables: what else is worth a table, by the names of their files.
        pictures: by the names of their files.
    """

    metrics: dict[str, float]
    raw: pd.DataFrame
    page: list[str]
    tables: dict[str, pd.DataFrame]
    pictures: dict[str, Figure]
