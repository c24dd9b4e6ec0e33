"""Trainings that are killed at a random moment and go on, beside one that was never stopped.

`python -m tests.kills 20` prints a table of twenty; `test_kills` takes a few of them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import torch

from {{ cookiecutter.project_slug }}.stages import ROOT

from .conftest import MODELS
from .processes import PACKAGE, Stage

EPOCHS = 12


@dataclass(frozen=True)
class Condition:
    """What is trained, and how.

    Attributes:
        model: a group option; the last one draws numbers itself.
        workers: of the loader.
        every: steps between checkpoints within an epoch; none there when "null".
        trainer: a group option.
        threads: of a process.
    """

    model: str = MODELS[-1]
    workers: int = 0
    every: str = "null"
    trainer: str = "cpu"
    threads: int = 1

    def overrides(self) -> list[str]:
        return [
            "experiment=smoke",
            f"trainer.max_epochs={EPOCHS}",
            f"model={self.model}",
            f"trainer={self.trainer}",
            f"threads={self.threads}",
            f"data.loader.num_workers={self.workers}",
            "data.loader.at_once=2",  # several of these in each epoch
            f"checkpoint_every={self.every}",
        ]


CONDITIONS = [
    Condition(model, workers, every)
    for model in MODELS[-2:]
    for workers in (0, 2)
    for every in ("null", "3")
]


def start(
    data: Path, folder: Path, condition: Condition, *overrides: str, observed: bool = True
) -> subprocess.Popen[bytes] | Stage:
    """A training that leaves its run and its batches in `folder`, and the store beside it.

    Where it is not observed nothing is dropped: it is the training as users start it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = [
        *condition.overrides(),
        f"data.folder={data}",
        f"tracking.store={folder.parent / 'mlflow.db'}",
        f"tracking.artifacts={folder.parent / 'artifacts'}",
        f"hydra.run.dir={folder / 'run'}",
        *overrides,
    ]
    batches, said = str(folder / "batches"), folder / "said.txt"
    module = "tests.observed" if observed else f"{PACKAGE}.training"
    if condition.trainer == "cpu":
        return Stage(module, settings, said, BATCHES=batches)
    # Its further processes are made by the command that made it.
    inherited = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
    with said.open("ab") as told:
        return subprocess.Popen(
            [sys.executable, "-m", module, *settings],
            cwd=ROOT,
            env=inherited | {"BATCHES": batches},
            stdout=told,
            stderr=told,
        )


def finish(training: subprocess.Popen[bytes] | Stage, folder: Path) -> None:
    """Wait for its good end."""
    if training.wait() != 0:
        raise AssertionError((folder / "said.txt").read_text())


def killed(
    data: Path, folder: Path, condition: Condition, whole: Path, chance: random.Random
) -> str:
    """Kill a training at a random moment, and let it go on.

    Returns in which batch of Lightning's that was, and the step from which it went on: there are
    two steps to a batch.

    Args:
        data: folder of the data set.
        folder: for the training.
        condition: what is trained.
        whole: folder of the same, not killed.
        chance: says when.
    """
    training = start(data, folder, condition)
    batches, last = folder / "batches", folder / "run/checkpoints/last.ckpt"
    steps = chance.random() * (len(lines(whole / "batches")) - 2)
    while not (last.exists() and len(lines(batches)) > steps):
        assert training.poll() is None, (folder / "said.txt").read_text()
        time.sleep(0.001)
    time.sleep(chance.random() * 0.02)  # anywhere within a step, a validation or a checkpoint
    training.kill()
    training.wait()
    stopped = len(lines(batches))
    reached = torch.load(last, weights_only=True)["global_step"]
    finish(
        start(data, folder, condition, "restore.mode=continue", f"restore.checkpoint={last}"),
        folder,
    )
    return f"batch {stopped}, step {reached}"


def made_data(folder: Path) -> Path:
    """The small data set, in a folder of its own below this one, validated."""
    data = folder / "data"
    for module in ("preparation", "validation"):
        settings = ["experiment=smoke", f"data.folder={data}", f"hydra.run.dir={folder / module}"]
        finish(Stage(f"{PACKAGE}.{module}", settings, folder / "said.txt"), folder)
    return data


def lines(path: Path) -> list[str]:
    """The lines that are whole."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


def same(one: Any, other: Any) -> bool:
    """Equal to the bit, tensors and all that holds them."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two trainings: nothing may."""
    found = []
    for file in ("last", "best"):
        states = [
            torch.load(folder / f"run/checkpoints/{file}.ckpt", weights_only=True)
            for folder in (one, other)
        ]
        for part in ("state_dict", "optimizer_states", "lr_schedulers", "epoch", "global_step"):
            if not same(*(state[part] for state in states)):
                found.append(f"{part} of {file}.ckpt")
        if not same(*(state["callbacks"]["RandomState"] for state in states)):
            found.append(f"generators of {file}.ckpt")
    if metrics(one) != metrics(other):
        found.append("metrics")
    order = [{tuple(line.split()) for line in lines(folder / "batches")} for folder in (one, other)]
    if order[0] != order[1] or len(order[0]) != len(lines(one / "batches")):
        found.append("batches")
    return found


def metrics(folder: Path) -> list[tuple[str, int, float]]:
    """Every metric of every epoch, as the store has it; what the machine did is another matter."""
    record = json.loads((folder / "run/run.json").read_text())["mlflow"]
    client = mlflow.MlflowClient(record["tracking_uri"])
    run = client.get_run(record["run_id"])
    assert run.info.status == "FINISHED"
    return sorted(
        (name, metric.step, metric.value)
        for name in run.data.metrics
        if not name.startswith("system/")
        for metric in client.get_metric_history(record["run_id"], name)
    )


def main() -> int:
    """Print the table; 1 when any kill made a difference."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kills", type=int, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    arguments = parser.parse_args()
    chance, wrong = random.Random(arguments.seed), 0
    print("| model | loader workers | checkpoint every | killed, on from | different |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder, whole = Path(scratch), {}
        data = made_data(folder)
        for number in range(arguments.kills):
            condition = CONDITIONS[number % len(CONDITIONS)]
            if condition not in whole:
                whole[condition] = folder / f"whole{number}"
                finish(start(data, whole[condition], condition), whole[condition])
            stopped = folder / f"killed{number}"
            told = killed(data, stopped, condition, whole[condition], chance)
            found = differences(whole[condition], stopped)
            wrong += bool(found)
            every = "epoch" if condition.every == "null" else f"epoch and {condition.every} steps"
            print(
                f"| {condition.model} | {condition.workers} | {every} | {told} "
                f"| {', '.join(found) or 'nothing'} |",
                flush=True,
            )
    print(f"\n{arguments.kills - wrong} of {arguments.kills} end as if they had not been killed.")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
