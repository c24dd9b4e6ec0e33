"""A training that drops inputs at random and writes down the digest of each batch that it sees.

`python -m tests.observed key=value ...` trains as `python -m {{ cookiecutter.project_slug }}.training` does;
one line a step goes into the file that the environment variable BATCHES names. What is dropped
comes from the same generator as all chance of a model, so equal digests mean equal rows, in equal
order, and equal draws.
"""

from __future__ import annotations

import functools
import hashlib
import os
from typing import Any

import torch
from pytorch_lightning import Callback, LightningModule, Trainer

from {{ cookiecutter.project_slug }} import training
from {{ cookiecutter.project_slug }}.stages import stage


class Observer(Callback):
    """Appends to a file: the step, and the digest of its batch after the dropout."""

    def __init__(self, path: str) -> None:
        self.path = path

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: torch.Tensor, *_: Any
    ) -> None:
        torch.nn.functional.dropout(batch, 0.1, inplace=True)
        line = f"{trainer.global_step} {hashlib.sha256(batch.numpy().tobytes()).hexdigest()}\n"
        path = self.path if trainer.is_global_zero else f"{self.path}.{trainer.global_rank}"
        with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(line)


def main() -> None:
    """Train, observed."""
    fit = training.fit
    observer = Observer(os.environ["BATCHES"])

    @functools.wraps(fit)
    def observed(*arguments: Any) -> Any:
        *most, told = arguments if len(arguments) == 5 else (*arguments, False, [])
        return fit(*most, [*told, observer])

    training.fit = observed
    training.log_model = lambda *_: None  # takes longer than all else, after the training
    stage(training.train)()


if __name__ == "__main__":
    main()
