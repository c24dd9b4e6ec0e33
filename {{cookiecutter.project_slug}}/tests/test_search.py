"""A study goes on where it was killed, to the very same end; each trial can be trained again."""

from __future__ import annotations

import json
import re
import shlex
import time
from pathlib import Path

import mlflow
import pytest
import torch

optuna = pytest.importorskip("optuna", reason="installed by nox -s search and nox -s test")

from .processes import PACKAGE, Stage  # noqa: E402

TRIALS = 5


def words(data: Path, folder: Path, *overrides: str) -> list[str]:
    """A folder, a store and few epochs of its own."""
    settings = [
        "experiment=smoke",
        f"name={folder.name}",
        "trainer.max_epochs=3",
        f"data.folder={data}",
        f"tracking.store={folder / 'mlflow.db'}",
        f"tracking.artifacts={folder / 'artifacts'}",
        f"hydra.run.dir={folder / 'run'}",
    ]
    return [*settings, *overrides]


def study(data: Path, folder: Path, *overrides: str) -> Stage:
    """The search of a few trials, of which bad ones are stopped after the first epoch."""
    folder.mkdir(exist_ok=True)
    few = [f"search.trials={TRIALS}", "search.min_epochs=1", f"search.folder={folder / 'study'}"]
    said = folder / f"said{len(list(folder.glob('said*')))}.txt"
    return Stage(f"{PACKAGE}.search", words(data, folder, *few, *overrides), said)


def finish(stage: Stage) -> None:
    """Wait for its good end."""
    assert stage.wait() == 0, stage.said


def trials(folder: Path) -> list[tuple[dict[str, float], dict[int, float], str]]:
    """Values, losses by epoch and outcome of every trial of a study, in their order."""
    found = optuna.load_study(study_name=None, storage=f"sqlite:///{folder / 'study/study.db'}")
    return [(t.params, t.intermediate_values, t.state.name) for t in found.trials]


@pytest.fixture(scope="module")
def whole(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that nobody stopped."""
    folder = tmp_path_factory.mktemp("study")
    finish(study(dataset, folder, "search=optuna"))
    return folder


def test_a_study_tries_different_things_and_stops_bad_ones(whole: Path) -> None:
    made = trials(whole)
    assert len(made) == TRIALS
    assert len({json.dumps(values) for values, _, _ in made}) == TRIALS
    assert {"COMPLETE", "PRUNED"} == {state for _, _, state in made}


def test_its_runs_are_below_one_run(whole: Path) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{whole / 'mlflow.db'}")
    runs = client.search_runs(["1"])
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert len(parents) == 1
    below = [run for run in runs if run not in parents]
    assert {run.data.tags["mlflow.parentRunId"] for run in below} == {parents[0].info.run_id}
    assert len(below) == TRIALS
    assert {run.info.status for run in runs} == {"FINISHED"}


def test_the_best_trial_trained_again_alone_reaches_the_same(
    whole: Path, dataset: Path, tmp_path: Path
) -> None:
    best = (whole / "study/trials.md").read_text().splitlines()[2]
    again = re.fullmatch(r"\| \S+ \| \d+ \| `nox -s train -- (.*)` \|", best)[1]
    folder = tmp_path / "again"
    settings = [*shlex.split(again), f"hydra.run.dir={folder}"]
    finish(Stage(f"{PACKAGE}.training", settings, tmp_path / "said.txt"))
    callbacks = torch.load(folder / "checkpoints/last.ckpt", weights_only=True)["callbacks"]
    (kept,) = [state for name, state in callbacks.items() if name.startswith("ModelCheckpoint")]
    losses = [min(losses.values()) for _, losses, state in trials(whole) if state == "COMPLETE"]
    assert float(kept["best_model_score"]) == min(losses)


def test_a_killed_study_goes_on_to_the_same_end(whole: Path, dataset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    search = study(dataset, folder, "search=optuna")
    while not (folder / "study/trial-0001/checkpoints/last.ckpt").exists():
        assert search.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    search.kill()
    search.wait()
    finish(study(dataset, folder, "search=optuna"))
    assert trials(folder) == trials(whole)


def test_ray_makes_the_trials_that_are_missing(whole: Path, dataset: Path) -> None:
    """In the study that was begun without Ray; all in one process, also after a stopped one."""
    before = trials(whole)
    more = ["search=ray", "search.ray.workers=1", f"search.trials={TRIALS + 3}"]
    finish(study(dataset, whole, *more))
    after = trials(whole)
    assert after[:TRIALS] == before
    assert len(after) == TRIALS + 3
    assert len({json.dumps(values) for values, _, _ in after}) == TRIALS + 3
    client = mlflow.MlflowClient(f"sqlite:///{whole / 'mlflow.db'}")
    assert {run.info.status for run in client.search_runs(["1"])} == {"FINISHED"}


def test_another_configuration_is_another_study(whole: Path, dataset: Path) -> None:
    refused = study(dataset, whole, "search=optuna", "search.seed=2")
    assert refused.wait() == 2
    assert "was begun with another configuration" in refused.said
    assert "Traceback" not in refused.said
