"""What is measured of a trained model: each number with its interval, beside its yardsticks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from . import anomalies, intervals
from .collapse import with_units
from .data import ProjectData
from .figures import (
    Curve,
    bins_figure,
    confusion_figure,
    latent_figure,
    reconstruction_figure,
    roc_figure,
)
from .intervals import Estimate
from .measured import Measured
from .models import BINS, STATIONS, Autoencoder, VariationalAutoencoder, squared_errors
from .noise_floor import noise_floor
from .probes import IRON, Parts, Probe, context, hand_made, probe, residuals
from .report import FEATURES, SCORES, errors, lines

METRICS = {
    "test_mse_e4": "reconstruction error x 10^4",
    "quadratic_accuracy_latent": "accuracy, 4 primaries",
    "quadratic_p_fe_auc_latent": "p-Fe AUC",
}
"""The metrics of the table of results, and what they are called there."""
YARDSTICKS = {
    "principal components, as many": {
        "test_mse_e4": "test_mse_e4_pca",
        "quadratic_accuracy_latent": "quadratic_accuracy_pca",
        "quadratic_p_fe_auc_latent": "quadratic_p_fe_auc_pca",
    },
    "what is known without a code": {
        "test_mse_e4": "test_mse_e4_mean",
        "quadratic_accuracy_latent": "quadratic_accuracy_context",
        "quadratic_p_fe_auc_latent": "quadratic_p_fe_auc_context",
    },
}
"""What the metrics are to be held against: for each, the metric of that name."""

ENERGY_BINS = np.arange(18.5, 20.1, 0.25)  # lg(E / eV), the outer ones open
ZENITH_BINS = np.arange(0, 61, 10)  # degrees, likewise
DEGREES = {"linear": 1, "quadratic": 2}
SEED = 1  # of the bootstrap and of the first guess of a mixture: the same for every model
FLOOR_SHOWERS = 2000
TWINS = ("seed", "primaries", "hadronic_model", "muon_scale", "fe_p_muon_ratio")


@dataclass(frozen=True)
class Seen:
    """A part of the data as the model sees it.

    Attributes:
        events: the table.
        x: standardised traces, (events, bins of all stations).
        codes: (events, latent).
        error: mean squared error of each reconstruction, (events,), in the unit of errors.
    """

    events: pd.DataFrame
    x: np.ndarray
    codes: np.ndarray
    error: np.ndarray


def seen(model: Autoencoder, x: Tensor, events: pd.DataFrame, scale: float) -> Seen:
    """Encode and reconstruct standardised traces of shape (events, stations, bins).

    `scale` is that of the errors: the square of one standardised unit in the unit of errors.
    """
    with torch.no_grad():
        codes = model.encode(x).numpy()
        error = squared_errors(model.reconstruct(x), x).numpy() * scale
    return Seen(events, x.flatten(1).numpy(), codes, error)


def feature_sets(parts: dict[str, Seen]) -> dict[str, Parts]:
    """What the probes are given: name -> part -> (events, features).

    `context` is in all of them; `latent` adds the code, `pca` as many principal components,
    `conditioned` as many components of what the context does not foretell of the traces;
    `hand_made` is the supervised reference, on physicists' summaries of the traces.
    """
    known = {part: context(of.events) for part, of in parts.items()}
    x = {part: of.x for part, of in parts.items()}

    def components(values: Parts) -> Parts:
        pca = principal_components(values["train"], parts["train"].codes.shape[1])
        return {part: np.hstack([pca.transform(values[part]), known[part]]) for part in parts}

    return {
        "context": known,
        "latent": {part: np.hstack([of.codes, known[part]]) for part, of in parts.items()},
        "pca": components(x),
        "conditioned": components(residuals(x, known)),
        "hand_made": {part: hand_made(of.events) for part, of in parts.items()},
    }


def principal_components(x: np.ndarray, n: int) -> PCA:
    """The first `n` of them, by a solver without chance."""
    return PCA(n, svd_solver="covariance_eigh").fit(x)


def reconstruction(parts: dict[str, Seen], scale: float, counts: np.ndarray) -> dict[str, Estimate]:
    """Mean squared errors of the test part: of the model, of components, of the mean trace."""
    train, test = parts["train"], parts["test"]
    pca = principal_components(train.x, test.codes.shape[1])

    def error(y: np.ndarray) -> np.ndarray:
        both = (torch.from_numpy(of).reshape(-1, STATIONS, BINS) for of in (y, test.x))
        return squared_errors(*both).numpy() * scale

    errors = {
        "test_mse_e4": test.error,
        "test_mse_e4_pca": error(pca.inverse_transform(pca.transform(test.x))),
        "test_mse_e4_mean": error(np.zeros_like(test.x)),
    }
    return {name: intervals.estimate(intervals.mean(each), counts) for name, each in errors.items()}


def identification(found: Probe, counts: np.ndarray) -> dict[str, Estimate]:
    """How well a probe tells all primaries apart, and protons from irons alone."""
    extremes = found.extremes
    score, iron = found.score[extremes], found.truth[extremes] == IRON
    pair = counts[:, extremes]
    return {
        "accuracy": intervals.estimate(intervals.mean(found.correct), counts),
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


def photons(parts: dict[str, Seen], strange: Seen, seed: int) -> pd.DataFrame:
    """Anomaly scores of the test part and of photon showers: `error`, `residual`, `density`.

    Further columns: `photon`, `weight` (see `anomalies.matching`) and `shower_id`.
    """
    both = pd.concat([parts["test"].events, strange.events], ignore_index=True)
    photon = np.arange(len(both)) >= len(parts["test"].events)
    groups = {
        "train": [parts["train"]],
        "test": [parts["test"], strange],
    }
    error = {part: np.concatenate([of.error for of in each]) for part, each in groups.items()}
    codes = {part: np.concatenate([of.codes for of in each]) for part, each in groups.items()}
    known = {"train": context(parts["train"].events), "test": context(both)}
    return pd.DataFrame(anomalies.scores(error, codes, known, seed)).assign(
        photon=photon, weight=anomalies.matching(both, photon), shower_id=both.shower_id
    )


def detection(scored: pd.DataFrame, seed: int) -> dict[str, Estimate]:
    """Area under the ROC of each anomaly score, and its hadron rate at half the photons."""
    counts = intervals.resamples(scored.shower_id.to_numpy(), seed)
    weight, photon = scored.weight.to_numpy(), scored.photon.to_numpy()
    estimates = {}
    for name in ("error", "residual", "density"):
        score = scored[name].to_numpy()
        for metric, statistic in (
            ("photon_auc", intervals.auc(score, photon)),
            ("hadron_rate", anomalies.hadron_rate(score, photon)),
        ):
            estimates[f"{metric}_{name}"] = intervals.estimate(
                lambda drawn, of=statistic: of(drawn * weight), counts
            )
    return estimates


def floor(data: ProjectData, seed: int) -> Estimate:
    """The noise floor of the reconstruction error, from showers that are detected twice."""
    settings = {k: v for k, v in data.manifest()["settings"]["source"].items() if k in TWINS}
    values = noise_floor(
        FLOOR_SHOWERS,
        lambda traces: data.standardise.logarithm(torch.from_numpy(traces)).numpy(),
        **settings,
    )
    counts = intervals.resamples(np.arange(len(values)), seed)
    return intervals.estimate(intervals.mean(values * 1e4), counts)


def probes(parts: dict[str, Seen]) -> dict[tuple[str, str], Probe]:
    """A linear and a quadratic probe of each set of features, by kind and set."""
    primary = {part: of.events.A.to_numpy() for part, of in parts.items()}
    return {
        (kind, name): probe(features, primary, degree)
        for name, features in feature_sets(parts).items()
        for kind, degree in DEGREES.items()
    }


def curves(asked: dict[tuple[str, str], Probe], scored: pd.DataFrame) -> dict[str, list[Curve]]:
    """What the picture of ROC curves shows: iron among protons, photons among nuclei."""
    pairs = []
    for name in ("hand_made", "latent", "pca", "context"):
        found = asked["quadratic", name]
        pair = found.extremes
        once = np.ones(pair.sum())
        pairs.append((FEATURES[name], found.score[pair], found.truth[pair] == IRON, once))
    photon, weight = scored.photon.to_numpy(), scored.weight.to_numpy()
    return {
        "iron among protons": pairs,
        "photons among nuclei": [
            (label, scored[name].to_numpy(), photon, weight) for name, label in SCORES.items()
        ],
    }


def bounds(estimates: dict[str, Estimate]) -> pd.DataFrame:
    """Every metric with its interval."""
    return pd.DataFrame(estimates, index=Estimate._fields).T.rename_axis("metric")


def measure(model: Autoencoder, data: ProjectData) -> Measured:
    """All that is measured, on the test part, see `of_any_model`; of a variational one its units.

    Args:
        model: in evaluation mode.
        data: set up; whatever is fitted here is fitted to its training part.
    """
    found = of_any_model(model, data)
    if not isinstance(model, VariationalAutoencoder):
        return found
    with torch.no_grad():
        return with_units(found, model.nats(data.parts["test"]).numpy())


def of_any_model(model: Autoencoder, data: ProjectData) -> Measured:
    """Reconstruction, identification and detection of photons, on the test part.

    Returns:
        Errors are mean squares over bins of log10(1 + S / offset) / 3, times 10^4. The raw outputs
        have one row an event, with its error, its code and the answer of the quadratic probe. Of
        measured showers, whose primaries nobody knows, the reconstruction alone.
    """
    scale = float(data.standardise.scale) ** 2 * 1e4
    parts = {
        part: seen(model, data.parts[part], data.events(part), scale) for part in ("train", "test")
    }
    test = parts["test"]
    counts = intervals.resamples(test.events.shower_id.to_numpy(), SEED)
    estimates = reconstruction(parts, scale, counts)
    raw = test.events[["event_id", "shower_id", "A"]].reset_index(drop=True)
    raw = raw.assign(error=test.error).join(pd.DataFrame(test.codes).add_prefix("code_"))
    if not data.labelled:
        values = {name: each.value for name, each in estimates.items()}
        return Measured(values, raw, errors(estimates), {"intervals.csv": bounds(estimates)}, {})
    asked = probes(parts)
    estimates["test_mse_e4_floor"] = floor(data, SEED)
    for (kind, name), found in asked.items():
        for metric, value in identification(found, counts).items():
            estimates[f"{kind}_{metric}_{name}"] = value
    table, traces = data.photons()
    scored = photons(parts, seen(model, data.standardise(traces), table, scale), SEED)
    estimates |= detection(scored, SEED)
    answers = asked["quadratic", "latent"]
    bins = by_bin(answers, test.events, counts)
    return Measured(
        {name: each.value for name, each in estimates.items()},
        raw.assign(answer=answers.answer, p_fe_score=answers.score),
        lines(estimates, answers.confusion(), bins, int(scored.photon.sum())),
        {
            "intervals.csv": bounds(estimates),
            "bins.csv": bins.set_index(["quantity", "low", "high"]),
            "confusion.csv": answers.confusion(),
        },
        {
            "reconstruction.png": reconstruction_figure(model, data),
            "latent.png": latent_figure(test.codes, test.events),
            "roc.png": roc_figure(curves(asked, scored), SEED),
            "confusion.png": confusion_figure(answers.confusion()),
            "bins.png": bins_figure(bins),
        },
    )
