"""The whole pipeline as a user runs it, and what it leaves in MLflow."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import pandas as pd
import pytest
import torch

from {{cookiecutter.project_slug}}.measures import METRICS
from {{cookiecutter.project_slug}}.provenance import lock_digest
from {{cookiecutter.project_slug}}.stages import ROOT

from .processes import PACKAGE, Stage


def words(folder: Path, *overrides: str) -> list[str]:
    """The smoke experiment with all that it writes below `folder`."""
    settings = [
        "experiment=smoke",
        f"data.folder={folder / 'data'}",
        f"tracking.store={folder / 'mlflow.db'}",
        f"tracking.artifacts={folder / 'artifacts'}",
        f"hydra.run.dir={folder / 'run'}",
    ]
    return [*settings, *overrides]


def begin(folder: Path, module: str, *overrides: str) -> Stage:
    """A stage, with a home folder of its own."""
    said = folder / f"said{len(list(folder.glob('said*')))}.txt"
    return Stage(f"{PACKAGE}{module}", words(folder, *overrides), said, HOME=str(folder))


def done(folder: Path, module: str, *overrides: str) -> tuple[int | None, str]:
    """The exit status of a stage, and what it says."""
    ended = begin(folder, module, *overrides)
    return ended.wait(), ended.said


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which data, validate and train have run."""
    folder = tmp_path_factory.mktemp("pipeline")
    for module in (".preparation", ".validation", ".training"):
        status, said = done(folder, module)
        assert status == 0, said
    return folder


@pytest.fixture(scope="module")
def tracked(run: Path) -> mlflow.entities.Run:
    """The run in MLflow's store."""
    client = mlflow.MlflowClient(f"sqlite:///{run / 'mlflow.db'}")
    return client.get_run(json.loads((run / "run/run.json").read_text())["mlflow"]["run_id"])


def test_the_run_is_finished_and_has_its_parameters(tracked: mlflow.entities.Run) -> None:
    assert tracked.info.status == "FINISHED"
    assert tracked.data.params["seed"] == "1"
    assert tracked.data.params["model/learning_rate"]


def test_the_run_has_its_metrics_for_each_epoch(run: Path, tracked: mlflow.entities.Run) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{run / 'mlflow.db'}")
    for metric in ("train_loss", "val_loss"):
        assert len(client.get_metric_history(tracked.info.run_id, metric)) == 2


def test_the_run_says_what_it_was_made_of(run: Path, tracked: mlflow.entities.Run) -> None:
    tags = tracked.data.tags
    receipt = json.loads((run / "data/validation.json").read_text())
    assert tags["lock.sha256"] == lock_digest()
    assert tags["data.sha256"] == receipt["data.sha256"]
    assert tracked.inputs.dataset_inputs[0].dataset.digest == tags["data.sha256"][:36]
    assert shlex.split(tags["command"])[:4] == ["nox", "-s", "reproduce", "--"]
    assert f"data.folder={run / 'data'}" in shlex.split(tags["command"])
    assert tags["git.dirty"] in {"true", "false", "unknown"}
    assert len(tags["git.commit"]) == 40 or tags["git.commit"] == "none"


def test_the_run_holds_configuration_checkpoint_and_a_model_that_runs(
    run: Path, tracked: mlflow.entities.Run
) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{run / 'mlflow.db'}")
    names = {item.path for item in client.list_artifacts(tracked.info.run_id)}
    assert {"config.yaml", "checkpoints"} <= names
    mlflow.set_tracking_uri(f"sqlite:///{run / 'mlflow.db'}")
    model = mlflow.pyfunc.load_model(f"runs:/{tracked.info.run_id}/model")
    signature, example = model.metadata.signature, model.input_example
    assert signature.inputs.inputs[0].shape == (-1, *example.shape[1:])
    assert model.predict(example).shape == (len(example), *signature.outputs.inputs[0].shape[1:])


def test_the_model_is_registered_as_a_version_of_its_experiment(
    run: Path, tracked: mlflow.entities.Run
) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{run / 'mlflow.db'}")
    versions = client.search_model_versions(f"run_id = '{tracked.info.run_id}'")
    assert [(version.name, version.status) for version in versions] == [("smoke", "READY")]


def test_evaluation_writes_numbers_and_pictures_into_the_run(
    run: Path, tracked: mlflow.entities.Run
) -> None:
    status, said = done(run, ".evaluation", f"run={run / 'run'}")
    assert status == 0, said
    report = run / "run/evaluation"
    metrics = json.loads((report / "metrics.json").read_text())
    assert {*METRICS} < {*metrics}
    page = (report / "results.md").read_text()
    assert tracked.info.run_id in page
    pictures = [*report.glob("*.png")]
    assert pictures
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    split = pd.read_csv(run / "data/split.csv")
    assert len(pd.read_csv(report / "predictions.csv")) == sum(split.part == "test")
    client = mlflow.MlflowClient(f"sqlite:///{run / 'mlflow.db'}")
    logged = client.get_run(tracked.info.run_id).data.metrics
    assert all(logged[name] == pytest.approx(metrics[name]) for name in METRICS)


def test_data_that_is_prepared_otherwise_is_refused_in_a_sentence(run: Path) -> None:
    record = json.loads((run / "run/run.json").read_text())
    assert set(record["prepared"]) == {"train", "val", "test"}
    part = record["prepared"]["test"]
    assert len(part["sha256"]) == 64
    part["mean"] += 0.01
    (run / "otherwise").mkdir()
    (run / "otherwise/run.json").write_text(json.dumps(record))
    (run / "otherwise/checkpoints").symlink_to(run / "run/checkpoints")
    status, said = done(run, ".evaluation", f"run={run / 'otherwise'}")
    assert status == 2, said
    assert "the test part is prepared otherwise than it was for the training" in said
    assert "Traceback" not in said


def test_the_whole_pipeline_evaluates_the_run_that_it_made(run: Path) -> None:
    status, said = done(run, "", f"hydra.run.dir={run / 'own'}")
    assert status == 0, said
    assert (run / "own/evaluation/metrics.json").exists()


def test_a_folder_with_a_training_takes_no_other(run: Path) -> None:
    before = {path: path.read_bytes() for path in (run / "run/checkpoints").iterdir()}
    status, said = done(run, ".training", "seed=2")
    assert status == 2, said
    assert f"train: {run / 'run'} has a training already: leave hydra.run.dir out" in said
    assert "Traceback" not in said
    assert before == {path: path.read_bytes() for path in (run / "run/checkpoints").iterdir()}


def test_a_failed_run_is_marked_as_failed(run: Path) -> None:
    folder = f"hydra.run.dir={run / 'failed'}"
    status, said = done(run, ".training", folder, "+trainer.gradient_clip_val=x")
    assert status == 1, said
    client = mlflow.MlflowClient(f"sqlite:///{run / 'mlflow.db'}")
    newest = client.search_runs(["1"], max_results=1, order_by=["attributes.start_time DESC"])[0]
    assert newest.info.status == "FAILED"


def test_a_store_on_a_full_disk_costs_one_sentence_and_no_work(run: Path) -> None:
    """The system refuses to let the store grow, as it does when the disk is full."""
    resource = pytest.importorskip("resource", reason="only Unix limits files")
    limit = (run / "mlflow.db").stat().st_size + 20_000
    settings = words(run, "trainer.max_epochs=2000", f"hydra.run.dir={run / 'full'}")
    full = subprocess.run(
        [sys.executable, "-m", f"{PACKAGE}.training", *settings],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
    )
    last = run / "full/checkpoints/last.ckpt"
    assert full.returncode == 2, full.stderr
    assert f"restore.mode=continue restore.checkpoint={last}" in full.stderr
    assert "Traceback" not in full.stderr
    assert torch.load(last, weights_only=True)["global_step"] > 0


def test_a_killed_training_goes_on_in_its_own_run(run: Path) -> None:
    epochs = "trainer.max_epochs=60"
    status, said = done(run, ".training", epochs, f"hydra.run.dir={run / 'whole'}")
    assert status == 0, said
    killed = run / "killed"
    last = killed / "checkpoints/last.ckpt"
    training = begin(run, ".training", epochs, f"hydra.run.dir={killed}")
    while not last.exists():
        assert training.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    training.kill()
    training.wait()
    assert not (killed / "run.json").exists()
    status, said = done(run, ".training", epochs, *restored("continue", last))
    assert status == 0, said
    one, other = (torch.load(run / name / "checkpoints/best.ckpt") for name in ("whole", "killed"))
    assert all(one["state_dict"][k].equal(other["state_dict"][k]) for k in one["state_dict"])
    record = json.loads((killed / "run.json").read_text())
    client = mlflow.MlflowClient(record["mlflow"]["tracking_uri"])
    history = client.get_metric_history(record["mlflow"]["run_id"], "train_loss")
    assert sorted({metric.step for metric in history}) == sorted(metric.step for metric in history)
    # Lightning writes the checkpoint just before the metrics of its epoch, which a kill in between
    # loses; the weights lose nothing.
    assert len(history) in {59, 60}
    assert client.get_run(record["mlflow"]["run_id"]).info.status == "FINISHED"


def restored(mode: str, checkpoint: Path) -> list[str]:
    """The overrides that start from a checkpoint."""
    return [f"restore.mode={mode}", f"restore.checkpoint={checkpoint}"]


def test_branch_and_finetune_make_runs_of_their_own(run: Path) -> None:
    last = run / "run/checkpoints/last.ckpt"
    before = {path: path.read_bytes() for path in (run / "run/checkpoints").iterdir()}
    records = {}
    for mode in ("branch", "finetune"):
        folder = f"hydra.run.dir={run / mode}"
        status, said = done(run, ".training", folder, *restored(mode, last))
        assert status == 0, said
        records[mode] = json.loads((run / mode / "run.json").read_text())
        assert records[mode]["restored"]["mode"] == mode
    original = json.loads((run / "run/run.json").read_text())
    runs = {record["mlflow"]["run_id"] for record in (original, *records.values())}
    assert len(runs) == 3
    assert before == {path: path.read_bytes() for path in (run / "run/checkpoints").iterdir()}
    weights = {
        name: torch.load(run / name / "checkpoints/best.ckpt", weights_only=True)["state_dict"]
        for name in ("run", "branch", "finetune")
    }
    # A branch of a finished training has nothing left to do; fine-tuning begins at epoch 0 with
    # the weights that it was given, and so ends elsewhere.
    same = {
        name: all(x.equal(weights["run"][key]) for key, x in found.items())
        for name, found in weights.items()
    }
    assert same == {"run": True, "branch": True, "finetune": False}


def test_a_mode_of_restore_that_makes_no_sense_is_refused_in_a_sentence(run: Path) -> None:
    status, said = done(run, ".training", "restore.mode=resume")
    assert status == 2, said
    assert "one of scratch, continue, branch, finetune" in said
    assert "Traceback" not in said


def test_more_epochs_than_were_planned_are_refused_in_a_sentence(run: Path) -> None:
    last = restored("continue", run / "run/checkpoints/last.ckpt")
    status, said = done(run, ".training", "trainer.max_epochs=3", *last)
    assert status == 2, said
    assert "was planned for 2 epochs" in said
    assert "Traceback" not in said


def test_resume_from_nothing_is_refused_in_a_sentence(run: Path) -> None:
    status, said = done(run, ".training", *restored("continue", run / "nowhere.ckpt"))
    assert status == 2, said
    assert "is no file; give the path of a last.ckpt" in said
    assert "Traceback" not in said


def test_corrupted_data_stops_the_run_with_one_sentence(run: Path) -> None:
    table = next((run / "data").glob("*.parquet"))
    whole = table.read_bytes()
    table.write_bytes(whole[:-1] + b"\x7f")
    try:
        status, said = done(run, ".training")
    finally:
        table.write_bytes(whole)
    assert status == 2, said
    assert said.strip().splitlines()[-1].startswith("train: ")
    assert f"{table.name} is not what manifest.json says" in said
    assert "Traceback" not in said


def test_nothing_is_left_in_the_home_folder(run: Path) -> None:
    assert not (run / ".great_expectations").exists()
