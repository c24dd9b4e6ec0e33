"""Who starts at the same moment as others shares nothing with them that one would write over."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

from {{ cookiecutter.project_slug }}.stages import new_folder

from .processes import PACKAGE, Stage


def test_folders_made_at_once_have_a_name_each(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(8) as pool:
        names = pool.map(new_folder, [str(tmp_path / "outputs")] * 40, chunksize=1)
    assert sorted(path.name for path in (tmp_path / "outputs").iterdir()) == sorted(names)


def test_two_pipelines_of_one_experiment_started_at_once_leave_two_runs(tmp_path: Path) -> None:
    """From nothing: both want to make the data and the store, too."""
    settings = [
        "experiment=smoke",
        f"data.folder={tmp_path / 'data/smoke'}",
        f"tracking.store={tmp_path / 'mlflow.db'}",
        f"tracking.artifacts={tmp_path / 'artifacts'}",
    ]
    pipelines = [
        # outputs/ are below the folder that one stands in
        Stage(PACKAGE, [*settings, f"seed={seed}"], tmp_path / f"said{seed}.txt", tmp_path)
        for seed in (1, 2)
    ]
    ends = [pipeline.wait() for pipeline in pipelines]
    assert ends == [0, 0], "\n".join(pipeline.said for pipeline in pipelines)
    made = [path.parents[1] for path in tmp_path.glob("outputs/smoke/*/evaluation/metrics.json")]
    records = [json.loads((folder / "run.json").read_text()) for folder in made]
    assert sorted(record["config"]["seed"] for record in records) == [1, 2]
