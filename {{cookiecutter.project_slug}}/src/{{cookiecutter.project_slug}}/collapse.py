"""Is the code of a variational autoencoder in use? Foretold before training, and told after."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .figures import divergence_figure
from .measured import Measured
from .report import table

ACTIVE = 0.1  # nat; a unit that carries less carries nothing


def usable_units(x: Tensor, noise: float) -> int:
    """How many principal components of `x`, flat rows, vary more than a decoder takes for noise.

    A linear variational autoencoder uses no more units than that, and collapses where there are
    none: known before it is trained. Source: Tipping and Bishop, J. R. Stat. Soc. B 61 (1999) 611;
    Lucas et al., arXiv:1911.02469.

    Args:
        x: of shape (rows, values).
        noise: variance of the decoder times the weight of the divergence.
    """
    return int((torch.linalg.eigvalsh(torch.cov(x.T)) > noise).sum())


def with_units(found: Measured, nats: np.ndarray) -> Measured:
    """What was measured of a variational model, with what each unit of its code carries [nats]."""
    active = int((nats > ACTIVE).sum())
    said = f"{active} of {len(nats)} units carry more than {ACTIVE} nat"
    said += "." if active else ": the code has collapsed, and the rest says nothing of it."
    units = [str(unit + 1) for unit in range(len(nats))]
    row = ["nats", *(f"{each:.2f}" for each in nats)]
    return found._replace(
        metrics=found.metrics | {"test_kl": float(nats.sum()), "test_active_units": float(active)},
        page=["## Code", "", said, "", *table(["unit", *units], [row]), "", *found.page],
        pictures=found.pictures | {"divergence.png": divergence_figure(nats, ACTIVE)},
    )
