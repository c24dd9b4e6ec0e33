"""The stage `reference`: what all evaluated runs say, beside the figures of a prototype.

The prototype was another program, with showers of its own, written before this project. Its figures
and the bands that were agreed on beforehand are in `docs/reference.csv`; the table goes into the
model card.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import pandas as pd
from omegaconf import DictConfig

from . import report
from .results import Run, evaluated_on
from .stages import ROOT, StageError, stage, write_whole
from .training import RECORD

FIGURES = ROOT / "docs" / "reference.csv"
CARD = ROOT / "docs" / "model-card.md"
BEGIN, END = "<!-- nox -s reference: begin -->\n", "<!-- end -->\n"
Bounds = dict[str, pd.DataFrame]
Figure = dict[str, str]
"""A row of `docs/reference.csv`: `what` it is, its `metric`, `over` which other metric it is taken,
of which `experiment`; of the `prototype` its value and `spread`; `least` and `most` of the band."""


def figures() -> list[Figure]:
    """Those of the prototype, as they are written."""
    return pd.read_csv(FIGURES, dtype=str, keep_default_na=False).to_dict("records")


def bounds(outputs: Path) -> Bounds:
    """Intervals of every metric of each evaluated run, by the run's number in MLflow."""
    return {
        json.loads((path.parents[1] / RECORD).read_text("utf-8"))["mlflow"]["run_id"]: pd.read_csv(
            path, index_col="metric"
        )
        for path in sorted(outputs.glob("*/*/evaluation/intervals.csv"))
    }


def ours(figure: Figure, runs: list[Run]) -> list[float]:
    """The value of a figure in each run: that of its metric, over another metric if it has one."""
    values = [run["metrics"][figure["metric"]] for run in runs]
    if not figure["over"]:
        return values
    below = [run["metrics"][figure["over"]] for run in runs]
    return [value / each for value, each in zip(values, below, strict=True)]


def interval(figure: Figure, runs: list[Run], known: Bounds, digits: int) -> str:
    """The 95 % interval over showers, averaged over runs; nothing for a ratio of two metrics."""
    if figure["over"]:
        return ""
    found = [known[run["mlflow"]["run_id"]].loc[figure["metric"]] for run in runs]
    low, high = (statistics.mean(each[end] for each in found) for end in ("low", "high"))
    return f"[{low:.{digits}f}, {high:.{digits}f}]"


def row(figure: Figure, runs: list[Run], known: Bounds) -> list[str]:
    """One line of the table."""
    digits = len(figure["prototype"].partition(".")[2])
    values = ours(figure, runs)
    mean = statistics.mean(values)
    varies = len({*values}) > 1  # what no model takes part in does not
    spread = f" ± {statistics.stdev(values):.{digits}f}" if varies else ""
    low, high = figure["least"], figure["most"]
    inside = float(low or "-inf") <= mean <= float(high or "inf")
    band = f"{low} to {high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    return [
        figure["experiment"],
        figure["what"],
        str(len(runs)),
        f"{mean:.{digits}f}{spread}",
        interval(figure, runs, known, digits),
        figure["prototype"] + (f" ± {figure['spread']}" if figure["spread"] else ""),
        f"{band}: {'yes' if inside else 'no'}" if low or high else "",
    ]


def table(wanted: list[Figure], runs: list[Run], known: Bounds) -> list[str]:
    """The figures of those experiments that were run, as lines of Markdown."""
    rows = []
    for figure in wanted:
        own = [run for run in runs if run["config"]["name"] == figure["experiment"]]
        if own:
            rows.append(row(figure, own, known))
    head = ["experiment", "figure", "seeds", "mean ± standard deviation", "95 % over showers"]
    return report.table([*head, "prototype", "within the band"], rows)


def replaced(text: str, lines: list[str]) -> str:
    """A text with other lines between the two marks.

    Raises:
        StageError: a mark is missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise StageError(f"{CARD} has no line {BEGIN.strip()} with {END.strip()} after it.")
    return "".join([before, begin, "\n".join(["", *lines, "", ""]), end, after])


def reference(cfg: DictConfig) -> Path:
    """Write the table into the model card, from the runs on this configuration's data.

    Raises:
        StageError: no run was evaluated yet, or the card has no place for the table.
    """
    runs = evaluated_on(cfg.data.folder)
    lines = table(figures(), runs, bounds(ROOT / "outputs"))
    write_whole(CARD, replaced(CARD.read_text("utf-8"), lines))
    print(f"reference: {len(runs)} runs in {CARD}")
    return CARD


if __name__ == "__main__":
    stage(reference)()
