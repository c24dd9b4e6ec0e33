"""The autoencoders: simple, deep and variational, alike but for their networks and losses."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .collapse import ACTIVE, usable_units
from .data import Standardise
from .steps import SteppingModule

STATIONS, BINS = 3, 128


def heard(x: Tensor) -> Tensor:
    """Which stations saw something, (events, stations, 1): silent ones are 0, see `Standardise`."""
    return (x != 0).any(dim=2, keepdim=True)


def squared_errors(y: Tensor, x: Tensor) -> Tensor:
    """Mean squared error of each reconstruction `y`, over the stations that saw something."""
    asked = heard(x)
    return (y * asked - x).pow(2).mean(dim=2).sum(dim=1) / asked.sum(dim=(1, 2)).clamp(min=1)


class Autoencoder(SteppingModule):
    """What all have in common: standardised traces in, a code, standardised traces out.

    A subclass sets `encoder` and `decoder`.

    Args:
        learning_rate: the highest rate of the one-cycle schedule.
        weight_decay: of AdamW.
        offset: in VEM per bin, see `Standardise`.
    """

    encoder: nn.Module
    decoder: nn.Module
    silent = False  # whether a station of the data saw nothing; asking costs a third of a step

    def __init__(self, learning_rate: float, weight_decay: float, offset: float) -> None:
        super().__init__()
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.standardise = Standardise(offset, STATIONS, BINS)

    def encode(self, x: Tensor) -> Tensor:
        """Standardised traces (events, stations, bins) -> codes (events, latent)."""
        return self.encoder(x)

    def forward(self, traces: Tensor) -> Tensor:
        """Traces (events, stations, bins) in VEM per bin -> codes (events, latent)."""
        return self.encode(self.standardise(traces))

    def reconstruct(self, x: Tensor) -> Tensor:
        """Standardised traces -> what the decoder makes of their codes, standardised too."""
        return self.decoder(self.encode(x))

    def asked(self, y: Tensor, x: Tensor) -> Tensor:
        """What is asked of reconstructions `y`: nothing at stations that saw nothing."""
        return y * heard(x) if self.silent else y

    def on_fit_start(self) -> None:
        """See whether any station is silent."""
        self.silent = not all(heard(x).all() for x in self.trainer.datamodule.parts.values())

    def losses(self, x: Tensor) -> dict[str, Tensor]:
        """The loss of a batch, `loss`: mean squared error over all bins."""
        return {"loss": nn.functional.mse_loss(self.asked(self.reconstruct(x), x), x)}

    def validation_step(self, x: Tensor, batch_idx: int) -> None:
        """The squared error on traces that were not trained on; it chooses the checkpoint."""
        loss = nn.functional.mse_loss(self.asked(self.reconstruct(x), x), x)
        self.log("val_loss", loss, batch_size=len(x), sync_dist=True)

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a one-cycle schedule over all steps of the training."""
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.learning_rate, self.steps)
        return {"optimizer": optimizer, "lr_scheduler": schedule}


class SimpleAutoencoder(Autoencoder):
    """One hidden layer: 384 -> latent -> 384, with a GELU on the code.

    With centred inputs it finds the plane that principal components find: it is the yardstick
    that a deeper model has to beat, not a competitor of theirs.
    """

    def __init__(
        self, latent: int, learning_rate: float, weight_decay: float, offset: float
    ) -> None:
        super().__init__(learning_rate, weight_decay, offset)
        self.save_hyperparameters()  # plain numbers only, so that the checkpoint loads safely
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(STATIONS * BINS, latent), nn.GELU())
        self.decoder = nn.Sequential(
            nn.Linear(latent, STATIONS * BINS), nn.Unflatten(1, (STATIONS, BINS))
        )


def trunk() -> nn.Sequential:
    """Three strided convolutions and a dense layer: (events, 3, 128) -> (events, 128)."""
    layers: list[nn.Module] = []
    for channels_in, channels_out in ((STATIONS, 16), (16, 32), (32, 64)):
        layers += [nn.Conv1d(channels_in, channels_out, 5, stride=2, padding=2), nn.GELU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * BINS // 8, 128), nn.GELU())


def mirror(latent: int) -> nn.Sequential:
    """The way back: (events, latent) -> (events, 3, 128)."""
    layers: list[nn.Module] = [
        nn.Linear(latent, 128), nn.GELU(), nn.Linear(128, 64 * BINS // 8), nn.GELU(),
        nn.Unflatten(1, (64, BINS // 8)),
    ]  # fmt: skip
    for channels_in, channels_out in ((64, 32), (32, 16), (16, 16)):
        layers += [nn.ConvTranspose1d(channels_in, channels_out, 4, 2, 1), nn.GELU()]
    return nn.Sequential(*layers, nn.Conv1d(16, STATIONS, 3, padding=1))


class DeepAutoencoder(Autoencoder):
    """Convolutions along time, dense layers across stations, and the mirror of both."""

    def __init__(
        self, latent: int, learning_rate: float, weight_decay: float, offset: float
    ) -> None:
        super().__init__(learning_rate, weight_decay, offset)
        self.save_hyperparameters()
        self.encoder = nn.Sequential(trunk(), nn.Linear(128, latent))
        self.decoder = mirror(latent)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of Gaussians from a standard normal, in nats."""
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)


class VariationalAutoencoder(Autoencoder):
    """The deep networks with a Gaussian code (Kingma and Welling, arXiv:1312.6114).

    The loss of an event is the *sum* over bins of (x - y)^2 / (2 v) plus beta times the
    Kullback-Leibler divergence of the code from a standard normal. A mean over the 384 bins would
    multiply beta by 384, and the code would collapse: `active_units` counts the dimensions that
    carry more than 0.1 nat, and 0 of them is a collapsed model.

    The variance v of a bin is the detector's at the signal y, see `Standardise.noise`, plus
    sigma^2. No gradient goes through v: what is followed is the quasi-likelihood of Wedderburn,
    Biometrika 61 (1974) 439, which asks for a mean and a variance and for no distribution.

    Args:
        sigma: what the decoder may get wrong beside the noise, in units of the standardised traces.
        pedestal: noise of an empty bin, VEM.
        shot: variance of a bin over its signal, VEM: particles are counted.
        beta: weight of the divergence.
        warm_up: share of all steps over which that weight rises from 0.
    """

    def __init__(
        self, latent: int, learning_rate: float, weight_decay: float, offset: float,
        sigma: float, pedestal: float, shot: float, beta: float, warm_up: float,
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, weight_decay, offset)
        self.save_hyperparameters()
        self.sigma, self.pedestal, self.shot = sigma, pedestal, shot
        self.beta, self.warm_up = beta, warm_up
        self.encoder = trunk()
        self.mean, self.log_variance = nn.Linear(128, latent), nn.Linear(128, latent)
        self.decoder = mirror(latent)

    def encode(self, x: Tensor) -> Tensor:
        """The mean of the code: probes and reconstructions do not depend on a draw."""
        return self.mean(self.encoder(x))

    def moments(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the code of each event, each (events, latent).

        In single precision, whatever the networks compute in: the divergence has to be.
        """
        features = self.encoder(x)
        return self.mean(features).float(), self.log_variance(features).float().clamp(-8, 6)

    def nats(self, x: Tensor) -> Tensor:
        """Divergence of each unit from a standard normal, averaged over events, (latent,)."""
        return divergence(*self.moments(x)).mean(dim=0)

    def variance(self, y: Tensor) -> Tensor:
        """What is taken for noise in each bin of reconstructions `y`, squared, in their shape."""
        return self.standardise.noise(y, self.pedestal, self.shot) + self.sigma**2

    def on_fit_start(self) -> None:
        """Foretell a collapse before it costs a training."""
        super().on_fit_start()
        x = self.trainer.datamodule.parts["train"].to(self.device)
        varied = (x / self.variance(x).sqrt()).flatten(1).cpu()
        if self.trainer.is_global_zero and not usable_units(varied, self.beta):
            print(
                "train: the code is about to collapse: nothing in the data varies more than "
                "model.beta times the noise that the model takes it to have; lower one of them."
            )

    def on_fit_end(self) -> None:
        """Say it when the code has collapsed."""
        active = self.trainer.callback_metrics.get("active_units")
        if self.trainer.is_global_zero and active == 0:
            print(f"train: the code has collapsed: no unit carries more than {ACTIVE} nat.")

    def training_losses(self, x: Tensor) -> dict[str, Tensor]:
        """The losses of a batch; the weight of the divergence rises with the steps."""
        return self.losses(x, min(1.0, self.global_step / (self.warm_up * self.steps)))

    def losses(self, x: Tensor, rise: float = 1.0) -> dict[str, Tensor]:
        """The loss above, averaged over the batch, with one draw of the code an event.

        Beside it the divergence in nats, `kl`, and how many units are active.

        Args:
            x: standardised traces.
            rise: how much of beta counts yet.
        """
        mean, log_variance = self.moments(x)
        code = mean + self.drawn(mean) * (0.5 * log_variance).exp()
        units = divergence(mean, log_variance)
        y = self.asked(self.decoder(code), x).float()
        error = ((x - y) ** 2 / (2 * self.variance(y.detach()))).sum(dim=(1, 2))
        loss = (error + self.beta * rise * units.sum(dim=1)).mean()
        nats = units.detach().mean(dim=0)
        active = (nats > ACTIVE).sum().float()
        return {"loss": loss, "kl": nats.sum(), "active_units": active}
