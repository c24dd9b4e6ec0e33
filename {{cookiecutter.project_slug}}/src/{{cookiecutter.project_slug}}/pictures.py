"""The stage `pictures`: what all evaluated runs say together, drawn, and kept in MLflow."""

from __future__ import annotations

import mlflow
import numpy as np
from omegaconf import DictConfig

from .figures import learning_figure, results_figure
from .measures import METRICS
from .results import Run, by_experiment, evaluated_on, yardsticks
from .stages import ROOT, stage

FOLDER = ROOT / "docs" / "pictures"


def history(run: Run) -> np.ndarray:
    """Validation error of each epoch of a run, from its tracking server."""
    client = mlflow.MlflowClient(run["mlflow"]["tracking_uri"])
    found = client.get_metric_history(run["mlflow"]["run_id"], "val_loss")
    return np.array([each.value for each in sorted(found, key=lambda each: each.step)])


def table(runs: list[Run]) -> dict[str, dict[str, list[float]]]:
    """Metric -> experiment or yardstick -> one value a run."""
    experiments = by_experiment(runs)
    found: dict[str, dict[str, list[float]]] = {}
    for metric, label in METRICS.items():
        found[label] = {
            name: [run["metrics"][metric] for run in experiments[name]]
            for name in sorted(experiments)
        }
        for name, names, group in yardsticks(experiments):
            found[label][name] = [run["metrics"][names[metric]] for run in group]
    return found


def pictures(cfg: DictConfig) -> list[str]:
    """Draw learning curves over seeds and the table of results; return the files.

    They are written into `docs/pictures/`, and kept in MLflow with each run that they show.

    Raises:
        StageError: no run on this configuration's data was evaluated yet.
    """
    runs = evaluated_on(cfg.data.folder)
    histories: dict[str, list[np.ndarray]] = {}
    for run in runs:
        histories.setdefault(run["config"]["name"], []).append(history(run))
    FOLDER.mkdir(parents=True, exist_ok=True)
    drawn = {
        "learning.png": learning_figure(histories), "results.png": results_figure(table(runs))
    }  # fmt: skip
    for name, figure in drawn.items():
        figure.savefig(FOLDER / name)
        for run in runs:
            client = mlflow.MlflowClient(run["mlflow"]["tracking_uri"])
            client.log_artifact(run["mlflow"]["run_id"], str(FOLDER / name), "pictures")
    print(f"pictures: {', '.join(drawn)} of {len(runs)} runs in {FOLDER}")
    return [str(FOLDER / name) for name in drawn]


if __name__ == "__main__":
    stage(pictures)()
