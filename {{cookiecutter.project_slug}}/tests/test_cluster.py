"""A training in processes of Ray, and several trainings at once by the launcher for SLURM."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="installed by nox -s search and nox -s test")

from {{ cookiecutter.project_slug }}.stages import ROOT

from .conftest import MODELS
from .kills import Condition, differences, finish, start


def test_processes_of_ray_end_where_those_of_lightning_do(dataset: Path, tmp_path: Path) -> None:
    for trainer in ("ddp", "ray"):
        condition = Condition(MODELS[-2], trainer=trainer)
        finish(start(dataset, tmp_path / trainer, condition, observed=False), tmp_path / trainer)
    assert differences(tmp_path / "ddp", tmp_path / "ray") == []
    made = [json.loads((tmp_path / name / "run/run.json").read_text()) for name in ("ddp", "ray")]
    assert made[0]["metrics"] == made[1]["metrics"]


def test_what_ends_a_process_of_ray_is_said_in_a_sentence(dataset: Path, tmp_path: Path) -> None:
    batch = "data.loader.batch_size=63"
    condition = Condition(MODELS[-2], trainer="ray")
    training = start(dataset, tmp_path / "odd", condition, batch, observed=False)
    assert training.wait() == 2
    said = (tmp_path / "odd/said.txt").read_text()
    assert "batch_size=63 is no multiple of 2 processes" in said
    assert "Traceback" not in said


def test_the_launcher_for_slurm_makes_a_run_of_each_seed(dataset: Path, tmp_path: Path) -> None:
    """On this machine; `hydra/launcher=submitit_slurm` hands the same jobs to SLURM."""
    settings = [
        "--multirun",
        "hydra/launcher=submitit_local",
        "experiment=smoke",
        "seed=1,2",
        f"data.folder={dataset}",
        f"tracking.store={tmp_path / 'mlflow.db'}",
        f"tracking.artifacts={tmp_path / 'artifacts'}",
        f"hydra.sweep.dir={tmp_path / 'runs'}",
    ]
    command = [sys.executable, "-m", "{{ cookiecutter.project_slug }}.training", *settings]
    inherited = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
    done = subprocess.run(command, cwd=ROOT, env=inherited, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    made = [json.loads(path.read_text()) for path in (tmp_path / "runs").glob("*/run.json")]
    assert sorted(record["config"]["seed"] for record in made) == [1, 2]
