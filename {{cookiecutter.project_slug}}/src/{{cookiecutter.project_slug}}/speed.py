"""The stage `speed`: seconds of training, beside loops written by hand and the device's limit.

Model, data, batches, optimiser, schedule, precision and determinism are the same; what differs is
who loops. The limit is what a large product of matrices reaches on the same device.
Machines are noisy: the ways alternate, and the figure is the median over rounds of the ratio.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.flop_counter import FlopCounterMode

from .checkpoints import Start
from .reproducibility import fix_chance, seed_of
from .stages import ROOT, stage
from .training import build, fit
from .validation import validated

HALF = "bf16-mixed"
LARGE = {"cuda": 8192, "cpu": 1024}  # rows of matrices that keep a device busy
ROUNDS, EPOCHS = 5, 4  # the first epoch of each round warms up and does not count
Batches = Callable[[Tensor, int], Iterator[Tensor]]


class EpochTimer(pl.Callback):
    """Seconds of each training epoch, validation apart."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock when the device has nothing left to do."""
        self.started = now(pl_module.device)

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop it likewise, before the validation that ends each epoch."""
        self.seconds.append(now(pl_module.device) - self.started)


def now(device: torch.device) -> float:
    """Seconds, once the device has finished what it was given.

    On a CPU those that this process had of it: what else the machine does is not counted.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        return time.perf_counter()
    return time.process_time()


def sliced(values: Tensor, size: int) -> Iterator[Tensor]:
    """The fastest batches that one can write by hand: slices of a shuffled index."""
    order = torch.randperm(len(values)).to(values.device)
    for start in range(0, len(values), size):
        yield values[order[start : start + size]]


def ordinary(values: Tensor, size: int) -> Iterator[Tensor]:
    """The batches of an ordinary DataLoader, which fetches row by row."""
    for (batch,) in DataLoader(TensorDataset(values), batch_size=size, shuffle=True):
        yield batch


def by_hand(cfg: DictConfig, device: torch.device, batches: Batches) -> list[float]:
    """Seconds of each epoch of a plain PyTorch loop."""
    fix_chance(seed_of(cfg), cfg.threads)
    torch.use_deterministic_algorithms(cfg.trainer.deterministic)
    model, data = build(cfg)
    model, values = model.to(device), data.parts["train"].to(device)
    half = torch.autocast(device.type, torch.bfloat16, enabled=cfg.trainer.precision == HALF)
    steps = EPOCHS * -(-len(values) // data.batch_size)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=model.learning_rate, weight_decay=model.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, model.learning_rate, steps)
    seconds = []
    for _ in range(EPOCHS):
        started = now(device)
        for x in batches(values, data.batch_size):
            optimizer.zero_grad()
            with half:
                loss = model.losses(x)["loss"]
            loss.backward()
            optimizer.step()
            schedule.step()
        seconds.append(now(device) - started)
    return seconds


def with_lightning(cfg: DictConfig) -> list[float]:
    """Seconds of each epoch of the project's own training, tracking apart."""
    timer = EpochTimer()
    with tempfile.TemporaryDirectory() as scratch:
        fit(cfg, Start(Path(scratch)), {}, callbacks=[timer])
    return timer.seconds


def operations(cfg: DictConfig) -> int:
    """Floating-point operations of the products and convolutions in one epoch of training."""
    plain = cfg.copy()
    plain.compile = None  # what is compiled is not counted
    model, data = build(plain)
    x = data.parts["train"][: data.batch_size]
    with FlopCounterMode(display=False) as counter:
        model.losses(x)["loss"].backward()
    return counter.get_total_flops() * len(data.parts["train"]) // len(x)


def limit(device: torch.device, precision: torch.dtype) -> float:
    """Floating-point operations a second of a large product of matrices, the best of five."""
    n = LARGE[device.type]
    a = torch.rand(n, n, device=device, dtype=precision)
    a @ a  # warms up
    seconds = []
    for _ in range(5):
        started = now(device)
        a @ a
        seconds.append(now(device) - started)
    return 2 * n**3 / min(seconds)


def speed(cfg: DictConfig) -> dict[str, float]:
    """Measure and print; return the median ratios of the project's speed to that of the loops.

    Beside them `limit`: the share of the device's arithmetic that the project's training uses.
    """
    validated(ROOT / cfg.data.folder)
    cfg.trainer.max_epochs = EPOCHS
    device = torch.device("cuda" if cfg.trainer.accelerator == "gpu" else "cpu")
    ways: dict[str, Callable[[], list[float]]] = {
        "project": lambda: with_lightning(cfg),
        "ordinary loop": lambda: by_hand(cfg, device, ordinary),
        "sliced loop": lambda: by_hand(cfg, device, sliced),
    }
    epochs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            epochs[name].append(min(run()[1:]))
    ratios = {
        name: statistics.median(
            theirs / ours for ours, theirs in zip(epochs["project"], epochs[name], strict=True)
        )
        for name in ways
    }
    for name, seconds in epochs.items():
        print(f"speed: {name:14} {statistics.median(seconds):.4f} s an epoch, ", end="")
        print(f"the project has {ratios[name]:.2f} of its speed")
    half = cfg.trainer.precision == HALF
    reached = operations(cfg) / statistics.median(epochs["project"])
    most = limit(device, torch.bfloat16 if half else torch.float32)
    print(f"speed: {reached / 1e9:.2f} GFLOP/s, {reached / most:.3f} of its device's arithmetic")
    print(f"speed: a large product of matrices reaches {most / 1e9:.0f} GFLOP/s")
    return ratios | {"limit": reached / most}


if __name__ == "__main__":
    stage(speed)()
