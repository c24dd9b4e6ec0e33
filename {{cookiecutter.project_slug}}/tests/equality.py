"""One training after another, each under another condition: what differs from the first.

`python -m tests.equality` prints a table; `test_determinism` and `test_ddp` hold what it shows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from .conftest import MODELS
from .kills import Condition, differences, finish, made_data, metrics, start


def compared(data: Path, folder: Path, model: str) -> Iterator[tuple[str, str]]:
    """Each condition, and what differs under it from one process with one thread and no workers.

    Args:
        data: folder of the data set.
        folder: for the trainings.
        model: a group option.
    """
    plain = Condition(model)
    first = trained(data, folder / "first", plain)
    again = {
        "the same again": plain,
        "1 loader worker": replace(plain, workers=1),
        "2 loader workers": replace(plain, workers=2),
        "a checkpoint every 3 steps": replace(plain, every="3"),
        "2 threads": replace(plain, threads=2),
    }
    for name, condition in again.items():
        other = trained(data, folder / name.replace(" ", "-"), condition)
        yield name, ", ".join(differences(first, other)) or "nothing"
    other = trained(data, folder / "another-seed", plain, "seed=2")
    yield "another seed", ", ".join(differences(first, other)) or "nothing"
    # What drops inputs in `observed` would draw in each process for itself.
    one = trained(data, folder / "one", plain, observed=False)
    two = trained(data, folder / "two", replace(plain, trainer="ddp"), observed=False)
    same = trained(data, folder / "same", replace(plain, trainer="ddp"), observed=False)
    yield "2 processes (gloo), the same again", ", ".join(differences(two, same)) or "nothing"
    yield "2 processes (gloo), against one", farthest(one, two)


def trained(
    data: Path, folder: Path, condition: Condition, *overrides: str, observed: bool = True
) -> Path:
    """The folder of a training that came to its end."""
    finish(start(data, folder, condition, *overrides, observed=observed), folder)
    return folder


def farthest(one: Path, other: Path) -> str:
    """How far weights and metrics of two trainings are apart."""
    weights = [
        torch.load(folder / "run/checkpoints/last.ckpt", weights_only=True)["state_dict"]
        for folder in (one, other)
    ]
    apart = max(float((weights[0][name] - weights[1][name]).abs().max()) for name in weights[0])
    pairs = zip(metrics(one), metrics(other), strict=True)
    most = max(abs(ours[2] - theirs[2]) / abs(ours[2] or 1) for ours, theirs in pairs)
    return f"weights by at most {apart:.1g}, metrics by at most {most:.1g} of their value"


def main() -> None:
    """Print the table."""
    print("| model | condition | different |\n| --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        data = made_data(Path(scratch))
        for model in MODELS[-2:]:
            for condition, found in compared(data, Path(scratch, model), model):
                print(f"| {model} | {condition} | {found} |", flush=True)


if __name__ == "__main__":
    main()
