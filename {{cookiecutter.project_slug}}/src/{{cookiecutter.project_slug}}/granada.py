"""Public CORSIKA showers of a group in Granada: counters at the ground, with labels.

Herrera et al., Entropy 22 (2020) 998, doi:10.3390/e22090998. The files have no licence: download
them yourself (`data/README.md`), and do not pass them on.

The public files hold running totals of their three counters: each value is the sum of those above
it, in blocks of about a thousand rows. The validation stops there; `running_totals: undo` takes the
differences.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .provenance import file_digest
from .stages import ROOT, StageError

COLUMNS = ("run", "n_all", "n_mu", "n_em", "xmax_vertical", "theta", "energy", "z_first", "label")
COUNTERS = ["n_all", "n_mu", "n_em"]
MASSES = {0: 0, 1: 1, 2: 4, 3: 14, 4: 56}  # the files' classes: photon, p, He, N, Fe
POSSIBLE = (300.0, 4000.0)  # g/cm2 along the axis; the fit of a profile failed outside


def read(folder: Path, sha256: dict[str, str]) -> pd.DataFrame:
    """The files as they are, one below the other, with `file` and `row` of each line.

    Args:
        folder: where the files were downloaded to.
        sha256: digest of each file, by its name.

    Raises:
        StageError: a file is missing or is not the one whose digest is known.
    """
    tables = []
    for name, digest in sha256.items():
        path = folder / name
        if not path.exists():
            raise StageError(f"{path} is missing: download it as data/README.md says.")
        if file_digest(path) != digest:
            raise StageError(f"{path} is not the file that was published; download it again.")
        table = pd.read_csv(path, sep=r"\s+", header=None, names=COLUMNS)
        tables.append(table.assign(file=name, row=np.arange(len(table))))
    return pd.concat(tables, ignore_index=True)


def blocks(table: pd.DataFrame) -> pd.Series:
    """Number of the block of each row: one begins wherever the total of all particles falls."""
    falls = table.groupby("file").n_all.diff() < 0
    return falls.groupby(table.file).cumsum()


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Undo the running totals: differences inside blocks, without those that are not positive.

    The files have six digits: a small shower below a large total may leave nothing of itself.
    """
    inside = table.groupby([table.file, blocks(table)])[COUNTERS]
    single = inside.diff().fillna(table[COUNTERS])
    return table.assign(**single)[(single > 0).all(axis=1)].reset_index(drop=True)


def collect(downloads: str, sha256: dict[str, str], running_totals: str) -> pd.DataFrame:
    """The table, one row a shower.

    Units: angles in degrees, lgE of eV, depths in g/cm2 along the axis, heights in m. `shower_id`
    is the entry of the library: its five primaries share energy and angle, and stay together in the
    split; a split of rows would let a classifier find "the one not yet seen".

    Args:
        downloads: folder of the files.
        sha256: digest of each, by its name.
        running_totals: `undo`, or `keep` to see what the validation says.

    Raises:
        StageError: a file is missing or another one, or `running_totals` has no such position.
    """
    if running_totals not in {"undo", "keep"}:
        raise StageError(f"running_totals is {running_totals!r}: it is either undo or keep.")
    table = read(ROOT / downloads, sha256)
    if running_totals == "undo":
        table = differences(table)
    slant = table.xmax_vertical / np.cos(np.radians(table.theta))
    return pd.DataFrame(
        {
            "event_id": table.run,
            "shower_id": table.run // 10,
            "A": table.label.map(MASSES).astype(np.int16),
            "theta": table.theta,
            "lgE": 18 + np.log10(table.energy),
            **{name: table[name].astype(float) for name in COUNTERS},
            "xmax": slant.where(slant.between(*POSSIBLE)),
            "z_first": table.z_first,
            "rises": (table.groupby("file").n_mu.diff() > 0).astype(int),
        }
    )
