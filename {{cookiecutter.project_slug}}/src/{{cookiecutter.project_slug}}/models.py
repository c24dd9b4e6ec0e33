"""The autoencoders."""

from __future__ import annotations

import torch
from pytorch_lightning import LightningModule
from torch import Tensor, nn

from .data import Standardise


class SimpleAutoencoder(LightningModule):
    """One hidden layer: 384 -> latent -> 384, with a GELU on the code.

    With centred inputs it finds the plane that principal components find: it is the yardstick
    that a deeper model has to beat, not a competitor of theirs.

    Args:
        latent: size of the code.
        learning_rate: the highest rate of the one-cycle schedule.
        weight_decay: of AdamW.
        offset: in VEM per bin, see `Standardise`.
    """

    def __init__(
        self, latent: int, learning_rate: float, weight_decay: float, offset: float,
        stations: int = 3, bins: int = 128,
    ) -> None:  # fmt: skip
        super().__init__()
        self.save_hyperparameters()  # plain numbers only, so that the checkpoint loads safely
        self.standardise = Standardise(offset, stations, bins)
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(stations * bins, latent), nn.GELU())
        self.decoder = nn.Sequential(
            nn.Linear(latent, stations * bins), nn.Unflatten(1, (stations, bins))
        )

    def forward(self, traces: Tensor) -> Tensor:
        """Traces (events, stations, bins) in VEM per bin -> codes (events, latent)."""
        return self.encoder(self.standardise(traces))

    def reconstruct(self, x: Tensor) -> Tensor:
        """Standardised traces -> what decoder makes of their codes, standardised too."""
        return self.decoder(self.encoder(x))

    def training_step(self, x: Tensor, batch_idx: int) -> Tensor:
        """Mean squared error of a batch, over all bins."""
        loss = nn.functional.mse_loss(self.reconstruct(x), x)
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, x: Tensor, batch_idx: int) -> None:
        """The same error on traces that were not trained on; it chooses the checkpoint."""
        self.log("val_loss", nn.functional.mse_loss(self.reconstruct(x), x))

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle schedule over all steps of the training."""
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.hparams.learning_rate, weight_decay=self.hparams.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, self.hparams.learning_rate, int(self.trainer.estimated_stepping_batches)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
