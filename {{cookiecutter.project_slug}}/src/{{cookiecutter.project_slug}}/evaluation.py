"""The stage `evaluate`: numbers and pictures of a trained model, from data it never saw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import torch
from hydra.utils import get_class
from omegaconf import DictConfig
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from .data import ShowerData
from .figures import latent_figure, reconstruction_figure
from .stages import ROOT, StageError, stage
from .training import RECORD
from .validation import validated

PROTON, IRON = 1, 56


def run_folder(cfg: DictConfig) -> Path:
    """The folder of the run to evaluate: `cfg.run`, or the newest finished one of this experiment.

    Raises:
        StageError: there is none.
    """
    if cfg.run:
        folders = [Path(cfg.run)] if (Path(cfg.run) / RECORD).exists() else []
    else:
        folders = sorted(path.parent for path in (ROOT / "outputs" / cfg.name).glob(f"*/{RECORD}"))
    if not folders:
        raise StageError(
            f"no finished run of {cfg.run or cfg.name} was found: run `nox -s train` first."
        )
    return folders[-1].resolve()


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


def numbers(model: torch.nn.Module, data: ShowerData) -> tuple[dict[str, float], np.ndarray]:
    """Reconstruction and identification on the test part, beside their yardsticks.

    Returns:
        The metrics, and the codes of the test part, shape (events, latent). Errors are mean squares
        over bins of log10(1 + S / offset) / 3, times 10^4.
    """
    unit = float(data.standardise.scale) ** 2 * 1e4
    x = {part: data.parts[part] for part in ("train", "test")}
    with torch.no_grad():
        codes = {part: model.encode(values).numpy() for part, values in x.items()}
        error = torch.nn.functional.mse_loss(model.reconstruct(x["test"]), x["test"])
    flat = {part: values.flatten(1).numpy() for part, values in x.items()}
    pca = PCA(codes["test"].shape[1], svd_solver="covariance_eigh").fit(flat["train"])
    rest = flat["test"] - pca.inverse_transform(pca.transform(flat["test"]))
    metrics = {
        "test_mse_e4": float(error) * unit,
        "test_mse_e4_pca": float((rest**2).mean()) * unit,
        "test_variance_e4": float((flat["test"] ** 2).mean()) * unit,
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
    return metrics, codes["test"]


def results(metrics: dict[str, float], record: dict[str, Any], events: int) -> str:
    """The metrics as a page of Markdown that says where they come from."""
    tags = record["provenance"]
    dirty = " with uncommitted changes" if tags["git.dirty"] == "true" else ""
    lines = [
        f"# Results of {record['config']['name']}, seed {record['config']['seed']}",
        "",
        f"MLflow run `{record['mlflow']['run_id']}`, commit `{tags['git.commit'][:12]}`{dirty}, "
        f"data `{tags['data.sha256'][:12]}`, locks `{tags['lock.sha256'][:12]}`; "
        f"{events} test events, one seed.",
        "",
        "| reconstruction (mean squared error x 10^4) | test |",
        "| --- | --- |",
        f"| autoencoder | {metrics['test_mse_e4']:.2f} |",
        f"| principal components, as many | {metrics['test_mse_e4_pca']:.2f} |",
        f"| the mean trace | {metrics['test_variance_e4']:.2f} |",
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
    return "\n".join(lines) + "\n"


def evaluate(cfg: DictConfig) -> Path:
    """Evaluate a run, write numbers and pictures into its folder and its MLflow run.

    Raises:
        StageError: there is no such run, or the data is not what the run was trained on.
    """
    folder = run_folder(cfg)
    record = json.loads((folder / RECORD).read_text("utf-8"))
    config = DictConfig(record["config"])
    if validated(ROOT / config.data.folder) != record["provenance"]["data.sha256"]:
        raise StageError(f"{config.data.folder} is not the data that {folder} was trained on.")
    data = ShowerData(ROOT / config.data.folder, config.data.offset, **config.data.loader)
    data.setup()
    model = get_class(config.model._target_).load_from_checkpoint(
        folder / record["checkpoint"], map_location="cpu", weights_only=True
    )
    torch.set_num_threads(config.threads)
    metrics, codes = numbers(model.eval(), data)
    report = folder / "evaluation"
    report.mkdir(exist_ok=True)
    events = data.events("test")
    (report / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", "utf-8")
    (report / "results.md").write_text(results(metrics, record, len(events)), "utf-8")
    reconstruction_figure(model, data).savefig(report / "reconstruction.png")
    latent_figure(codes, events).savefig(report / "latent.png")
    client = mlflow.MlflowClient(record["mlflow"]["tracking_uri"])
    for name, value in metrics.items():
        client.log_metric(record["mlflow"]["run_id"], name, value)
    client.log_artifacts(record["mlflow"]["run_id"], str(report), "evaluation")
    print(f"evaluate: {report / 'results.md'} and its pictures")
    return report


if __name__ == "__main__":
    stage(evaluate)()
