"""The stage `data`: collect the data, split it, and write it down once and for all."""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock
from omegaconf import DictConfig, OmegaConf

from .provenance import file_digest
from .source import UNIT, collect
from .stages import ROOT, StageError, stage

SPLIT = "split.csv"


def split(units: np.ndarray, fractions: dict[str, float], seed: int) -> pd.DataFrame:
    """Deal the units out to parts: columns `UNIT` and `part`, one row a unit.

    A unit is never cut: rows that depend on each other have the same one, and would put near
    copies on both sides.

    Args:
        units: the unit of each row of the data; repeats are one unit.
        fractions: part -> its share; the shares add up to 1.
        seed: of the split alone, so that it stays when the source or the training changes.

    Raises:
        StageError: the shares do not add up to 1.
    """
    if not np.isclose(sum(fractions.values()), 1):
        raise StageError(f"the parts of data.split add up to {sum(fractions.values())}, not to 1.")
    names = np.unique(units)
    order = np.random.default_rng(seed).permutation(len(names))
    ends = np.round(np.cumsum(list(fractions.values())) * len(names)).astype(int)
    part = np.empty(len(names), dtype=object)
    for name, members in zip(fractions, np.split(order, ends[:-1]), strict=True):
        part[members] = name
    return pd.DataFrame({UNIT: names, "part": part})


def data_digest(manifest: dict[str, Any]) -> str:
    """One SHA-256 for the whole data set, from those of its files."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(manifest["sha256"].items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def verified(folder: Path) -> dict[str, Any]:
    """The manifest of a data set, after comparing every file with its digest.

    Raises:
        StageError: there is no data set, or a file is missing or is not what was written.
    """
    manifest = folder / "manifest.json"
    if not manifest.exists():
        raise StageError(f"{folder} holds no data: run `nox -s data` first.")
    content = json.loads(manifest.read_text("utf-8"))
    for name, digest in content["sha256"].items():
        if not (folder / name).exists() or file_digest(folder / name) != digest:
            raise StageError(
                f"{folder / name} is not what manifest.json says was written there: "
                f"delete {folder} and run `nox -s data` again."
            )
    return content


def alone(folder: Path) -> FileLock:
    """A lock on a data set: pipelines that start at once make and validate it in turn."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(folder.with_name(f"{folder.name}.lock"))


def data(cfg: DictConfig) -> Path:
    """Make the data set that `cfg.data` describes, unless it is there already; return its folder.

    The folder appears whole or not at all, and is never written again.

    Raises:
        StageError: the folder holds a data set made with other settings, or a damaged one.
    """
    folder = ROOT / cfg.data.folder
    wanted = {name: OmegaConf.to_container(cfg.data[name]) for name in ("source", "split")}
    with alone(folder):
        if folder.exists():
            if verified(folder)["settings"] != wanted:
                raise StageError(
                    f"{folder} was made with other settings: name another data.folder, or "
                    "delete it."
                )
            print(f"data: {folder} is there and whole")
            return folder
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        rows = write(part, cfg, wanted)
        part.rename(folder)
    print(f"data: {rows} rows in {folder}")
    return folder


def write(folder: Path, cfg: DictConfig, settings: dict[str, Any]) -> int:
    """Collect the data, write its files, the split and their manifest; return how many rows."""
    table = collect(folder, **cfg.data.source)
    fractions = {k: v for k, v in cfg.data.split.items() if k != "seed"}
    split(table[UNIT].to_numpy(), fractions, cfg.data.split.seed).to_csv(
        folder / SPLIT, index=False, lineterminator="\n"
    )
    manifest = {
        "settings": settings,
        "versions": {name: version(name) for name in ("numpy", "pandas", "pyarrow")},
        "rows": len(table),
        "sha256": {path.name: file_digest(path) for path in sorted(folder.iterdir())},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    return len(table)


if __name__ == "__main__":
    stage(data)()
