"""A Lightning training is tracked without a line of code, better than MLflow alone does it."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from repro_audit.cli import main

pytestmark = pytest.mark.journey
TRAIN = """\
import random

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping

pl.seed_everything(3)
rows = torch.tensor(np.loadtxt("rows.csv", delimiter=","), dtype=torch.float32)


class Net(pl.LightningModule):
    def __init__(self, hidden, rate):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(2, hidden), torch.nn.Dropout(0.5), torch.nn.Linear(hidden, 2)
        )

    def training_step(self, batch):
        loss = ((self.net(batch) - batch) ** 2).mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.rate)


trainer = pl.Trainer(
    max_epochs=4, accelerator="cpu", logger=False, enable_checkpointing=False,
    enable_progress_bar=False, enable_model_summary=False,
    callbacks=[EarlyStopping("loss", patience=1, min_delta=100.0, check_on_train_epoch_end=True)],
)
model = Net(hidden=6, rate=0.0625)
trainer.fit(model, torch.utils.data.DataLoader(rows, batch_size=1000, shuffle=True))
weights = b"".join(value.numpy().tobytes() for value in model.state_dict().values())
print(weights.hex(), random.random(), np.random.rand(), torch.rand(1).item())
"""
# More than the 10,000 rows that MLflow's own digest sees; the last one counts.
ROWS = "".join(f"0.{number % 7},0.{number % 9}\n" for number in range(12_000)) + "0.1,0.2\n"


@pytest.fixture(scope="module")
def python(request: pytest.FixtureRequest) -> Path:
    """The Python of a generated project; its environment is made by living in it."""
    named = os.environ.get("PROJECT_ENV")
    folder = Path(named) if named else request.getfixturevalue("project") / ".venv"
    if not list(folder.glob("lib/python*/site-packages/pytorch_lightning")):
        request.getfixturevalue("lived")
    return folder / "bin" / "python"


def told(store: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute(question).fetchall()


def test_lightning_is_logged_whole_and_comes_out_the_same(
    python: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    package = "lightning" if list(python.parents[1].glob("lib/*/*/lightning")) else None
    text = TRAIN if package else TRAIN.replace("lightning.pytorch", "pytorch_lightning")
    Path("train.py").write_text(text, "utf-8")
    Path("rows.csv").write_text(ROWS, "utf-8")
    plain = subprocess.run([python, "train.py"], capture_output=True, check=True)
    assert main(["run", "--output", "kept", "--", str(python), "train.py"]) == 0
    assert Path("kept/stdout.txt").read_bytes() == plain.stdout
    record = json.loads(Path("kept/run.json").read_text("utf-8"))
    store = tmp_path / ".repro-audit/mlflow.db"
    parameters = dict(told(store, "select key, value from params"))
    assert (parameters["hidden"], parameters["rate"]) == ("6", "0.0625")
    assert parameters["optimizer_name"] == "SGD"
    assert parameters["early_stopping_patience"] == "1"
    assert parameters["early_stopping_stopped_epoch"] == "1"
    # The program's seed does not decide the name of the run.
    assert told(store, "select name from runs") == [(record["id"],)]
    digest = f"sha256:{hashlib.sha256(ROWS.encode()).hexdigest()}"
    tags = dict(told(store, "select key, value from tags"))
    assert digest in tags["repro_audit.inputs"].split()
    assert told(store, "select count(*) from datasets") == [(0,)]
    assert "loss" in record["tracking"]["metrics"]
    monkeypatch.setenv("RANK", "1")
    assert main(["run", "--output", "second", "--", str(python), "train.py"]) == 0
    assert json.loads(Path("second/run.json").read_text("utf-8"))["tracking"] is None
    assert len(told(store, "select name from runs")) == 1
