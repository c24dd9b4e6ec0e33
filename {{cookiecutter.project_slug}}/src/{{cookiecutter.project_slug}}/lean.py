"""Less of what Lightning does in every step: beside a small model it takes as long as the model."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.profilers import PassThroughProfiler

NOTHING = nullcontext()


class LeanModule(pl.LightningModule):
    """A module in which Lightning notes quickly which of its hooks it is in.

    It does so thirty times a step, and PyTorch looks each time whether that is a parameter.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        """Set the note as any object would; all else as PyTorch does."""
        if name == "_current_fx_name":
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)


class NoProfiler(PassThroughProfiler):
    """Measures nothing, as Lightning's default; that makes a new context each of ninety times."""

    def profile(self, action_name: str) -> AbstractContextManager[None]:
        """One context for all."""
        return NOTHING
