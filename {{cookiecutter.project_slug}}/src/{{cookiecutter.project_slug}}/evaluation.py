"""The stage `evaluate`: numbers and pictures of a trained model, from data it never saw."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mlflow
import torch
from hydra.utils import get_class
from omegaconf import DictConfig

from .claims import about
from .data import ProjectData
from .loading import refuse_other
from .measured import Measured
from .measures import measure
from .stages import ROOT, StageError, stage, write_whole
from .training import RECORD, lasting
from .validation import validated


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


def page(found: Measured, record: dict[str, Any]) -> str:
    """What was measured as a page of Markdown that says where it comes from."""
    tags = record["provenance"]
    dirty = " with uncommitted changes" if tags["git.dirty"] == "true" else ""
    lines = [
        f"# Results of {record['config']['name']}, seed {record['config']['seed']}",
        "",
        f"MLflow run `{record['mlflow']['run_id']}`, commit `{tags['git.commit'][:12]}`{dirty}, "
        f"data `{tags['data.sha256'][:12]}`, locks `{tags['lock.sha256'][:12]}`; "
        f"{len(found.raw)} rows of the test part, one seed.",
        "",
        *about(record),
        "",
        *found.page,
    ]
    return "\n".join(lines) + "\n"


def evaluate(cfg: DictConfig) -> Path:
    """Evaluate a run, write numbers and pictures into its folder and its MLflow run.

    Raises:
        StageError: there is no such run, or the data is not what the run was trained on, or it
            is prepared otherwise, or the disk is full, or the tracking server is lost.
    """
    folder = run_folder(cfg)
    record = json.loads((folder / RECORD).read_text("utf-8"))
    config = DictConfig(record["config"])
    if validated(ROOT / config.data.folder) != record["provenance"]["data.sha256"]:
        raise StageError(f"{config.data.folder} is not the data that {folder} was trained on.")
    data = ProjectData.of(config.data)
    # A run of an earlier version of the project kept no summary.
    refuse_other(data.summary(), record.get("prepared", {}))
    model = get_class(config.model._target_).load_from_checkpoint(
        folder / record["checkpoint"], map_location="cpu", weights_only=True
    )
    torch.set_num_threads(config.threads)
    found = measure(model.eval(), data)
    report = folder / "evaluation"
    with lasting(report, f"evaluate again: run={folder}"):
        keep(found, report, record)
    print(f"evaluate: {report / 'results.md'} and its pictures")
    return report


def keep(found: Measured, report: Path, record: dict[str, Any]) -> None:
    """Write what was measured into its folder, and into the MLflow run."""
    report.mkdir(exist_ok=True)
    write_whole(report / "metrics.json", json.dumps(found.metrics, indent=2) + "\n")
    write_whole(report / "predictions.csv", found.raw.to_csv(index=False, lineterminator="\n"))
    write_whole(report / "results.md", page(found, record))
    for name, table in found.tables.items():
        write_whole(report / name, table.to_csv(lineterminator="\n"))
    for name, picture in found.pictures.items():
        picture.savefig(report / name)
    client = mlflow.MlflowClient(record["mlflow"]["tracking_uri"])
    for name, value in found.metrics.items():
        client.log_metric(record["mlflow"]["run_id"], name, value)
    client.log_artifacts(record["mlflow"]["run_id"], str(report), "evaluation")


if __name__ == "__main__":
    stage(evaluate)()
