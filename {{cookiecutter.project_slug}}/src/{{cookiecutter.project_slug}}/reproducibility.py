"""Chance under control: seeds, threads, and random states that survive a stop."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig
from pytorch_lightning import Callback, seed_everything

from .stages import StageError

LARGEST_SEED = 2**32 - 1  # what NumPy's legacy generator takes


def seed_of(cfg: DictConfig) -> int:
    """The seed of the configuration, an integer from 0 to 2**32 - 1.

    Raises:
        StageError: it is missing, null, or not such an integer. There is no default: a run whose
            seed nobody chose cannot be repeated.
    """
    seed = cfg.seed
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise StageError(f"seed is {seed!r}; set seed to an integer from 0 to {LARGEST_SEED}.")
    return seed


def fix_chance(seed: int, threads: int) -> None:
    """Seed Python, NumPy and PyTorch (and loader workers), and fix the number of threads.

    Threads belong to the condition of a run: the order of a parallel sum, and so its last bits,
    depend on their number.
    """
    seed_everything(seed, workers=True, verbose=False)
    torch.set_num_threads(threads)


class RandomState(Callback):
    """Keeps the state of every random generator in the checkpoint.

    Lightning 2.6 does not: a run that is stopped and resumed would draw other numbers than one
    that was not. The state is restored in `load_state_dict`, before the loaders make their
    iterators; any later hook comes one draw too late. Only plain types and tensors are kept, so
    that the checkpoint loads with `weights_only=True`.
    """

    def state_dict(self) -> dict[str, Any]:
        """State of Python's, NumPy's, PyTorch's and CUDA's generators."""
        name, keys, *rest = np.random.get_state()
        return {
            "python": random.getstate(),
            "numpy": (name, keys.tolist(), *rest),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put every generator back to where it was."""
        kind, internal, gauss = state_dict["python"]
        random.setstate((kind, tuple(internal), gauss))
        np.random.set_state(tuple(state_dict["numpy"]))
        torch.set_rng_state(state_dict["torch"])
        torch.cuda.set_rng_state_all(state_dict["cuda"])
