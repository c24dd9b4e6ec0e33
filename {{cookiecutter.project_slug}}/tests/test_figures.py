"""Pictures show what they are given, and nothing is cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from {{cookiecutter.project_slug}}.figures import (
    bins_figure,
    confusion_figure,
    ellipse,
    learning_figure,
    reliability_figure,
    results_figure,
    roc,
    roc_figure,
)

RNG = np.random.default_rng(1)
POSITIVE = np.arange(300) % 2 == 0
SCORE = RNG.normal(size=300) + POSITIVE


def test_the_roc_is_that_of_scikit_learn() -> None:
    grid = np.linspace(0, 1, 21)
    (found,) = roc(SCORE, POSITIVE, np.ones((1, 300)), grid)
    false, true, _ = roc_curve(POSITIVE, SCORE, drop_intermediate=False)
    assert found == pytest.approx(np.interp(grid, false, true), abs=0.02)


def saved(figure: Figure, folder: Path) -> int:
    figure.savefig(folder / "picture.png")
    return (folder / "picture.png").stat().st_size


def test_curves_have_their_labels_and_a_band(tmp_path: Path) -> None:
    curve = ("a score", SCORE, POSITIVE, np.ones(300))
    figure = roc_figure({"left": [curve], "right": [curve]}, seed=1)
    left, _ = figure.axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["a score"]
    assert len(left.collections) == 1
    assert saved(figure, tmp_path) > 10_000


def test_the_cells_of_the_confusion_hold_their_shares(tmp_path: Path) -> None:
    shares = pd.DataFrame([[0.9, 0.1], [0.25, 0.75]], index=[1, 56], columns=[1, 56])
    figure = confusion_figure(shares)
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.90", "0.10", "0.25", "0.75"]
    assert saved(figure, tmp_path) > 5_000


def test_an_ellipse_lies_one_standard_deviation_around_the_mean() -> None:
    points = RNG.normal(size=(20_000, 2)) @ np.array([[2.0, 1.0], [0.0, 0.5]]) + [3, -1]
    x, y = ellipse(points)
    assert x.mean() == pytest.approx(3, abs=0.1)
    assert (x.max() - x.min()) / 2 == pytest.approx(points[:, 0].std(), rel=0.01)
    assert (y.max() - y.min()) / 2 == pytest.approx(points[:, 1].std(), rel=0.01)


def test_a_reliable_answer_lies_on_the_line() -> None:
    bins = pd.DataFrame({"events": [50, 50], "confidence": [0.3, 0.8], "correct": [0.3, 0.6]})
    (axis,) = reliability_figure(bins).axes
    line, points = axis.lines[:2]
    assert list(line.get_xdata()) == list(line.get_ydata())
    assert points.get_xdata().tolist() == [0.3, 0.8]
    assert points.get_ydata().tolist() == [0.3, 0.6]


def test_no_bar_of_a_bin_is_cut_off() -> None:
    bins = pd.DataFrame(
        {
            "quantity": ["lgE_rec", "theta"], "low": [18.5, 0], "high": [19, 10],
            "p_fe_merit": [1.0, np.nan], "p_fe_merit_low": [1.1, 1.0],
            "p_fe_merit_high": [1.2, 2.2],
        }
    )  # fmt: skip
    assert all(axis.get_ylim()[1] > 2.2 for axis in bins_figure(bins).axes)


def test_learning_curves_show_the_mean_and_the_range_over_seeds() -> None:
    figure = learning_figure({"deep": [np.array([3.0, 1.0]), np.array([5.0, 3.0, 9.0])]})
    (axis,) = figure.axes
    assert axis.lines[0].get_ydata().tolist() == [4.0, 2.0]
    assert axis.get_legend().get_texts()[0].get_text() == "deep, 2 seeds"


def test_each_seed_is_a_point_of_the_table() -> None:
    figure = results_figure({"error": {"deep": [1.0, 2.0], "pca": [3.0]}})
    assert figure.axes[0].lines[0].get_xdata().tolist() == [1.0, 2.0]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["deep", "pca"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["1.5", "3"]
