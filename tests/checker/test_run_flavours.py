"""Libraries that few environments hold are tracked too, and train the same, bit for bit.

An environment that has one is named in TRACKED_ENVS (folders, as PATH has them); ours counts too.
`nox -s flavours` makes those environments. More of scikit-learn has a test of its own, and of
Lightning one among the journeys.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from repro_audit.cli import main

ENVIRONMENTS = [sys.prefix, *os.environ.get("TRACKED_ENVS", "").split(os.pathsep)]
FASTAI = """\
import hashlib
from fastai.tabular.all import *
set_seed(5)
frame = pd.DataFrame({"a": np.random.rand(400), "b": np.random.rand(400)})
frame["y"] = frame.a * 2 - frame.b
data = TabularDataLoaders.from_df(frame, y_names="y", cont_names=["a", "b"], procs=[Normalize],
    bs=64, valid_idx=list(range(300, 400)))
learner = tabular_learner(data, layers=[8], metrics=mae, y_range=(-2.0, 3.0))
with learner.no_bar():
    learner.lr_find(show_plot=False)
    learner.fit_one_cycle(4, 1e-2, cbs=EarlyStoppingCallback(patience=1, min_delta=10.0))
    learner.fine_tune(1, freeze_epochs=1)
weights = b"".join(v.numpy().tobytes() for v in learner.model.state_dict().values())
print(hashlib.sha256(weights).hexdigest(), random.random(), np.random.rand(), torch.rand(1).item())
"""
KERAS = """\
import random
import numpy
import keras
keras.utils.set_random_seed(5)
x = numpy.random.rand(200, 3)
model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.125), "mse")
mine = [keras.callbacks.EarlyStopping(patience=2)]
model.fit(x, x.sum(1), epochs=3, verbose=0, validation_split=0.5, callbacks=mine)
def batches():
    for _ in range(4):  # no more than are used: TensorFlow takes them ahead
        rows = numpy.random.rand(8, 3)
        yield rows, rows.sum(1)
model.fit(batches(), epochs=2, steps_per_epoch=2, verbose=0, callbacks=None)
print(len(mine), [w.tobytes().hex() for w in model.get_weights()], random.random(),
    numpy.random.rand())
"""
BOOSTED = """\
import random
import numpy
import {name}
random.seed(1)
numpy.random.seed(2)
x = numpy.random.rand(100, 3)
model = {name}.{kind}(n_estimators=7, learning_rate=0.125, subsample=0.5, random_state=3)
model.fit(x, x.sum(1))
mine = []
{name}.train({{"verbosity": {quiet}}}, {name}.{rows}(x, x.sum(1)), 3, callbacks=mine)
print(model.predict(x).tobytes().hex(), len(mine), random.random(), numpy.random.rand())
"""
LIGHTNING = """\
import random
import sys
import torch
import lightning
from lightning.pytorch.callbacks import EarlyStopping

class Net(lightning.LightningModule):
    def __init__(self, width=3):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(width, 1)
    def training_step(self, batch):
        loss = self.layer(batch).square().mean()
        self.own = "forward" in vars(self)
        self.log_dict({"loss": loss, "val_loss": loss})
        return loss
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.125)
    def on_save_checkpoint(self, checkpoint):
        random.random()

lightning.seed_everything(5)
loader = torch.utils.data.DataLoader(torch.rand(64, 3), 16)
net = Net()
trainer = lightning.Trainer(max_epochs=3, logger=False, enable_checkpointing=False,
    callbacks=[EarlyStopping("loss", patience=2)])
trainer.fit(net, loader)
print(net.layer.weight.tolist(), random.random(), torch.rand(1), "pytorch_lightning" in sys.modules,
    net.own, len(trainer.callbacks))
"""
SKLEARN = """\
import random
import sys
import numpy
from sklearn.ensemble import GradientBoostingClassifier
numpy.random.seed(2)
x = numpy.random.rand(100, 3)
model = GradientBoostingClassifier(n_estimators=7, subsample=0.5).fit(x, x[:, 0] > 0.5)
print(model.predict_proba(x).tolist(), numpy.random.rand(), "matplotlib.pyplot" in sys.modules,
    "torch" in sys.modules)
"""
# Library, program, a parameter and a metric that have to be there, how many runs.
CASES = {
    "lightning": (LIGHTNING,
        {"width": "3", "early_stopping_patience": "2", "optimizer_name": "SGD"}, "loss", 1),
    "sklearn": (SKLEARN, {"n_estimators": "7"}, "training_score", 1),
    "fastai": (FASTAI, {"lr_max": "0.01", "early_stopping_patience": "1"}, "valid_loss", 2),
    "keras": (KERAS, {"optimizer_learning_rate": "0.125"}, "val_loss", 2),
    "tensorflow": (f"import tensorflow\n{KERAS}",
        {"optimizer_learning_rate": "0.125"}, "val_loss", 2),
    "xgboost": (BOOSTED.format(name="xgboost", kind="XGBRegressor", rows="DMatrix", quiet=0),
        {"learning_rate": "0.125"}, None, 2),
    "lightgbm": (BOOSTED.format(name="lightgbm", kind="LGBMRegressor", rows="Dataset", quiet=-1),
        {"learning_rate": "0.125"}, None, 2),
}  # fmt: skip


def python_with(library: str) -> Path | None:
    """Find an environment that has a library and MLflow."""
    for prefix in ENVIRONMENTS:
        packages = list(Path(prefix or "/none").glob("lib/python*/site-packages"))
        if any((it / library).is_dir() and (it / "mlflow").is_dir() for it in packages):
            return Path(prefix) / "bin" / "python"
    return None


def last_line(output: bytes) -> bytes:
    return output.strip().splitlines()[-1]


@pytest.mark.parametrize("library", CASES)
def test_what_trains_is_tracked_and_the_same(
    library: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = python_with(library)
    if python is None:
        pytest.skip(f"no environment of TRACKED_ENVS has {library} and MLflow")
    text, expected, metric, runs = CASES[library]
    monkeypatch.chdir(tmp_path)
    if library == "keras":
        torch = list(python.parents[1].glob("lib/python*/site-packages/torch"))
        monkeypatch.setenv("KERAS_BACKEND", "torch" if torch else "jax")
    Path("train.py").write_text(text, "utf-8")
    plain = subprocess.run([python, "train.py"], capture_output=True, check=True)
    assert main(["run", "--output", "kept", "--", str(python), "train.py"]) == 0
    assert b"repro-audit" not in Path("kept/stderr.txt").read_bytes()
    # What comes before it may tell of times.
    assert last_line(Path("kept/stdout.txt").read_bytes()) == last_line(plain.stdout)
    connection = sqlite3.connect(".repro-audit/mlflow.db")
    try:
        parameters = dict(connection.execute("select key, value from params"))
        metrics = {key for (key,) in connection.execute("select key from metrics")}
        (count,) = connection.execute("select count(*) from runs").fetchone()
    finally:
        connection.close()
    assert expected.items() <= parameters.items()
    assert metric is None or metric in metrics
    assert count == runs
