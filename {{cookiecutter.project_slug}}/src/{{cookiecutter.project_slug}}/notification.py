"""Tells people of the start, the end and the failure of a training."""

from __future__ import annotations

import time

import pytorch_lightning as pl


class Notify(pl.Callback):
    """Sends a message to one address of apprise, or to several with commas between.

    Mail, chat and plain HTTP: https://appriseit.com/services/. A message that cannot be sent is
    said on the screen and never ends a training.

    Args:
        addresses: of apprise.
        name: what the messages call the training.
        run: where its MLflow run is found.
    """

    def __init__(self, addresses: str, name: str, run: str) -> None:
        import apprise  # here, for it takes a while and most trainings tell nobody

        self.name, self.run = name, run
        self.sender = apprise.Apprise()
        self.started = 0.0
        if not self.sender.add(addresses.split(",")):
            print("train: apprise does not understand every address of notify")

    def send(self, event: str, more: str = "") -> None:
        """Send one message."""
        if not self.sender.notify(
            title=f"{self.name}: {event}", body=f"{more}\n{self.run}".strip()
        ):
            print(f"train: nobody could be told that the training {event}")

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The training starts."""
        self.started = time.monotonic()
        self.send("started")

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """It is over: how long it took, and its last metrics."""
        figures = [f"{name} = {float(x):.6g}" for name, x in trainer.callback_metrics.items()]
        took = f"after {time.monotonic() - self.started:.0f} s"
        self.send("finished", ", ".join([took, *figures]))

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """It failed, and why."""
        self.send("failed", f"{type(exception).__name__}: {exception}")
