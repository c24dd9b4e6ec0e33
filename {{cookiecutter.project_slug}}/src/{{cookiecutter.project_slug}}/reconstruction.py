"""What a model makes of traces, and how far off that is: as its loss sees it, and in VEM and ns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from . import intervals
from .data import ProjectData, Standardise
from .intervals import Estimate
from .models import BINS, STATIONS, Autoencoder, heard, squared_errors
from .noise_floor import noise_floor
from .simulation import crossing_time

FLOOR_SHOWERS = 2000
TWINS = ("seed", "primaries", "hadronic_model", "muon_scale", "fe_p_muon_ratio")
SECOND = 1  # index of the second station: the nearest saturates, the third is faint


@dataclass(frozen=True)
class Seen:
    """A part of the data as the model sees it.

    Attributes:
        events: the table.
        x: standardised traces, (events, bins of all stations).
        made: their reconstructions, likewise.
        codes: (events, latent).
        error: mean squared error of each reconstruction, (events,), in the unit of errors.
    """

    events: pd.DataFrame
    x: np.ndarray
    made: np.ndarray
    codes: np.ndarray
    error: np.ndarray


def seen(model: Autoencoder, x: Tensor, events: pd.DataFrame, scale: float) -> Seen:
    """Encode and reconstruct standardised traces of shape (events, stations, bins).

    `scale` is that of the errors: the square of one standardised unit in the unit of errors.
    """
    with torch.no_grad():
        codes, made = model.encode(x).numpy(), model.reconstruct(x)
        error = squared_errors(made, x).numpy() * scale
    return Seen(events, x.flatten(1).numpy(), made.flatten(1).numpy(), codes, error)


def principal_components(x: np.ndarray, n: int) -> PCA:
    """The first `n` of them, by a solver without chance."""
    return PCA(n, svd_solver="covariance_eigh").fit(x)


def physical(standardise: Standardise, x: Tensor, y: Tensor) -> dict[str, np.ndarray]:
    """What a reconstruction `y` gets wrong of the second station, where it saw something.

    Returns:
        `signal`: ln of the reconstructed signal over the true one; `rise`: difference of the rise
        times 10-50 % in ns.
    """
    known = heard(x)[:, SECOND, 0]
    traces = [standardise.signals(of)[known, SECOND].clamp(min=0).numpy() for of in (x, y)]
    charges = [np.cumsum(of, axis=1, dtype=float) for of in traces]
    rises = []
    for charge in charges:
        share = charge / np.maximum(charge[:, -1:], 1e-9)
        rises.append(crossing_time(share, 0.5) - crossing_time(share, 0.1))
    true, made = (np.maximum(charge[:, -1], 0.1) for charge in charges)
    return {"signal": np.log(made / true), "rise": rises[1] - rises[0]}


def reconstruction(
    parts: dict[str, Seen], standardise: Standardise, scale: float, counts: np.ndarray
) -> dict[str, Estimate]:
    """How far off the test part is: of the model, of components, and of the mean trace.

    Args:
        parts: components are fitted to "train".
        standardise: of the data.
        scale: of the errors, see `seen`.
        counts: of the events of "test", see `intervals.resamples`.

    Returns:
        `test_mse_e4`, mean squared error; `signal_spread`, standard deviation of ln of the signal
        at the second station; `rise_time_error`, root mean square in ns. Names of components end
        in `_pca`, those of the mean trace in `_mean`.
    """
    train, test = parts["train"], parts["test"]
    pca = principal_components(train.x, test.codes.shape[1])
    made = {
        "": test.made,
        "_pca": pca.inverse_transform(pca.transform(test.x)),
        "_mean": np.zeros_like(test.x),
    }
    found = {}
    for name, values in made.items():
        y, x = (torch.from_numpy(of).reshape(-1, STATIONS, BINS) for of in (values, test.x))
        error = squared_errors(y, x).numpy() * scale
        found[f"test_mse_e4{name}"] = intervals.estimate(intervals.mean(error), counts)
        off = physical(standardise, x, y)
        drawn = counts[:, heard(x)[:, SECOND, 0].numpy()]
        for metric, statistic in (
            (f"signal_spread{name}", intervals.spread(off["signal"])),
            (f"rise_time_error{name}", intervals.root_mean_square(off["rise"])),
        ):
            found[metric] = intervals.estimate(statistic, drawn)
    return found


def floor(data: ProjectData, seed: int) -> Estimate:
    """The noise floor of the reconstruction error, from showers that are detected twice."""
    settings = {k: v for k, v in data.manifest()["settings"]["source"].items() if k in TWINS}
    values = noise_floor(
        FLOOR_SHOWERS,
        lambda traces: data.standardise.logarithm(torch.from_numpy(traces)).numpy(),
        **settings,
    )
    counts = intervals.resamples(np.arange(len(values)), seed)
    return intervals.estimate(intervals.mean(values * 1e4), counts)
