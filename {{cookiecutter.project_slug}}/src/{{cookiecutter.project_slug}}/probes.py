"""What a classifier can still read from an event, from its code or from other features of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

PROTON, IRON = 1, 56
STATIONS = (1, 2, 3)
Parts = dict[str, np.ndarray]


def context(events: pd.DataFrame) -> np.ndarray:
    """What is known of an event without its traces, shape (events, 8).

    1/cos(zenith), lg of the reconstructed energy, and of each station its distance [m] and the lg
    of its signal [VEM, at least 0.1]. A code that tells no more than this has learnt no physics of
    the primary.
    """
    stations = [events[f"r_{i}"] for i in STATIONS]
    stations += [np.log10(events[f"S_{i}"].clip(lower=0.1)) for i in STATIONS]
    return np.column_stack([events.sec_theta, events.lgE_rec, *stations])


def hand_made(events: pd.DataFrame) -> np.ndarray:
    """What physicists compute from the traces of an event, beside its context, (events, 23).

    S1000 (lg VEM), slope and number of stations of the lateral fit, zenith angle (degrees), and of
    each station rise and fall time (ns), the early share of its charge, and its jumps.
    """
    shapes = [f"{name}_{i}" for name in ("trise", "tfall", "early", "jump") for i in STATIONS]
    fit = events[["theta", "beta", *shapes]]
    return np.column_stack([context(events), np.log10(events.s1000), fit])


def residuals(values: Parts, known: Parts) -> Parts:
    """What the context does not foretell of each bin: rests of a quadratic regression on it.

    Args:
        values: part -> (events, bins); the regression is fitted to "train".
        known: part -> (events, features).
    """
    model = make_pipeline(
        StandardScaler(), PolynomialFeatures(2, include_bias=False), LinearRegression()
    ).fit(known["train"], values["train"])
    return {part: x - model.predict(known[part]).astype(x.dtype) for part, x in values.items()}


@dataclass(frozen=True)
class Probe:
    """A logistic regression's answers on the test part.

    Attributes:
        model: the fitted regression.
        logits: log P(primary) up to a constant of each event, shape (events, primaries).
        truth: mass numbers of the events.
    """

    model: Pipeline
    logits: np.ndarray
    truth: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """Mass numbers, in the order of the columns."""
        return self.model.classes_

    def ask(self, features: np.ndarray, truth: np.ndarray) -> Probe:
        """The same regression's answers on other events, whose primaries are `truth`."""
        return Probe(self.model, self.model.decision_function(features.astype(float)), truth)

    @property
    def answer(self) -> np.ndarray:
        """The most probable mass number of each event."""
        return self.classes[self.logits.argmax(axis=1)]

    @property
    def confidence(self) -> np.ndarray:
        """The probability that it gives to its answer."""
        return softmax(self.logits, axis=1).max(axis=1)

    @property
    def correct(self) -> np.ndarray:
        """Whether it is the true one."""
        return self.answer == self.truth

    @property
    def extremes(self) -> np.ndarray:
        """Which events are protons or irons."""
        return np.isin(self.truth, (PROTON, IRON))

    @property
    def score(self) -> np.ndarray:
        """log P(iron) - log P(proton): the larger, the more like iron."""
        classes = list(self.classes)
        return self.logits[:, classes.index(IRON)] - self.logits[:, classes.index(PROTON)]

    def confusion(self) -> pd.DataFrame:
        """Share of the answers (columns) to each true primary (rows); a row adds up to 1."""
        return pd.crosstab(self.truth, self.answer, normalize="index").reindex(
            index=self.classes, columns=self.classes, fill_value=0.0
        )


def probe(features: Parts, primary: Parts, degree: int) -> Probe:
    """Fit a logistic regression to frozen features of the training part, and ask it of the test.

    Args:
        features: part -> (events, features).
        primary: part -> mass numbers.
        degree: 1 for a linear probe, 2 for a quadratic one.
    """
    model: Pipeline = make_pipeline(
        StandardScaler(), PolynomialFeatures(degree, include_bias=False), StandardScaler(),
        # Squares of neighbouring features are nearly collinear: single precision or a solver of
        # first order does not converge on them.
        LogisticRegression(C=0.3, solver="newton-cholesky"),
    ).fit(features["train"].astype(float), primary["train"])  # fmt: skip
    logits = model.decision_function(features["test"].astype(float))
    return Probe(model, logits, primary["test"])
