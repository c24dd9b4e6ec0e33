"""Photon showers as anomalies: three scores of models that never saw a photon."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from .intervals import Statistic
from .probes import Parts

COMPONENTS = 8
EFFICIENCY = 0.5  # share of the photons that a cut keeps
ENERGY_BINS = np.arange(18.0, 20.6, 0.25)  # lg(E / eV)
ZENITH_BINS = np.arange(0, 71, 10)  # degrees


def scores(error: Parts, codes: Parts, known: Parts, seed: int) -> dict[str, np.ndarray]:
    """Three ways to call an event strange, each larger for stranger events.

    Args:
        error: part -> mean squared error of each event's reconstruction. Parts are "train", to
            which everything is fitted, and "test".
        codes: part -> (events, latent).
        known: part -> (events, features), the context.
        seed: of the mixture's first guess.

    Returns:
        For "test": `error`; `residual`, the part of lg(error) that a quadratic regression on the
        context does not foretell; `density`, minus the log-likelihood of code and context under a
        Gaussian mixture.
    """
    expected = make_pipeline(StandardScaler(), PolynomialFeatures(2), LinearRegression())
    expected.fit(known["train"], np.log10(error["train"]))
    both = {part: np.hstack([codes[part], known[part]]).astype(float) for part in ("train", "test")}
    mixture = make_pipeline(StandardScaler(), GaussianMixture(COMPONENTS, random_state=seed))
    mixture.fit(both["train"])
    return {
        "error": error["test"],
        "residual": np.log10(error["test"]) - expected.predict(known["test"]),
        "density": -mixture.score_samples(both["test"]),
    }


def matching(events: pd.DataFrame, photon: np.ndarray) -> np.ndarray:
    """Weights that give nuclei the energies and zenith angles that photons are reconstructed with.

    Without them a photon would be told by its smaller signal alone. Nuclei are weighted in bins of
    lgE_rec (0.25) and theta (10 degrees); in bins without nuclei photons count nothing.
    """
    energy = np.digitize(events.lgE_rec, ENERGY_BINS)
    cell = energy * (len(ZENITH_BINS) + 1) + np.digitize(events.theta, ZENITH_BINS)
    of_photons = np.bincount(cell[photon], minlength=cell.max() + 1)
    of_nuclei = np.bincount(cell[~photon], minlength=cell.max() + 1)
    ratio = of_photons / np.maximum(of_nuclei, 1)
    return np.where(photon, of_nuclei[cell] > 0, ratio[cell]).astype(float)


def hadron_rate(score: np.ndarray, photon: np.ndarray) -> Statistic:
    """Share of the nuclei that are kept by the cut which keeps half of the photons."""
    order = np.argsort(-score, kind="stable")

    def statistic(counts: np.ndarray) -> np.ndarray:
        drawn = counts[:, order].astype(float)
        kept = {
            name: np.cumsum(np.where(members[order], drawn, 0), axis=1)
            for name, members in (("photons", photon), ("nuclei", ~photon))
        }
        wanted = EFFICIENCY * kept["photons"][:, -1:]
        cut = (kept["photons"] < wanted).sum(axis=1)
        rows = np.arange(len(counts))
        return kept["nuclei"][rows, np.minimum(cut, len(order) - 1)] / kept["nuclei"][:, -1]

    return statistic
