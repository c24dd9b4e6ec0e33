"""Two processes make of the same batches what one makes; only the first of them writes."""

from __future__ import annotations

import random
from pathlib import Path

import mlflow
import pytest
import torch

from .kills import MODELS, Condition, differences, finish, killed, metrics, start

{% if cookiecutter.contents == "example" -%}
SAME = MODELS[-2:]
{%- else -%}
SAME = MODELS[-2:-1]  # dropout draws in each process for itself
{%- endif %}
TOLERANCE = 1e-5  # of weights around 0.1: a mean of two halves rounds otherwise than one mean


@pytest.fixture(scope="module", params=SAME)
def runs(
    dataset: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """The same training in one process and in two."""
    folder = tmp_path_factory.mktemp("ddp")
    for name, trainer in (("one", "cpu"), ("two", "ddp")):
        condition = Condition(request.param, trainer=trainer)
        finish(start(dataset, folder / name, condition, observed=False), folder / name)
    return folder


def weights(run: Path) -> dict[str, torch.Tensor]:
    return torch.load(run / "run/checkpoints/last.ckpt", weights_only=True)["state_dict"]


def test_two_processes_end_where_one_does(runs: Path) -> None:
    one, two = weights(runs / "one"), weights(runs / "two")
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, atol=TOLERANCE, rtol=0)
    of_one, of_two = metrics(runs / "one"), metrics(runs / "two")
    assert [metric[:2] for metric in of_one] == [metric[:2] for metric in of_two]
    assert [metric[2] for metric in of_one] == pytest.approx([m[2] for m in of_two], rel=1e-5)


def test_only_the_first_process_writes(runs: Path) -> None:
    found = [
        sorted(path.relative_to(runs / name).as_posix() for path in (runs / name).rglob("*"))
        for name in ("one", "two")
    ]
    assert found[0] == found[1]
    client = mlflow.MlflowClient(f"sqlite:///{runs / 'mlflow.db'}")
    assert len(client.search_runs(["1"])) == 2


def test_two_processes_go_on_after_a_kill(dataset: Path, tmp_path: Path) -> None:
    condition, whole = Condition(every="3", trainer="ddp"), tmp_path / "whole"
    finish(start(dataset, whole, condition), whole)
    killed(dataset, tmp_path / "killed", condition, whole, random.Random(3))
    assert differences(whole, tmp_path / "killed") == []
    first, second = (whole / f"batches{process}" for process in ("", ".1"))
    assert not set(first.read_text().split()[1::2]) & set(second.read_text().split()[1::2])
