"""What trains is tracked without a line of code, and comes out the same, bit for bit."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from repro_audit.cli import main

Commit = Callable[[Mapping[str, str]], Path]
PYTHON = sys.executable
pytestmark = pytest.mark.skipif(
    find_spec("mlflow") is None or find_spec("sklearn") is None,
    reason="the extra `track` is not installed",
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
    remote = ("git", "remote", "add", "origin", "https://me:secret@example.org/a.git")
    subprocess.run(remote, check=True)
    plain = subprocess.run([PYTHON, "train.py", "3"], capture_output=True, check=False)
    folder = tmp_path / "kept"
    assert main(["run", "--output", str(folder), "--", str(PYTHON), "train.py", "3"]) == 3
    assert (folder / "stdout.txt").read_bytes() == plain.stdout
    record = json.loads((folder / "run.json").read_text("utf-8"))
    # What MLflow reads, writes and draws is no part of the program.
    assert not [item for item in record["inputs"] if item["path"].startswith((".git/", "~/"))]
    assert record["outputs"] == []
    seeds = [(seed["library"], seed["value"], seed["line"]) for seed in record["seeds"]]
    assert seeds == [("random", 1, 8), ("numpy", 2, 9)]
    store = root / ".repro-audit/mlflow.db"
    names = told(store, "select value from params where key = 'n_components'")
    assert names == [("2",)]
    runs = told(store, "select name, run_uuid, status from runs")
    (main_run,) = [run[1:] for run in runs if run[0] == record["id"]]
    assert main_run == (record["tracking"]["run_id"], "FAILED")
    below = told(store, "select value from tags where key = 'mlflow.parentRunId'")
    assert below == [(main_run[0],)]
    commits = told(store, "select value from tags where key = 'repro_audit.commit'")
    assert set(commits) == {(record["commit"],)}
    # As MLflow would find them, and without what signs in.
    code = told(store, "select key, value from tags where key like 'mlflow.source.git.%'")
    assert set(code) == {
        ("mlflow.source.git.commit", record["commit"]),
        ("mlflow.source.git.branch", record["source"]["branch"]),
        ("mlflow.source.git.repoURL", "https://example.org/a.git"),
    }
    assert len(code) == 3 * len(runs)
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
    # Its own runs tell of the commit with us as without.
    tags = "select count(*) from tags where key = 'mlflow.source.git.commit'"
    assert told(root / "own.db", tags) == [(2,)]


PART = """\
import repro_audit
from sklearn.decomposition import PCA

rows = [[1.0, 2.0, 3.0], [3.0, 5.0, 1.0], [2.0, 2.0, 9.0]]
for number in (1, 2):
    with repro_audit.run(output=f"kept{number}", track=True):
        PCA(number).fit(rows)
    PCA(3).fit(rows)
"""


def test_only_the_parts_that_are_recorded_are_tracked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("part.py").write_text(PART, "utf-8")
    subprocess.run([PYTHON, "part.py"], check=True)
    store = tmp_path / ".repro-audit/mlflow.db"
    found = told(store, "select run_uuid, value from params where key = 'n_components'")
    kept = [json.loads(Path(f"kept{n}/run.json").read_text("utf-8")) for n in (1, 2)]
    assert sorted(found) == sorted(
        (record["tracking"]["run_id"], str(number)) for number, record in enumerate(kept, 1)
    )


BESIDE = """\
import sys
from sklearn.decomposition import PCA

PCA(1).fit([[1.0, 2.0], [3.0, 5.0]])
print("sqlalchemy" in sys.modules)
"""


@pytest.mark.parametrize("beside", [True, False])
def test_a_process_beside_the_program_keeps_the_store(
    beside: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(BESIDE, "utf-8")
    if not beside:
        # A socket cannot have so long an address.
        (folder := tmp_path / ("long" * 25)).mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert main(["run", "--output", "kept", "--", str(PYTHON), "train.py"]) == 0
    assert Path("kept/stdout.txt").read_text("utf-8") == f"{not beside}\n"
    record = json.loads(Path("kept/run.json").read_text("utf-8"))
    assert record["notes"] == []
    store = tmp_path / ".repro-audit/mlflow.db"
    run = record["tracking"]["run_id"]
    assert told(store, "select run_uuid, value from params where key = 'n_components'") == [
        (run, "1")
    ]
    assert told(store, "select status from runs") == [("FINISHED",)]
    assert not list(store.parent.glob("*.new"))
