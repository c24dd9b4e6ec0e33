"""What is measured of a trained model, and the page and the pictures that show it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from .data import ProjectData
from .figures import latent_figure, reconstruction_figure

PROTON, IRON = 1, 56
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


def context(events: pd.DataFrame) -> np.ndarray:
    """What is known of an event without its traces, shape (events, 8).

    1/cos(zenith), lg of the reconstructed energy, and of each station its distance [m] and the lg
    of its signal [VEM]. A code that tells no more than this has learnt no physics of the primary.
    """
    stations = [events[f"r_{i}"] for i in (1, 2, 3)] + [
        np.log10(events[f"S_{i}"]) for i in (1, 2, 3)
    ]
    return np.column_stack([events.sec_theta, events.lgE_rec, *stations])


def probe(
    train: np.ndarray, test: np.ndarray, primary: dict[str, np.ndarray], degree: int
) -> dict[str, float]:
    """How well a logistic regression tells the primaries apart from frozen features.

    Args:
        train: features of the training part, shape (events, features).
        test: the same of the test part.
        primary: mass numbers of both parts.
        degree: 1 for a linear probe, 2 for a quadratic one.

    Returns:
        `accuracy` over all primaries (chance is 1 / their number), and `p_fe_auc`, the area under
        the ROC curve of log P(iron) - log P(proton) among protons and irons.
    """
    model = make_pipeline(
        StandardScaler(), PolynomialFeatures(degree, include_bias=False), StandardScaler(),
        # Squares of neighbouring features are nearly collinear: single precision or a solver of
        # first order does not converge on them.
        LogisticRegression(C=0.3, solver="newton-cholesky"),
    ).fit(train.astype(float), primary["train"])  # fmt: skip
    truth = primary["test"]
    log_p = model.predict_log_proba(test.astype(float))
    classes = list(model.classes_)
    extremes = np.isin(truth, (PROTON, IRON))
    score = log_p[:, classes.index(IRON)] - log_p[:, classes.index(PROTON)]
    return {
        "accuracy": float(accuracy_score(truth, model.classes_[log_p.argmax(axis=1)])),
        "p_fe_auc": float(roc_auc_score(truth[extremes] == IRON, score[extremes])),
    }


def measure(
    model: torch.nn.Module, data: ProjectData
) -> tuple[dict[str, float], pd.DataFrame, dict[str, Figure]]:
    """Reconstruction and identification on the test part, beside their yardsticks.

    Returns:
        The metrics, where errors are mean squares over bins of log10(1 + S / offset) / 3, times
        10^4; the raw outputs, one row an event with its error and its code; and the pictures, by
        the names of their files.
    """
    unit = float(data.standardise.scale) ** 2 * 1e4
    x = {part: data.parts[part] for part in ("train", "test")}
    with torch.no_grad():
        codes = {part: model.encode(values).numpy() for part, values in x.items()}
        errors = (model.reconstruct(x["test"]) - x["test"]).pow(2).mean(dim=(1, 2)).numpy() * unit
    flat = {part: values.flatten(1).numpy() for part, values in x.items()}
    pca = PCA(codes["test"].shape[1], svd_solver="covariance_eigh").fit(flat["train"])
    rest = flat["test"] - pca.inverse_transform(pca.transform(flat["test"]))
    metrics = {
        "test_mse_e4": float(errors.mean(dtype=float)),
        "test_mse_e4_pca": float((rest**2).mean()) * unit,
        "test_mse_e4_mean": float((flat["test"] ** 2).mean()) * unit,
    }
    events = {part: data.events(part) for part in ("train", "test")}
    primary = {part: table.A.to_numpy() for part, table in events.items()}
    known = {part: context(table) for part, table in events.items()}
    features = {
        "context": known,
        "latent": {part: np.hstack([codes[part], known[part]]) for part in x},
        "pca": {part: np.hstack([pca.transform(flat[part]), known[part]]) for part in x},
    }
    for name, of in features.items():
        for degree, kind in ((1, "linear"), (2, "quadratic")):
            for metric, value in probe(of["train"], of["test"], primary, degree).items():
                metrics[f"{kind}_{metric}_{name}"] = value
    raw = events["test"][["event_id", "A"]].reset_index(drop=True).assign(error=errors)
    raw = raw.join(pd.DataFrame(codes["test"]).add_prefix("code_"))
    pictures = {
        "reconstruction.png": reconstruction_figure(model, data),
        "latent.png": latent_figure(codes["test"], events["test"]),
    }
    return metrics, raw, pictures


def tables(metrics: dict[str, float]) -> list[str]:
    """The metrics as lines of Markdown."""
    lines = [
        "| reconstruction (mean squared error x 10^4) | test |",
        "| --- | --- |",
        f"| autoencoder | {metrics['test_mse_e4']:.2f} |",
        f"| principal components, as many | {metrics['test_mse_e4_pca']:.2f} |",
        f"| the mean trace | {metrics['test_mse_e4_mean']:.2f} |",
        "",
        "| features of the probe | linear: accuracy | p-Fe AUC | quadratic: accuracy | p-Fe AUC |",
        "| --- | --- | --- | --- | --- |",
    ]
    labels = {"context": "context only", "latent": "context + code", "pca": "context + components"}
    for name, label in labels.items():
        values = [
            f"{metrics[f'{kind}_{metric}_{name}']:.3f}"
            for kind in ("linear", "quadratic")
            for metric in ("accuracy", "p_fe_auc")
        ]
        lines.append(f"| {label} | {' | '.join(values)} |")
    return lines
