"""What is measured of a trained model: each number with its interval, beside its yardsticks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from . import anomalies, figures, intervals
from .collapse import with_units
from .data import ProjectData
from .identification import by_bin, calibration_error, identification, reliability
from .intervals import Estimate
from .measured import Measured
from .models import Autoencoder, VariationalAutoencoder
from .probes import IRON, Parts, Probe, context, hand_made, probe, residuals
from .reconstruction import Seen, floor, principal_components, reconstruction, seen
from .report import FEATURES, SCORES, lines, reconstructed
from .shifts import shifted

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

DEGREES = {"linear": 1, "quadratic": 2}
SEED = 1  # of the bootstrap and of the first guess of a mixture: the same for every model


def feature_sets(parts: dict[str, Seen]) -> dict[str, Parts]:
    """What the probes are given: name -> part -> (events, features).

    `context` is in all of them; `latent` adds the code, `pca` as many principal components,
    `conditioned` as many components of what the context does not foretell of the traces;
    `hand_made` and `hybrid` are the supervised references: physicists' summaries of the traces, and
    these with a depth of maximum that a telescope measured.
    """
    known = {part: context(of.events) for part, of in parts.items()}
    x = {part: of.x for part, of in parts.items()}
    summaries = {part: hand_made(of.events) for part, of in parts.items()}

    def components(values: Parts) -> Parts:
        pca = principal_components(values["train"], parts["train"].codes.shape[1])
        return {part: np.hstack([pca.transform(values[part]), known[part]]) for part in parts}

    return {
        "context": known,
        "latent": {part: np.hstack([of.codes, known[part]]) for part, of in parts.items()},
        "pca": components(x),
        "conditioned": components(residuals(x, known)),
        "hand_made": summaries,
        "hybrid": {
            part: np.column_stack([summaries[part], of.events.xmax_fd])
            for part, of in parts.items()
        },
    }


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


def probes(parts: dict[str, Seen]) -> dict[tuple[str, str], Probe]:
    """A linear and a quadratic probe of each set of features, by kind and set."""
    primary = {part: of.events.A.to_numpy() for part, of in parts.items()}
    return {
        (kind, name): probe(features, primary, degree)
        for name, features in feature_sets(parts).items()
        for kind, degree in DEGREES.items()
    }


def curves(
    asked: dict[tuple[str, str], Probe], scored: pd.DataFrame
) -> dict[str, list[figures.Curve]]:
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
    estimates = reconstruction(parts, data.standardise, scale, counts)
    raw = test.events[["event_id", "shower_id", "A"]].reset_index(drop=True)
    raw = raw.assign(error=test.error).join(pd.DataFrame(test.codes).add_prefix("code_"))
    if not data.labelled:
        values = {name: each.value for name, each in estimates.items()}
        tables = {"intervals.csv": bounds(estimates)}
        return Measured(values, raw, reconstructed(estimates), tables, {})
    asked = probes(parts)
    answers = asked["quadratic", "latent"]
    estimates["test_mse_e4_floor"] = floor(data, SEED)
    for (kind, name), found in asked.items():
        for metric, value in identification(found, counts).items():
            estimates[f"{kind}_{metric}_{name}"] = value
    estimates["calibration_error"] = calibration_error(answers, counts)
    estimates |= shifted(model, data, answers, len(test.events))
    table, traces = data.photons()
    scored = photons(parts, seen(model, data.standardise(traces), table, scale), SEED)
    estimates |= detection(scored, SEED)
    bins, sure = by_bin(answers, test.events, counts), reliability(answers)
    return Measured(
        {name: each.value for name, each in estimates.items()},
        raw.assign(answer=answers.answer, p_fe_score=answers.score),
        lines(estimates, answers.confusion(), bins, int(scored.photon.sum())),
        {
            "intervals.csv": bounds(estimates),
            "bins.csv": bins.set_index(["quantity", "low", "high"]),
            "confusion.csv": answers.confusion(),
            "reliability.csv": sure,
        },
        {
            "reconstruction.png": figures.reconstruction_figure(model, data),
            "latent.png": figures.latent_figure(test.codes, test.events),
            "roc.png": figures.roc_figure(curves(asked, scored), SEED),
            "confusion.png": figures.confusion_figure(answers.confusion()),
            "bins.png": figures.bins_figure(bins),
            "reliability.png": figures.reliability_figure(sure),
        },
    )
