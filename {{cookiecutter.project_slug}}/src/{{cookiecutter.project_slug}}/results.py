"""The stage `results`: one table of all evaluated runs, with their spread over seeds."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

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


def spread(values: list[float]) -> str:
    """Mean and standard deviation (n - 1); one value has no spread."""
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


def table(runs: list[Run]) -> str:
    """The runs as a page of Markdown: a row for each experiment, and where each number is from.

    Raises:
        StageError: they were trained on different data, and so cannot stand in one table.
    """
    if len({run["provenance"]["data.sha256"] for run in runs}) > 1:
        raise StageError("the runs in outputs/ used different data; delete those of the other one.")
    experiments: dict[str, list[Run]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: run["config"]["seed"]):
        experiments[run["config"]["name"]].append(run)
    lines = [
        "# Results",
        "",
        "Written by `nox -s results`: mean ± standard deviation over seeds, on the test part.",
        "",
        f"| experiment | seeds | {' | '.join(METRICS.values())} |",
        f"| --- | --- | {' | '.join('---' for _ in METRICS)} |",
    ]
    for name, group in experiments.items():
        values = [spread([run["metrics"][metric] for run in group]) for metric in METRICS]
        lines.append(f"| {name} | {len(group)} | {' | '.join(values)} |")
    for name, metrics in YARDSTICKS.items():
        values = [spread([run["metrics"][metrics[metric]] for run in group]) for metric in METRICS]
        lines.append(f"| {name} | {len(group)} | {' | '.join(values)} |")
    lines += [
        "",
        "| run | made by |",
        "| --- | --- |",
    ]
    for group in experiments.values():
        for run in group:
            config = run["config"]
            command = f"nox -s train -- experiment={config['name']} seed={config['seed']}"
            lines.append(f"| `{run['mlflow']['run_id']}` | `{command}` |")
    return "\n".join(lines) + "\n"


def results(cfg: DictConfig) -> None:
    """Write `docs/results.md` from the runs on this configuration's data.

    Raises:
        StageError: no run was evaluated yet, or they used different data.
    """
    folder = cfg.data.folder
    runs = [run for run in evaluated(ROOT / "outputs") if run["config"]["data"]["folder"] == folder]
    if not runs:
        raise StageError("no run was evaluated yet: run `nox -s reproduce` first.")
    page = ROOT / "docs" / "results.md"
    write_whole(page, table(runs))
    print(f"results: {len(runs)} runs in {page}")


if __name__ == "__main__":
    stage(results)()
