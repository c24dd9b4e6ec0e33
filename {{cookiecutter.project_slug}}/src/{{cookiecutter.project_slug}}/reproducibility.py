"""What identifies a run (code, locks, data, machine), and the state of chance within it."""

from __future__ import annotations

import hashlib
import platform
import random
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig
from pytorch_lightning import Callback, seed_everything

from .stages import ROOT, StageError

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


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def lock_digest() -> str:
    """SHA-256 over the names and contents of the locks in `requirements/`."""
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    return hashlib.sha256(b"".join(p.name.encode() + p.read_bytes() for p in locks)).hexdigest()


def git(*arguments: str) -> str | None:
    """What git prints, or None without git or outside a repository."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode(errors="replace").strip()


def provenance(data_digest: str) -> dict[str, str]:
    """Code, environment, data and machine of this run, as plain text."""
    status = git("status", "--porcelain")
    return {
        "git.commit": git("rev-parse", "--verify", "HEAD") or "none",
        "git.dirty": "unknown" if status is None else str(bool(status)).lower(),
        "lock.sha256": lock_digest(),
        "data.sha256": data_digest,
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cuda": torch.version.cuda or "none",
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }


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


class Provenance(Callback):
    """Writes into each checkpoint what the run is made of, so that the file speaks for itself."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def state_dict(self) -> dict[str, Any]:
        """Configuration, seed, commit, and the digests of locks and data."""
        return self.record
