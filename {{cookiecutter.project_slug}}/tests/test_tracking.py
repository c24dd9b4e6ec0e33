"""The store of runs: new and shared by many, a server, and a server that is lost."""

from __future__ import annotations

import json
import multiprocessing
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pytest
import requests
import torch

from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.tracking import own_metrics, tracked_run
from {{cookiecutter.project_slug}}.training import fit

from .conftest import MODELS, Configure
from .kills import same
from .processes import PACKAGE, Stage

JOBS = 16


def job(folder: Path, configure: Configure, number: int) -> None:
    """Track one run with one metric."""
    cfg = configure(
        f"seed={number}",
        f"tracking.store={folder / 'new.db'}",
        f"tracking.artifacts={folder / 'artifacts'}",
    )
    with tracked_run(cfg, {"git.commit": "none", "git.dirty": "false"}) as logger:
        logger.log_metrics({"number": number}, step=0)
        logger.finalize("success")


def test_sixteen_runs_at_once_on_a_new_store_lose_nothing(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    forks = multiprocessing.get_context("fork")
    jobs = [forks.Process(target=job, args=(tmp_path, configure, i)) for i in range(JOBS)]
    for each in jobs:
        each.start()
    for each in jobs:
        each.join(120)
    assert [each.exitcode for each in jobs] == [0] * JOBS
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'new.db'}")
    runs = client.search_runs([client.get_experiment_by_name("{{cookiecutter.project_slug}}").experiment_id])
    assert sorted(run.data.metrics["number"] for run in runs) == list(range(JOBS))
    assert {run.info.status for run in runs} == {"FINISHED"}


def test_tracking_does_not_change_the_result(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    places = {"store": tmp_path / "new.db", "artifacts": tmp_path / "artifacts"}
    store = [f"tracking.{name}={place}" for name, place in places.items()]
    cfg = configure(f"model={MODELS[-1]}", *store, "tracking.watch_every=0.01")
    fit(cfg, Start(tmp_path / "plain"), {})
    with tracked_run(cfg, {"git.commit": "none", "git.dirty": "false"}) as logger:
        fit(cfg, Start(tmp_path / "tracked"), {}, logger)
    plain, tracked = (
        torch.load(tmp_path / f"{name}/checkpoints/last.ckpt", weights_only=True)
        for name in ("plain", "tracked")
    )
    for part in ("state_dict", "optimizer_states"):
        assert same(plain[part], tracked[part])
    assert same(*(found["callbacks"]["RandomState"] for found in (plain, tracked)))


def test_a_run_tells_what_the_machine_did_and_goes_on_telling(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    places = {"store": tmp_path / "new.db", "artifacts": tmp_path / "artifacts"}
    store = [f"tracking.{name}={place}" for name, place in places.items()]
    cfg, run, steps = configure(*store, "tracking.watch_every=0.05"), None, []
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'new.db'}")
    for _ in ("from scratch", "from there"):
        with tracked_run(cfg, {"git.commit": "none", "git.dirty": "false"}, run) as logger:
            run, before = logger.run_id, len(steps)
            for _ in range(600):
                history = client.get_metric_history(run, "system/cpu_utilization_percentage")
                steps = [metric.step for metric in history]
                if len(steps) > before + 1:
                    break
                time.sleep(0.05)
            assert own_metrics(logger) == {}
        assert len(steps) > before + 1
    assert sorted(steps) == list(range(len(steps)))
    assert "system/system_memory_usage_megabytes" in client.get_run(run).data.metrics


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A real tracking server."""
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder / 'server.db'}"]
    command += ["--artifacts-destination", str(folder / "served")]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            for _ in range(600):
                try:
                    if requests.get(f"http://127.0.0.1:{port}/health", timeout=1).ok:
                        break
                except requests.RequestException:
                    time.sleep(0.1)
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it has started."""
    subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=False)
    process.kill()
    process.wait()


def training(folder: Path, data: Path, port: int, *overrides: str) -> Stage:
    """A training that tracks on the server."""
    settings = [f"data.folder={data}", f"hydra.run.dir={folder / 'run'}", *overrides]
    uri = f"http://127.0.0.1:{port}"
    words, said = ["experiment=smoke", *settings], folder / f"said{len(overrides)}.txt"
    return Stage(f"{PACKAGE}.training", words, said, MLFLOW_TRACKING_URI=uri)


def test_a_lost_server_costs_one_sentence_and_no_work(dataset: Path, tmp_path: Path) -> None:
    port, last = free_port(), tmp_path / "run/checkpoints/last.ckpt"
    with server(tmp_path, port) as process:
        run = training(tmp_path, dataset, port, "trainer.max_epochs=2000")
        while not last.exists():
            assert run.poll() is None, run.said
            time.sleep(0.05)
        stop(process)
        assert run.wait(180) == 2, run.said
    assert "Traceback" not in run.said
    assert f"restore.mode=continue restore.checkpoint={last}" in run.said
    reached = torch.load(last, weights_only=True)["epoch"]
    # Once the server is there again, the same run goes on.
    with server(tmp_path, port):
        more = f"trainer.max_epochs={reached + 2}"
        again = ["restore.mode=continue", f"restore.checkpoint={last}", more]
        run = training(tmp_path, dataset, port, *again)
        assert run.wait(180) == 0, run.said
        record = json.loads((tmp_path / "run/run.json").read_text())
        client = mlflow.MlflowClient(f"http://127.0.0.1:{port}")
        assert client.get_run(record["mlflow"]["run_id"]).info.status == "FINISHED"


def test_a_server_that_does_not_answer_is_said_in_one_sentence(
    dataset: Path, tmp_path: Path
) -> None:
    run = training(tmp_path, dataset, free_port())
    assert run.wait(180) == 2
    assert "MLflow cannot use http://127.0.0.1" in run.said
    assert "Traceback" not in run.said
