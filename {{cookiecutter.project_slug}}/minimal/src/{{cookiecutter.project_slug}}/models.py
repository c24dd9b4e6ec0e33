"""The models: linear and with one hidden layer, alike but for their networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .data import Standardise
from .steps import SteppingModule


class Classifier(SteppingModule):
    """What all have in common: rows in, probabilities of the classes out.

    A subclass sets `network`, which gives one number for each class; the largest wins.

    Args:
        features: how many inputs a row has.
        learning_rate: the highest rate of the one-cycle schedule.
        weight_decay: of AdamW.
    """

    network: nn.Module

    def __init__(self, features: int, learning_rate: float, weight_decay: float) -> None:
        super().__init__()
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.standardise = Standardise(features)

    def forward(self, values: Tensor) -> Tensor:
        """Inputs as measured (rows, features) -> probabilities (rows, classes)."""
        return self.network(self.standardise(values)).softmax(dim=1)

    def losses(self, batch: Tensor) -> dict[str, Tensor]:
        """Cross-entropy of a batch (rows, features + 1), the class in its last column."""
        found = self.network(batch[:, :-1])
        return {"loss": nn.functional.cross_entropy(found, batch[:, -1].long())}

    def validation_step(self, batch: Tensor, batch_idx: int) -> None:
        """The same on rows that were not trained on; it chooses the checkpoint."""
        self.log("val_loss", self.losses(batch)["loss"], batch_size=len(batch), sync_dist=True)

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle schedule over all steps of the training."""
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.learning_rate, self.steps)
        return {"optimizer": optimizer, "lr_scheduler": schedule}


class Linear(Classifier):
    """Logistic regression: what any other model has to beat."""

    def __init__(
        self, features: int, classes: int, learning_rate: float, weight_decay: float
    ) -> None:
        super().__init__(features, learning_rate, weight_decay)
        self.save_hyperparameters()  # plain numbers only, so that the checkpoint loads safely
        self.network = nn.Linear(features, classes)


class Network(Classifier):
    """One hidden layer with dropout.

    Args:
        hidden: its width.
        dropout: share of its units that a training step leaves out.
    """

    def __init__(
        self, features: int, classes: int, learning_rate: float, weight_decay: float,
        hidden: int, dropout: float,
    ) -> None:  # fmt: skip
        super().__init__(features, learning_rate, weight_decay)
        self.save_hyperparameters()
        self.network = nn.Sequential(
            nn.Linear(features, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, classes)
        )
