"""The table of results says what was measured, how often, and by which run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from {{cookiecutter.project_slug}}.measures import METRICS, YARDSTICKS
from {{cookiecutter.project_slug}}.results import Run, evaluated, raw, spread, table
from {{cookiecutter.project_slug}}.stages import StageError

PRIMARY = next(iter(METRICS))


def run(seed: int, error: float, data: str = "d", name: str = "baseline") -> Run:
    """A record as `train` and `evaluate` leave it."""
    names = [*METRICS, *(name for others in YARDSTICKS.values() for name in others.values())]
    return {
        "config": {"name": name, "seed": seed},
        "provenance": {
            "data.sha256": data,
            "lock.sha256": "l",
            "git.commit": "none",
            "git.dirty": "false",
        },
        "mlflow": {"run_id": f"{name}-{seed}"},
        "metrics": dict.fromkeys(names, 0.5) | {PRIMARY: error},
    }


def test_an_experiment_has_the_mean_and_the_spread_of_its_seeds() -> None:
    page = table([run(1, 10.0), run(2, 12.0), run(1, 7.0, name="deep")])
    assert "| baseline | 2 | 11.000 ± 1.414 | 0.500 ± 0.000 |" in page
    assert "| deep | 1 | 7.000 | 0.500 |" in page


def test_each_number_names_its_run_and_command() -> None:
    page = table([run(3, 7.0, name="deep")])
    command = "`nox -s reproduce -- experiment=deep seed=3`"
    assert f"| 7.000 | `deep-3` | {command} | `conf/experiment/deep.yaml` | `none` |" in page


def test_raw_values_of_all_runs_are_kept() -> None:
    header, *rows = raw([run(1, 10.0), run(2, 12.0)]).splitlines()
    assert header.startswith(f"experiment,seed,run,commit,data,locks,{PRIMARY}")
    assert [row.split(",")[6] for row in rows] == ["10.0", "12.0"]


def test_runs_that_differ_in_more_than_the_seed_are_not_averaged() -> None:
    other = run(2, 12.0)
    other["config"]["threads"] = 2
    with pytest.raises(StageError, match="runs of baseline in outputs/ have other settings"):
        table([run(1, 10.0), other])


def test_runs_on_different_data_are_not_compared() -> None:
    with pytest.raises(StageError, match="used different data"):
        table([run(1, 10.0), run(2, 12.0, data="other")])


def test_a_yardstick_that_experiments_share_is_one_row_of_all_their_runs() -> None:
    page = table([run(1, 10.0), run(2, 12.0), run(1, 7.0, name="deep")])
    for name in YARDSTICKS:
        assert re.findall(rf"^\| {re.escape(name)}.*$", page, re.MULTILINE) == [
            f"| {name} | 3 | {' | '.join('0.500 ± 0.000' for _ in METRICS)} |"
        ]


def test_a_yardstick_that_differs_stands_once_for_each_experiment() -> None:
    name, metrics = next(iter(YARDSTICKS.items()))
    wide = run(1, 7.0, name="wide")
    wide["metrics"][metrics[PRIMARY]] = 0.25
    page = table([run(1, 10.0), run(2, 12.0), run(1, 9.0, name="deep"), wide])
    assert f"| {name}, for baseline, deep | 3 | 0.500 ± 0.000 |" in page
    assert f"| {name}, for wide | 1 | 0.250 |" in page


def test_one_value_has_no_spread() -> None:
    assert spread([0.25]) == "0.250"


def test_the_newest_run_of_a_seed_counts(tmp_path: Path) -> None:
    for moment, error in (("2026-01-01", 10.0), ("2026-01-02", 8.0)):
        folder = tmp_path / "baseline" / moment / "evaluation"
        folder.mkdir(parents=True)
        content = run(1, error)
        (folder / "metrics.json").write_text(json.dumps(content.pop("metrics")))
        (folder.parent / "run.json").write_text(json.dumps(content))
    (found,) = evaluated(tmp_path)
    assert found["metrics"][PRIMARY] == 8.0
