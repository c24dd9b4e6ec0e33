"""Generate, install from the lock, validate, train, evaluate, test, audit: no stand-ins."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import EXPERIMENT, Nox

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("lived")]


def test_every_command_of_the_readme_succeeds(
    lived: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    assert {key: done.returncode for key, done in lived.items()} == dict.fromkeys(lived, 0)
    assert {key.split()[0] for key in lived} >= {"reproduce", "test", "lint", "audit"}
    assert re.search(r"\d+ passed", lived["test"].stdout)


def test_one_command_leaves_numbers_and_pictures(run_folder: Path) -> None:
    metrics = json.loads((run_folder / "evaluation/metrics.json").read_text("utf-8"))
    assert 0 < metrics["test_mse_e4_pca"] < metrics["test_mse_e4_mean"]
    for picture in ("reconstruction.png", "latent.png"):
        assert (run_folder / "evaluation" / picture).stat().st_size > 10_000


@pytest.mark.skipif(EXPERIMENT != "baseline", reason="400 showers are too few to conclude anything")
def test_the_baseline_is_as_good_as_it_should_be(run_folder: Path) -> None:
    metrics = json.loads((run_folder / "evaluation/metrics.json").read_text("utf-8"))
    assert metrics["test_mse_e4"] < 1.05 * metrics["test_mse_e4_pca"]
    assert 0.43 <= metrics["quadratic_accuracy_latent"] <= 0.48
    assert 0.90 <= metrics["quadratic_p_fe_auc_latent"] <= 0.94
    assert 1.3 <= metrics["test_mse_e4_pca"] / metrics["test_mse_e4_floor"] <= 1.5
    assert metrics["photon_auc_density"] >= 0.90


def test_the_run_is_in_the_store_with_its_provenance(project: Path, run_folder: Path) -> None:
    run = json.loads((run_folder / "run.json").read_text("utf-8"))["mlflow"]["run_id"]
    with sqlite3.connect(project / "mlflow.db") as store:
        tags = dict(store.execute("select key, value from tags where run_uuid = ?", (run,)))
        (status,) = store.execute("select status from runs where run_uuid = ?", (run,)).fetchone()
    assert status == "FINISHED"
    assert re.fullmatch("[0-9a-f]{64}", tags["lock.sha256"])
    assert re.fullmatch("[0-9a-f]{64}", tags["data.sha256"])
    assert shlex.split(tags["command"])[:4] == ["nox", "-s", "reproduce", "--"]
    assert tags["git.dirty"] in {"false", "unknown"}, "what a run leaves must not dirty the tree"


def test_corrupted_data_stops_the_run(project: Path, nox: Nox) -> None:
    data = "showers" if EXPERIMENT == "baseline" else EXPERIMENT
    traces = project / "data" / "raw" / data / "traces.npy"
    whole = traces.read_bytes()
    traces.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        done = nox("train", f"experiment={EXPERIMENT}")
    finally:
        traces.write_bytes(whole)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "traces.npy is not what manifest.json says" in said
    assert "Traceback" not in said


def test_the_audit_writes_its_reports(project: Path) -> None:
    report = json.loads((project / "audit/report.json").read_text("utf-8"))
    assert report["schema"] == "repro-audit/report/v1"
    assert (project / "audit/report.html").read_text("utf-8").startswith("<!doctype html>")
    failed = {p["id"] for p in report["practices"] if p["status"] in {"fail", "error"}}
    assert failed == {"train-weights-released"}, "nothing is trained yet that could be handed out"
    assert sum(p["status"] == "pass" for p in report["practices"]) >= 60


def test_uv_installs_the_same_locks(nox: Nox, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    assert (
        nox("data", "experiment=smoke", installer="uv", PROJECT_ENV=str(environment)).returncode
        == 0
    )
    shown = subprocess.run(
        [environment / "bin" / "python", "-m", "pip", "list", "--format=json"],
        capture_output=True, check=True,
    )  # fmt: skip
    installed = {entry["name"].lower(): entry["version"] for entry in json.loads(shown.stdout)}
    assert installed["torch"].endswith("+cpu")
    assert "triton" not in installed


def test_the_tree_is_clean_after_all(project: Path) -> None:
    """Last, so that every session has run: what they leave behind is ignored by git."""
    if (project / ".git").exists():
        done = subprocess.run(
            ["git", "status", "--porcelain"],
            cwd=project,
            capture_output=True,
            check=True,
            text=True,
        )
        changed = {line[3:] for line in done.stdout.splitlines()}
        assert changed <= {"docs/results.md", "docs/results.csv"}, "for its author to commit"
