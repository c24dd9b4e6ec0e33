"""Where the data comes from: a table in a file of this repository. Put your own in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .provenance import file_digest
from .stages import ROOT, StageError

UNIT = "row"
"""Rows that have the same value here stay in the same part of the split. Name the patient, the
site or the day where rows depend on each other; a column of its own for each row where not."""


def collect(folder: Path, path: str, sha256: str, every: int) -> pd.DataFrame:
    """Write the data set into a folder, and return its table.

    That is `rows.parquet`: the columns of the table, and `row`, the number of the row in it.

    Args:
        folder: gets the file.
        path: of the table, from the project's folder.
        sha256: of that file; another file is refused.
        every: takes each k-th row.

    Raises:
        StageError: the file is missing, or another than it should be.
    """
    file = ROOT / path
    found = file_digest(file) if file.is_file() else "no file"
    if found != sha256:
        raise StageError(f"{path} should have the SHA-256 {sha256} and has {found}.")
    table = pd.read_csv(file)
    rows = table.assign(row=np.arange(len(table)))[::every]
    rows.to_parquet(folder / "rows.parquet", index=False)
    return rows
