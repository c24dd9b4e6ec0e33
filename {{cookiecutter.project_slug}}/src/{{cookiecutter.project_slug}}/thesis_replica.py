"""The stage `thesis`: re-enact a study, and measure what each fault in it was worth.

One autoencoder is trained for each class, on rows of single stations; a row belongs to the class
whose autoencoder reconstructs it best. A random forest on the same rows shows how much a flexible
classifier gains. Every fault is a switch of `conf/experiment/thesis_replica.yaml`; the table undoes
them one by one. Such faults are easily made and hard to see in a result: that is why tools look.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from omegaconf import DictConfig
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit
from sklearn.preprocessing import MinMaxScaler
from torch import Tensor, nn

from .collapse import usable_units
from .intervals import Estimate, estimate, mean, resamples
from .report import ranged, table
from .reproducibility import fix_chance, seed_of
from .stages import ROOT, StageError, stage, write_whole
from .stations import FEATURES, station_rows

PAGE = ROOT / "docs" / "thesis-replica.md"
UNDONE = {"split": "shower", "scaler": "shared", "use_mc_truth": False, "vae_sigma": 0.1}
CAUGHT = {
    "split": "showers on both sides: expectation `a shower lies in one part of the split only`, "
    "practice `split-group-aware`",
    "scaler": "the label in the input: inputs of the test part must not change when its labels are "
    "dealt out anew. No practice sees it in the code",
    "use_mc_truth": "energies without error: no detector measures a shower twice alike; "
    "expectation `a true energy and angle occur in one part of the split only`; columns `mc_` are "
    "no input of our models",
    "vae_sigma": "latents of no use: `collapse.usable_units`, which training asks first, finds no "
    "component that varies more than such a decoder takes for noise",
}
TEST = 0.2
CODE, HIDDEN, LATENT = 5, 13, 3
BATCH, RATE = 128, 1e-3


class RowAutoencoder(nn.Module):
    """One hidden layer of SELU, a sigmoid at the end: rows scaled to 0 to 1 in, the same out."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(len(FEATURES), CODE), nn.SELU(), nn.Linear(CODE, len(FEATURES)), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        """Rows (n, 9) -> their reconstructions."""
        return self.net(x)

    def loss(self, x: Tensor) -> Tensor:
        """Mean squared error."""
        return nn.functional.mse_loss(self(x), x)


class RowVariational(nn.Module):
    """The same with a Gaussian code; `sigma` is the decoder's standard deviation."""

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma
        self.encoder = nn.Sequential(nn.Linear(len(FEATURES), HIDDEN), nn.SELU())
        self.moments = nn.Linear(HIDDEN, 2 * LATENT)
        self.decoder = nn.Sequential(
            nn.Linear(LATENT, HIDDEN), nn.SELU(), nn.Linear(HIDDEN, len(FEATURES)), nn.Sigmoid()
        )

    def code(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the code, each (n, latent)."""
        mean, log_variance = self.moments(self.encoder(x)).chunk(2, dim=1)
        return mean, log_variance.clamp(-8, 6)

    def forward(self, x: Tensor) -> Tensor:
        """Rows -> their reconstructions from the mean of the code."""
        return self.decoder(self.code(x)[0])

    def divergence(self, x: Tensor) -> Tensor:
        """Kullback-Leibler divergence of the code from a standard normal, nats, (n, latent)."""
        mean, log_variance = self.code(x)
        return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)

    def loss(self, x: Tensor) -> Tensor:
        """Squared error / (2 sigma^2) plus divergence, averaged over rows."""
        mean, log_variance = self.code(x)
        y = self.decoder(mean + torch.randn_like(mean) * (0.5 * log_variance).exp())
        error = ((x - y) ** 2).sum(dim=1) / (2 * self.sigma**2)
        return (error + self.divergence(x).sum(dim=1)).mean()


class Outcome(NamedTuple):
    """What one set of switches gives.

    Attributes:
        forest: accuracy of a random forest.
        simple: of one autoencoder a class.
        variational: of one variational autoencoder a class.
        before: what was known before anything was trained, see `warnings`.
        divergence: nats of the busiest latent, afterwards.
    """

    forest: Estimate
    simple: Estimate
    variational: Estimate
    before: dict[str, bool]
    divergence: float


def trained(
    model: RowAutoencoder | RowVariational, x: Tensor, epochs: int
) -> RowAutoencoder | RowVariational:
    """Adam on shuffled batches, from the global seed."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            model.loss(x[batch]).backward()
            optimizer.step()
    return model


def parts(rows: pd.DataFrame, split: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of training and test part, dealt out by row or by shower.

    Raises:
        StageError: `split` is neither rows nor shower.
    """
    kinds = {"rows": ShuffleSplit, "shower": GroupShuffleSplit}
    if split not in kinds:
        raise StageError(f"replica.split is {split!r}: it is either rows or shower.")
    groups = rows.shower_id if split == "shower" else None
    return next(kinds[split](1, test_size=TEST, random_state=seed).split(rows, groups=groups))


def scaled(train: pd.DataFrame, test: pd.DataFrame, scaler: str) -> tuple[Tensor, Tensor]:
    """Both parts scaled to 0 to 1, by one scaler or by one for each class.

    With `per_class` a test row is scaled by the scaler of its own class: the label leaks into it.

    Raises:
        StageError: `scaler` is neither per_class nor shared.
    """
    if scaler not in {"per_class", "shared"}:
        raise StageError(f"replica.scaler is {scaler!r}: it is either per_class or shared.")
    found = []
    for part in (train, test):
        values = np.empty((len(part), len(FEATURES)), dtype=np.float32)
        for label in np.unique(train.A):
            fitted = train[label == train.A] if scaler == "per_class" else train
            members = (label == part.A).to_numpy()
            values[members] = (
                MinMaxScaler().fit(fitted[[*FEATURES]]).transform(part.loc[members, [*FEATURES]])
            )
        found.append(torch.from_numpy(values))
    return found[0], found[1]


def best_reconstruction(
    models: dict[int, RowAutoencoder | RowVariational], x: Tensor
) -> np.ndarray:
    """The class of each row whose model has the smallest squared error."""
    with torch.no_grad():
        errors = torch.stack([(model(x) - x).pow(2).sum(dim=1) for model in models.values()])
    return np.array([*models])[errors.argmin(dim=0).numpy()]


def enact(replica: DictConfig, seed: int, threads: int = 1) -> Outcome:
    """The whole study with these switches."""
    fix_chance(seed, threads)
    rows = station_rows(
        replica.n_showers, replica.cores, seed=seed, primaries=tuple(replica.primaries),
        use_mc_truth=replica.use_mc_truth,
    )  # fmt: skip
    here, there = parts(rows, replica.split, seed)
    train, test = rows.iloc[here], rows.iloc[there]
    x, unseen = scaled(train, test, replica.scaler)
    own = {label: x[np.flatnonzero(label == train.A)] for label in replica.primaries}
    before = warnings(train, test, replica, [*own.values()])
    answers, divergence = {}, 0.0
    for name in ("simple", "variational"):
        models = {}
        for label in replica.primaries:
            model = RowAutoencoder() if name == "simple" else RowVariational(replica.vae_sigma)
            models[label] = trained(model, own[label], replica.epochs)
            if isinstance(model, RowVariational):
                with torch.no_grad():
                    nats = model.divergence(own[label]).mean(dim=0)
                    divergence = max(divergence, float(nats.max()))
        answers[name] = best_reconstruction(models, unseen)
    forest = RandomForestClassifier(100, random_state=seed).fit(train[[*FEATURES]], train.A)
    answers["forest"] = forest.predict(test[[*FEATURES]])
    counts = resamples(test.shower_id.to_numpy(), seed, n=500)
    accuracy = {
        name: estimate(mean((found == test.A.to_numpy()).astype(float)), counts)
        for name, found in answers.items()
    }
    return Outcome(**accuracy, before=before, divergence=divergence)


def warnings(
    train: pd.DataFrame, test: pd.DataFrame, replica: DictConfig, inputs: list[Tensor]
) -> dict[str, bool]:
    """What gives each fault away before anything is trained, by the headings of the table.

    Args:
        train: rows of the training part.
        test: of the test part.
        replica: the switches.
        inputs: scaled rows of each class of the training part.
    """
    energies = pd.concat([train, test]).groupby("shower_id").lgE.nunique()
    order = np.random.default_rng(0).permutation(len(test))
    relabelled = test.assign(A=test.A.to_numpy()[order])
    scaler = replica.scaler
    right, wrong = (scaled(train, rows, scaler)[1] for rows in (test, relabelled))
    return {
        "showers on both sides": bool(np.isin(test.shower_id, train.shower_id).any()),
        "energies without error": bool((energies == 1).any()),
        "the label in the input": not torch.equal(right, wrong),
        "latents of no use": not any(usable_units(x, replica.vae_sigma**2) for x in inputs),
    }


def variants(replica: DictConfig) -> dict[str, DictConfig]:
    """The switches as they are set, with each of them undone, and with all of them undone."""
    found = {"as it is set": replica}
    for switches in (*({name: value} for name, value in UNDONE.items()), UNDONE):
        other = replica.copy()
        other.update(switches)
        if other != replica:
            words = ", ".join(f"`{name}: {value}`" for name, value in switches.items())
            found["all undone" if switches is UNDONE else words] = other
    return found


def page(outcomes: dict[str, Outcome], replica: DictConfig) -> str:
    """The table, and what would have caught each fault before the training."""
    rows = [
        [
            name,
            *(ranged(getattr(of, kind)) for kind in ("forest", "simple", "variational")),
            f"{of.divergence:.3f}",
        ]
        for name, of in outcomes.items()
    ]
    head = ["switches", "random forest", "one autoencoder a class", "one variational a class"]
    head += ["nats of the busiest latent"]
    before = [
        [name, *("yes" if fault else "no" for fault in of.before.values())]
        for name, of in outcomes.items()
    ]
    found = [*next(iter(outcomes.values())).before]
    lines = [
        "# What each fault was worth",
        "",
        "Written by `nox -s thesis`: a study of primaries by autoencoders, re-enacted on simulated",
        f"stations ({replica.n_showers} showers, {replica.cores} cores, three stations each).",
        f"Accuracy on the test part (chance: {1 / len(replica.primaries):.2f}) with 95 % intervals",
        "of a bootstrap over showers; a row undoes one switch of",
        "`conf/experiment/thesis_replica.yaml`.",
        "",
        *table(head, rows),
        "",
        "What was known before anything was trained:",
        "",
        *table(["switches", *found], before),
        "",
        "The data of the original study are not public, and nothing here says that it made these",
        "faults: the listings allow them, and this is what a tool would have said.",
        "",
        *table(["switch", "what catches it"], [[f"`{k}`", v] for k, v in CAUGHT.items()]),
    ]
    return "\n".join(lines) + "\n"


def thesis(cfg: DictConfig) -> Path:
    """Write the table of `experiment=thesis_replica` to `docs/thesis-replica.md`.

    Raises:
        StageError: another experiment is set, or a switch has no such position.
    """
    if "replica" not in cfg:
        raise StageError("this stage needs experiment=thesis_replica.")
    seed = seed_of(cfg)
    outcomes = {}
    for name, replica in variants(cfg.replica).items():
        outcomes[name] = enact(replica, seed, cfg.threads)
        print(f"thesis: {name}: {outcomes[name].simple.value:.3f}", flush=True)
    write_whole(PAGE, page(outcomes, cfg.replica))
    print(f"thesis: {PAGE}")
    return PAGE


if __name__ == "__main__":
    stage(thesis)()
