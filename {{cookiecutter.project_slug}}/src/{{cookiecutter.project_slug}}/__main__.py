"""The whole pipeline in one command: data, validate, train, evaluate."""

from __future__ import annotations

from omegaconf import DictConfig

from .evaluation import evaluate
from .preparation import data
from .stages import stage
from .training import train
from .validation import validate


def reproduce(cfg: DictConfig) -> None:
    """Run each stage with the same configuration; the first that fails is the last that runs."""
    data(cfg)
    validate(cfg)
    cfg.run = str(train(cfg))  # others may have ended since: the newest may not be this one
    evaluate(cfg)


if __name__ == "__main__":
    stage(reproduce)()
