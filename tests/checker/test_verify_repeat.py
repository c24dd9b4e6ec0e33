"""A tracked run is made again from what was kept of it, and its metrics are compared."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from repro_audit.cli import main
from repro_audit.verify.compare.tracking import Tracked
from repro_audit.verify.plan import Tolerance
from repro_audit.verify.repeat import place_in
from repro_audit.verify.repeated import comparison, counterpart

MlflowClient = pytest.importorskip(
    "mlflow", reason="MLflow is in the lock of the tools, not here"
).MlflowClient
pytestmark = pytest.mark.filterwarnings("default")
SCHEMAS = Path(__file__).parents[2] / "checker/src/repro_audit/schemas"
Commit = Callable[[Mapping[str, str]], Path]
TRAIN = """\
import random
import sys

import mlflow

mlflow.set_experiment("small")
with mlflow.start_run():
    random.seed(int(open("data.csv").read()))
    mlflow.log_param("rate", sys.argv[1])
    for step in range(3):
        mlflow.log_metric("loss", random.random() / float(sys.argv[1]), step=step)
"""


@pytest.fixture
def project(committed: Commit, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that trains, with a store outside of what git sees."""
    root = committed(
        {"data.csv": "7", "README.md": "# A program\n", "train.py": TRAIN, ".gitignore": "*.db\n"}
    )
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root.parent / 'mlflow.db'}")
    return root


def train(root: Path, rate: str = "2") -> str:
    """Train once by hand: the tags of our plugin are all that is kept."""
    assert main(["run", "--quiet", "--no-track", "--", "python", "train.py", rate]) == 0
    with closing(sqlite3.connect(root.parent / "mlflow.db")) as base:
        rows = base.execute("select run_uuid from runs order by start_time desc").fetchall()
    return str(rows[0][0])


def again(root: Path, ident: str, *options: str) -> tuple[int, dict[str, Any]]:
    output = root.parent / "repeat.json"
    words = ["verify", str(root), "--yes", "--run", ident, "--output", str(output), *options]
    status = main(words)
    found: dict[str, Any] = json.loads(output.read_text("utf-8"))
    schema = json.loads((SCHEMAS / "repeat-v1.schema.json").read_text("utf-8"))
    jsonschema.validate(found, schema)
    return status, found


def change(root: Path, question: str) -> None:
    with closing(sqlite3.connect(root.parent / "mlflow.db")) as base:
        base.execute(question)
        base.commit()


def test_what_the_store_has_is_what_comes_out(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ident = train(project)
    status, found = again(project, ident[:8])
    assert (status, found["equal"], found["run_id"]) == (0, True, ident)
    assert [(item["name"], item["steps"]) for item in found["compared"]] == [
        ("loss", 3),
        ("rate", 1),
    ]
    change(project, "update metrics set value = value + 1e-9 where step = 1")
    status, found = again(project, ident)
    assert (status, found["equal"], found["within_tolerance"]) == (1, False, False)
    assert found["compared"][0]["what"].startswith("step 1: ")
    assert again(project, ident, "--tolerance", "loss=1e-6")[0] == 0
    assert "tolerance: loss may differ by 1e-06" in capfd.readouterr().out


TAGS = {
    "repro_audit.command": '["python", "train.py"]',
    "repro_audit.commit": "a" * 40,
    "repro_audit.dirty": "false",
}


@pytest.mark.parametrize(
    ("tags", "what"),
    [
        ({"repro_audit.command": "[]"}, "lacks its command"),
        ({"repro_audit.command": '["python", "--token", "***"]'}, "hidden as a secret"),
        ({"repro_audit.commit": "HEAD"}, "lacks its commit"),
        ({"repro_audit.dirty": "true"}, "the changes that its tree had, which nobody kept"),
        ({"repro_audit.folder": "../.."}, "is no folder of"),
        ({}, "has no commit aaa"),
    ],
)
def test_what_is_lacking_is_named(
    tags: dict[str, str], what: str, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    client = MlflowClient(f"sqlite:///{project.parent / 'mlflow.db'}")
    ident = client.create_run("0", tags={**TAGS, **tags}).info.run_id
    client.log_metric(ident, "loss", 1.0)
    assert main(["verify", str(project), "--yes", "--run", ident]) == 2
    assert what in capfd.readouterr().err.splitlines()[-1]


def test_a_run_without_metrics_or_of_another_store_is_named(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    client = MlflowClient(f"sqlite:///{project.parent / 'mlflow.db'}")
    ident = client.create_run("0", tags=TAGS).info.run_id
    assert main(["verify", str(project), "--yes", "--run", ident]) == 2
    assert "lacks metrics to compare" in capfd.readouterr().err
    assert main(["verify", str(project), "--yes", "--run", "0" * 32]) == 2
    assert "has no run 000" in capfd.readouterr().err


def test_nothing_is_repeated_unasked_and_no_other_command(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(project), "--run", "abc"]) == 2
    assert "add --yes" in capfd.readouterr().err
    assert main(["verify", str(project), "--yes", "--run", "abc", "--", "true"]) == 2
    assert "--run takes command and data from the store" in capfd.readouterr().err


def test_kept_files_stay_in_the_copy(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/link").symlink_to(tmp_path)
    (tmp_path / "tree/there").write_text("", "utf-8")
    for path in ("../x", "link/x", "/x", ".git/hooks/x", "there", "there/x", "a//x", ""):
        assert place_in(tmp_path / "tree", path) is None
    assert place_in(tmp_path / "tree", "a/b") == tmp_path / "tree/a/b"


def test_of_several_runs_that_with_the_same_settings_is_compared() -> None:
    wanted = Tracked({"rate": "2"}, {"loss": [(0, 1.0)]})
    other, right = (
        Tracked({"rate": "3"}, {"loss": [(0, 1.0)]}),
        Tracked({"rate": "2"}, {"loss": []}),
    )
    assert counterpart(wanted, [other, right]) is right
    ignored = (Tolerance("loss", ignore=True),)
    assert [item.name for item in comparison(wanted, right, ignored)] == ["rate"]
