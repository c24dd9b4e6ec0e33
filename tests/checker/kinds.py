"""Writes one output of each kind into four folders; a program of its own, for any Python.

`base` is the first run. `twin` holds the same values in other bytes, `near` differs by 1e-9 in one
value, `far` by 1.
"""

# ruff: noqa: PLC0415 - each kind imports what writes it

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

FOLDERS = {"base": 0.0, "twin": 0.0, "near": 1e-9, "far": 1.0}


# As the trees of scikit-learn are kept.
NODES = [("left", "<i8"), ("value", "<f8"), ("leaf", "?")]


class Model:
    """An object of a class that no reader has."""

    def __init__(self, weights: Any, names: set[str]) -> None:
        self.weights, self.names = weights, names


def parquet(path: Path, step: float, *, twin: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"loss": [0.5, 1.0 + step], "name": ["a", None]}
    pq.write_table(pa.table(columns), path / "a.parquet", compression="gzip" if twin else "snappy")


def dates(path: Path, step: float, *, twin: bool) -> None:
    import datetime as dt

    import pyarrow as pa
    import pyarrow.parquet as pq

    days = [dt.datetime(2026, 1, 1 + int(step), tzinfo=dt.timezone.utc)]
    table = pa.table({"day": days}).replace_schema_metadata({"made": "later" if twin else "now"})
    pq.write_table(table, path / "dates.parquet")


def png(path: Path, step: float, *, twin: bool) -> None:
    from PIL import Image, PngImagePlugin

    told = PngImagePlugin.PngInfo()
    told.add_text("Software", "later" if twin else "now")
    image = Image.new("L", (3, 2), 7)
    image.putpixel((1, 1), 7 + int(step))
    image.save(path / "a.png", pnginfo=told)


def gif(path: Path, step: float, *, twin: bool) -> None:
    from PIL import Image

    frames = [Image.new("L", (2, 2), value) for value in (1, 2, 3 + 100 * int(step))]
    comment = b"later" if twin else b"now"
    frames[0].save(path / "a.gif", save_all=True, append_images=frames[1:], comment=comment)


def tensors(path: Path, step: float, *, twin: bool) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    told = {"made": "later" if twin else "now"}
    save_file({"weights": np.array([1.0, 2.0 + step])}, path / "a.safetensors", metadata=told)


def arrays(path: Path, step: float, *, twin: bool) -> None:
    import numpy as np

    kept = np.savez_compressed if twin else np.savez
    kept(path / "a.npz", weights=np.array([1.0, 2.0 + step, np.nan]))
    # The header of an array may say the same in more spaces.
    np.save(path / "a.npy", np.array([1.0, 2.0 + step]))
    if twin:
        raw = (path / "a.npy").read_bytes()
        (path / "a.npy").write_bytes(raw.replace(b", }  ", b",  } "))


def joblibs(path: Path, step: float, *, twin: bool) -> None:
    import joblib
    import numpy as np

    held = {"model": Model(np.array([[1.0, 2.0], [3.0, 4.0 + step]]), {"a", "b"}), "n": 3}
    held["nodes"] = np.array(
        [(1, np.nan, False), (-1, 2.0 + step, True)], np.dtype(NODES, align=True)
    )
    joblib.dump(held, path / "a.joblib", compress=3 if twin else 0)


def pickles(path: Path, step: float, *, twin: bool) -> None:
    import numpy as np

    held = [Model(np.array([1.0, 2.0 + step]), {"a"}), np.float64(1), b"bytes", {"x": 1 + step}]
    held.append(np.array([(-1, 2.0 + step, True)], NODES))
    (path / "a.pkl").write_bytes(pickle.dumps(held, protocol=2 if twin else 5))


def torches(path: Path, step: float, *, twin: bool) -> None:
    import torch

    held = {"layer": {"weight": torch.tensor([1.0, 2.0 + step], dtype=torch.float64)}, "epoch": 3}
    torch.save(held, path / "a.pt", _use_new_zipfile_serialization=not twin)


def trees(path: Path, step: float, *, twin: bool) -> None:
    import numpy as np

    # Nothing is said of the bytes between the fields of a row.
    held = np.zeros(2, np.dtype(NODES, align=True))
    held.view("u1")[17:24] = 9 if twin else 0
    held["value"] = [np.nan, 2.0 + step]
    (path / "trees.pkl").write_bytes(pickle.dumps({"nodes": held}))


def notebook(path: Path, step: float, *, twin: bool) -> None:
    count = 9 if twin else 1
    text = {"text/plain": [f"{1 + step:.10f}"]}
    shown = {"output_type": "execute_result", "data": text, "execution_count": count}
    cell = {"cell_type": "code", "execution_count": count, "source": ["f()"], "outputs": [shown]}
    cell["id"] = "late" if twin else "now"
    held = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (path / "a.ipynb").write_text(json.dumps(held), "utf-8")


def tracked(path: Path, step: float, *, twin: bool) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{path}/mlflow.db")
    ident = client.create_run("0", run_name="late" if twin else "now").info.run_id
    client.log_param(ident, "rate", "0.1")
    for number, value in enumerate([3.0, 2.0 + step, 1.0]):
        client.log_metric(ident, "loss", value, step=number)


KINDS = {
    "a.parquet": parquet, "dates.parquet": dates, "a.png": png, "a.gif": gif,
    "a.safetensors": tensors, "a.npz": arrays, "a.joblib": joblibs, "a.pkl": pickles,
    "trees.pkl": trees, "a.pt": torches, "a.ipynb": notebook, "mlflow.db": tracked,
}  # fmt: skip

if __name__ == "__main__":
    for name, step in FOLDERS.items():
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        for kind in sys.argv[2:]:
            KINDS[kind](folder, step, twin=name == "twin")
