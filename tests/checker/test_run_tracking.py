"""What trains is tracked without a line of code, and comes out the same, bit for bit."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from repro_audit.cli import main

Commit = Callable[[Mapping[str, str]], Path]
# The environment of a generated project has scikit-learn and MLflow; ours has neither.
ENVIRONMENT = Path(os.environ.get("PROJECT_ENV", "/none"))
PYTHON = ENVIRONMENT / "bin" / "python"
pytestmark = pytest.mark.skipif(
    not list(ENVIRONMENT.glob("lib/python*/site-packages/mlflow/sklearn/__init__.py")),
    reason="needs the environment of a generated project (PROJECT_ENV)",
)
TRAIN = """\
import random
import sys

import numpy
from sklearn.decomposition import PCA
from sklearn.linear_model import SGDClassifier

random.seed(1)
numpy.random.seed(2)
rows = numpy.random.rand(40, 3)
reduced = PCA(2).fit_transform(rows)
model = SGDClassifier().fit(reduced, rows[:, 0] > 0.5)
print(random.random(), numpy.random.rand(), model.coef_.tolist())
sys.exit(int(sys.argv[1]))
"""
OWN = """\
import random

import mlflow
from sklearn.decomposition import PCA

mlflow.set_tracking_uri("sqlite:///own.db")
random.seed(1)
with mlflow.start_run():
    PCA(1).fit([[1, 2], [3, 5]])
print(random.random())
"""


def told(store: Path, question: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(store)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def test_training_is_tracked_and_comes_out_the_same(
    committed: Commit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = committed({"README.md": "# A program\n", "train.py": TRAIN})
    monkeypatch.chdir(root)
    plain = subprocess.run([PYTHON, "train.py", "3"], capture_output=True, check=False)
    folder = tmp_path / "kept"
    assert main(["run", "--output", str(folder), "--", str(PYTHON), "train.py", "3"]) == 3
    assert (folder / "stdout.txt").read_bytes() == plain.stdout
    record = json.loads((folder / "run.json").read_text("utf-8"))
    store = root / ".repro-audit/mlflow.db"
    names = told(store, "select value from params where key = 'n_components'")
    assert names == [("2",)]
    runs = told(store, "select name, run_uuid, status from runs")
    (main_run,) = [run[1:] for run in runs if run[0] == record["id"]]
    assert main_run == (record["tracking"]["run_id"], "FAILED")
    below = told(store, "select value from tags where key = 'mlflow.parentRunId'")
    assert below == [(main_run[0],)]
    (commit,) = told(store, "select value from tags where key = 'repro_audit.commit'")
    assert commit == (record["commit"],)
    assert list((root / ".repro-audit/mlflow-artifacts").rglob("repro-audit/run.json"))


def test_a_program_with_tracking_of_its_own_is_left_alone(
    committed: Commit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = committed({"README.md": "# A program\n", "train.py": OWN})
    monkeypatch.chdir(root)
    plain = subprocess.run([PYTHON, "train.py"], capture_output=True, check=True)
    folder = tmp_path / "kept"
    assert main(["run", "--output", str(folder), "--", str(PYTHON), "train.py"]) == 0
    assert (folder / "stdout.txt").read_bytes() == plain.stdout
    assert json.loads((folder / "run.json").read_text("utf-8"))["tracking"] is None
    assert told(root / "own.db", "select count(*) from params") == [(0,)]
