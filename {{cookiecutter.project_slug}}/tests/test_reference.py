"""The table beside the prototype's figures says what the runs say, and nothing else is changed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from {{cookiecutter.project_slug}}.reference import BEGIN, CARD, END, figures, replaced, table
from {{cookiecutter.project_slug}}.stages import StageError


def run(seed: int, error: float) -> dict[str, Any]:
    """A run of the experiment deep, with a noise floor of 8."""
    return {
        "config": {"name": "deep", "seed": seed},
        "mlflow": {"run_id": str(seed)},
        "metrics": {"test_mse_e4": error, "test_mse_e4_floor": 8.0},
    }


RUNS = [run(1, 8.0), run(2, 9.0)]
KNOWN = {
    "1": pd.DataFrame({"low": [7.0], "high": [9.0]}, index=["test_mse_e4"]),
    "2": pd.DataFrame({"low": [8.5], "high": [9.5]}, index=["test_mse_e4"]),
}
FIGURE = {
    "metric": "test_mse_e4", "over": "", "experiment": "deep", "what": "error",
    "prototype": "7.61", "spread": "0.09", "least": "", "most": "",
}  # fmt: skip


def test_a_figure_stands_with_its_spread_and_its_interval_beside_the_prototype() -> None:
    lines = table([FIGURE], RUNS, KNOWN)
    assert lines[-1] == "| deep | error | 2 | 8.50 ± 0.71 | [7.75, 9.25] | 7.61 ± 0.09 |  |"


@pytest.mark.parametrize(
    ("least", "most", "verdict"),
    [
        ("", "1.15", "≤ 1.15: yes"),
        ("", "1.05", "≤ 1.05: no"),
        ("1.10", "", "≥ 1.10: no"),
        ("1.00", "1.10", "1.00 to 1.10: yes"),
    ],
)
def test_a_figure_outside_of_its_band_is_said_to_be(least: str, most: str, verdict: str) -> None:
    figure = FIGURE | {"over": "test_mse_e4_floor", "least": least, "most": most}
    assert table([figure], RUNS, KNOWN)[-1].endswith(f"|  | 7.61 ± 0.09 | {verdict} |")


def test_an_experiment_that_was_not_run_has_no_row() -> None:
    assert len(table([FIGURE | {"experiment": "baseline"}], RUNS, KNOWN)) == len(["head", "---"])


def test_the_card_has_a_place_for_the_table_and_keeps_the_rest() -> None:
    text = CARD.read_text("utf-8")
    changed = replaced(text, ["a table"])
    assert changed.count("a table") == 1
    assert changed.partition(BEGIN)[0] == text.partition(BEGIN)[0]
    assert changed.partition(END)[2] == text.partition(END)[2]
    assert replaced(changed, ["a table"]) == changed
    with pytest.raises(StageError, match="has no line <!-- nox -s reference: begin -->"):
        replaced("nothing", [])


def test_every_band_holds_the_figure_of_the_prototype() -> None:
    for each in figures():
        low, high = float(each["least"] or "-inf"), float(each["most"] or "inf")
        assert low <= float(each["prototype"]) <= high
