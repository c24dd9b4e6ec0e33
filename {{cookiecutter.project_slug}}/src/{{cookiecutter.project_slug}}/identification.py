"""How well a probe tells primaries apart, in which bins, and how far it may be sure of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from . import intervals
from .intervals import Estimate
from .probes import IRON, Probe

ENERGY_BINS = np.arange(18.5, 20.1, 0.25)  # lg(E / eV), the outer ones open
ZENITH_BINS = np.arange(0, 61, 10)  # degrees, likewise
CONFIDENCE_BINS = np.linspace(0, 1, 11)


def identification(found: Probe, counts: np.ndarray) -> dict[str, Estimate]:
    """How well a probe tells all primaries apart, and protons from irons alone."""
    extremes = found.extremes
    score, iron = found.score[extremes], found.truth[extremes] == IRON
    pair = counts[:, extremes]
    return {
        "accuracy": intervals.estimate(intervals.mean(found.correct), counts),
        "balanced_accuracy": intervals.estimate(
            intervals.balanced(found.correct, found.truth), counts
        ),
        "p_fe_accuracy": intervals.estimate(intervals.mean((score > 0) == iron), pair),
        "p_fe_auc": intervals.estimate(intervals.auc(score, iron), pair),
        "p_fe_merit": intervals.estimate(intervals.merit_factor(score, iron), pair),
        "p_fe_merit_of_auc": intervals.estimate(intervals.merit_factor_of_auc(score, iron), pair),
    }


def by_bin(found: Probe, events: pd.DataFrame, counts: np.ndarray) -> pd.DataFrame:
    """Accuracy and p-Fe merit factor in bins of reconstructed energy and zenith angle."""
    rows = []
    for quantity, edges in (("lgE_rec", ENERGY_BINS), ("theta", ZENITH_BINS)):
        inside = np.digitize(events[quantity], edges[1:-1])
        for i, (low, high) in enumerate(pairwise(edges)):
            chosen = inside == i
            pair = chosen & found.extremes
            iron = found.truth[pair] == IRON
            row = {"quantity": quantity, "low": low, "high": high, "events": int(chosen.sum())}
            for name, statistic, members in (
                ("accuracy", intervals.mean(found.correct[chosen]), chosen),
                ("p_fe_merit", intervals.merit_factor(found.score[pair], iron), pair),
            ):
                value = intervals.estimate(statistic, counts[:, members])
                row |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
            rows.append(row)
    return pd.DataFrame(rows)


def reliability(found: Probe) -> pd.DataFrame:
    """In bins of the probability that the probe gives its answer: how often it is right.

    Columns: `events`, `confidence` (the mean probability) and `correct` (the share), of the bins
    that hold an event.
    """
    sure = found.confidence
    inside = pd.Series(np.digitize(sure, CONFIDENCE_BINS[1:-1]), name="bin")
    values = pd.DataFrame({"events": 1, "confidence": sure, "correct": found.correct})
    return values.groupby(inside).agg({"events": "size", "confidence": "mean", "correct": "mean"})


def calibration_error(found: Probe, counts: np.ndarray) -> Estimate:
    """Expected calibration error: the mean distance of confidence from accuracy, over those bins.

    Source: Guo et al., On calibration of modern neural networks, ICML 2017, arXiv:1706.04599.
    """
    inside = np.digitize(found.confidence, CONFIDENCE_BINS[1:-1])
    off = found.correct - found.confidence
    of_bin = np.eye(len(CONFIDENCE_BINS) - 1)[inside] * off[:, None]
    return intervals.estimate(
        lambda drawn: np.abs(drawn @ of_bin).sum(axis=1) / drawn.sum(axis=1), counts
    )
