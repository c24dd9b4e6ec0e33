"""The stage `results`: all evaluated runs with their spread over seeds, and what they say."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import DictConfig

from . import claims
from .measures import METRICS, YARDSTICKS
from .stages import ROOT, StageError, stage, write_whole
from .training import RECORD

Run = dict[str, Any]


def evaluated(outputs: Path) -> list[Run]:
    """Records of all evaluated runs with their metrics, the newest of each experiment and seed."""
    newest: dict[tuple[str, int], Run] = {}
    for path in sorted(outputs.glob("*/*/evaluation/metrics.json")):
        run = json.loads((path.parents[1] / RECORD).read_text("utf-8"))
        run["metrics"] = json.loads(path.read_text("utf-8"))
        newest[run["config"]["name"], run["config"]["seed"]] = run
    return list(newest.values())


def evaluated_on(folder: str) -> list[Run]:
    """Records of the project's evaluated runs on the data in `folder`.

    Raises:
        StageError: there is none yet.
    """
    runs = [run for run in evaluated(ROOT / "outputs") if run["config"]["data"]["folder"] == folder]
    if not runs:
        raise StageError("no run was evaluated yet: run `nox -s reproduce` first.")
    return runs


def spread(values: list[float]) -> str:
    """Mean and standard deviation (n - 1); one value has no spread."""
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


def settings(run: Run) -> Run:
    """What the runs of one experiment have in common: all of its configuration but the seed."""
    return {k: v for k, v in run["config"].items() if k not in {"seed", "run", "restore"}}


def by_experiment(runs: list[Run]) -> dict[str, list[Run]]:
    """The runs of each experiment, by their seeds."""
    experiments: dict[str, list[Run]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: run["config"]["seed"]):
        experiments[run["config"]["name"]].append(run)
    return experiments


def yardsticks(experiments: dict[str, list[Run]]) -> list[tuple[str, dict[str, str], list[Run]]]:
    """Label, names of metrics and runs of each yardstick.

    Experiments share one where it has the same values to the digits of the table. Where it has
    not, as when codes are of different sizes, each label says whose it is.
    """
    found = []
    for name, metrics in YARDSTICKS.items():
        alike: dict[frozenset[tuple[str, ...]], list[str]] = defaultdict(list)
        for experiment, group in experiments.items():
            rows = (tuple(f"{run['metrics'][each]:.3f}" for each in metrics.values())
                    for run in group)  # fmt: skip
            alike[frozenset(rows)].append(experiment)
        for whose in alike.values():
            label = name if len(alike) == 1 else f"{name}, for {', '.join(whose)}"
            found.append((label, metrics, [run for each in whose for run in experiments[each]]))
    return found


def table(runs: list[Run]) -> str:
    """The runs as a page of Markdown: a row for each experiment, and where each number is from.

    Raises:
        StageError: they differ in their data, or in more than the seed within one experiment, and
            so cannot stand in one table.
    """
    if len({run["provenance"]["data.sha256"] for run in runs}) > 1:
        raise StageError("the runs in outputs/ used different data; delete those of the other one.")
    experiments = by_experiment(runs)
    for name, group in experiments.items():
        if any(settings(run) != settings(group[0]) for run in group):
            raise StageError(
                f"the runs of {name} in outputs/ have other settings than each other: give the "
                "others a name of their own, or delete them."
            )
    lines = [
        "# Results",
        "",
        "Written by `nox -s results`: mean ± standard deviation over seeds, on the test part. All",
        "metrics of all runs are in `results.csv`.",
        "",
        f"| experiment | runs | {' | '.join(METRICS.values())} |",
        f"| --- | --- | {' | '.join('---' for _ in METRICS)} |",
    ]
    for name, group in experiments.items():
        values = [spread([run["metrics"][metric] for run in group]) for metric in METRICS]
        lines.append(f"| {name} | {len(group)} | {' | '.join(values)} |")
    for name, metrics, group in yardsticks(experiments):
        values = [spread([run["metrics"][metrics[metric]] for run in group]) for metric in METRICS]
        lines.append(f"| {name} | {len(group)} | {' | '.join(values)} |")
    lines += ["", "## Claims", "", *claims.table(runs), "", "## Where each number is from", ""]
    return "\n".join([*lines, *sources(experiments)]) + "\n"


def sources(experiments: dict[str, list[Run]]) -> list[str]:
    """Number -> run -> command and configuration, as a table of Markdown."""
    lines = [
        f"| {next(iter(METRICS.values()))} | run | command | configuration | commit |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, group in experiments.items():
        for run in group:
            tags, value = run["provenance"], run["metrics"][next(iter(METRICS))]
            changed = " and changes" if tags["git.dirty"] == "true" else ""
            lines.append(
                f"| {value:.3f} | `{run['mlflow']['run_id']}` "
                f"| `nox -s reproduce -- experiment={name} seed={run['config']['seed']}` "
                f"| `conf/experiment/{name}.yaml` | `{tags['git.commit'][:12]}`{changed} |"
            )
    return lines


def raw(runs: list[Run]) -> str:
    """Every metric of every run as CSV: what the tables are made of."""
    rows = [
        {
            "experiment": run["config"]["name"],
            "seed": run["config"]["seed"],
            "run": run["mlflow"]["run_id"],
            "commit": run["provenance"]["git.commit"],
            "data": run["provenance"]["data.sha256"],
            "locks": run["provenance"]["lock.sha256"],
        }
        | run["metrics"]
        for run in runs
    ]
    return pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")


def results(cfg: DictConfig) -> None:
    """Write `docs/results.md` and `docs/results.csv` from the runs on this configuration's data.

    Raises:
        StageError: no run was evaluated yet, or they used different data.
    """
    runs = evaluated_on(cfg.data.folder)
    page = ROOT / "docs" / "results.md"
    write_whole(page, table(runs))
    write_whole(page.with_suffix(".csv"), raw(runs))
    print(f"results: {len(runs)} runs in {page}")


if __name__ == "__main__":
    stage(results)()
