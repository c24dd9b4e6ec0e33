"""Statistics of a test part, and their intervals by a bootstrap over showers.

A resample is one row of a matrix of counts: how often each event was drawn. Every statistic here
takes such a matrix, shape (resamples, events), and gives one value for each of its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

RESAMPLES = 2000
Statistic = Callable[[np.ndarray], np.ndarray]


class Estimate(NamedTuple):
    """A value and its central 95 % interval."""

    value: float
    low: float
    high: float


def resamples(shower_id: np.ndarray, seed: int, n: int = RESAMPLES) -> np.ndarray:
    """Counts of each event in `n` bootstrap samples of showers, shape (n, events).

    Showers are drawn, not events: the copies of one shower are not independent.
    """
    showers, index = np.unique(shower_id, return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(showers), np.full(len(showers), 1 / len(showers)), size=n)
    return counts[:, index].astype(np.float32)


def estimate(statistic: Statistic, counts: np.ndarray) -> Estimate:
    """A statistic with the percentile interval (Efron, Ann. Statist. 7 (1979) 1) of `counts`."""
    (value,) = statistic(np.ones((1, counts.shape[1])))
    values = statistic(counts)
    known = values[np.isfinite(values)]  # a resample may have drawn one class only
    if not known.size:
        return Estimate(float(value), np.nan, np.nan)
    low, high = np.quantile(known, (0.025, 0.975))
    # Linear algebra on several threads rounds differently: its last digits say nothing.
    return Estimate(*(float(f"{each:.9g}") for each in (value, low, high)))


def mean(values: np.ndarray) -> Statistic:
    """The mean; of an indicator of success it is the accuracy."""

    def statistic(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):  # nothing was drawn
            return counts @ values.astype(float) / counts.sum(axis=1)

    return statistic


def root_mean_square(values: np.ndarray) -> Statistic:
    """The square root of the mean square."""
    square = mean(values.astype(float) ** 2)
    return lambda counts: np.sqrt(square(counts))


def spread(values: np.ndarray) -> Statistic:
    """The standard deviation."""
    square, first = mean(values.astype(float) ** 2), mean(values)
    return lambda counts: np.sqrt(np.maximum(square(counts) - first(counts) ** 2, 0))


def balanced(correct: np.ndarray, truth: np.ndarray) -> Statistic:
    """The mean over classes of the share that is correct: no class counts for more than another."""
    members = [truth == each for each in np.unique(truth)]
    shares = [mean(correct[each]) for each in members]
    return lambda counts: np.mean(
        [share(counts[:, each]) for share, each in zip(shares, members, strict=True)], axis=0
    )


def auc(score: np.ndarray, positive: np.ndarray) -> Statistic:
    """Area under the ROC curve: the chance that a positive event scores above a negative one."""
    order = np.argsort(score, kind="stable")

    def statistic(counts: np.ndarray) -> np.ndarray:
        drawn = counts[:, order]
        below = np.where(positive[order], 0, drawn)
        above = np.where(positive[order], drawn, 0)
        won = (above * np.cumsum(below, axis=1, dtype=float)).sum(axis=1)
        with np.errstate(invalid="ignore"):
            return won / (above.sum(axis=1) * below.sum(axis=1))

    return statistic


def merit_factor(score: np.ndarray, positive: np.ndarray) -> Statistic:
    """|difference of the means| / sqrt(sum of the variances) of the scores of two classes."""

    def statistic(counts: np.ndarray) -> np.ndarray:
        means, variances = [], []
        for members in (positive, ~positive):
            drawn, values = counts[:, members].astype(float), score[members].astype(float)
            with np.errstate(invalid="ignore"):
                means.append(drawn @ values / drawn.sum(axis=1))
                variances.append(drawn @ values**2 / drawn.sum(axis=1) - means[-1] ** 2)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.abs(means[0] - means[1]) / np.sqrt(variances[0] + variances[1])

    return statistic


def merit_factor_of_auc(score: np.ndarray, positive: np.ndarray) -> Statistic:
    """Phi^-1(AUC): the merit factor of two Gaussian classes with this AUC.

    Unlike `merit_factor` it does not change when the score is stretched by a monotone function.
    """
    area = auc(score, positive)
    return lambda counts: norm.ppf(area(counts))
