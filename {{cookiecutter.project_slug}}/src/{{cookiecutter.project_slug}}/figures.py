"""The pictures of an evaluation: print sizes, and colours that colour-blind readers tell apart."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

from .data import ProjectData

BIN = 25  # ns
NAMES = {1: "proton", 4: "helium", 14: "nitrogen", 56: "iron"}
COLOURS = {1: "#D55E00", 4: "#E69F00", 14: "#56B4E9", 56: "#0072B2"}  # Okabe and Ito
mpl.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})


def signals(data: ProjectData, x: torch.Tensor) -> np.ndarray:
    """Standardised values back to VEM per bin."""
    logarithm = x * data.standardise.scale + data.standardise.mean
    return ((10 ** (3 * logarithm) - 1) * data.standardise.offset).numpy()


def reconstruction_figure(model: torch.nn.Module, data: ProjectData) -> Figure:
    """Traces of one proton and one iron shower, and what the model makes of them.

    Shown is the test event of each primary whose reconstruction error is the median, so that the
    picture flatters nobody.
    """
    x, events = data.parts["test"], data.events("test")
    with torch.no_grad():
        y = model.reconstruct(x)
    error = ((x - y) ** 2).mean(dim=(1, 2)).numpy()
    figure = Figure(figsize=(7, 3.8), dpi=200, layout="constrained")
    axes = figure.subplots(2, 3, sharex=True)
    for row, primary in zip(axes, (1, 56), strict=True):
        rows = np.flatnonzero(primary == events.A)
        typical = rows[np.argsort(error[rows])[len(rows) // 2]]
        event = events.iloc[typical]
        time = np.arange(x.shape[2]) * BIN
        for i, axis in enumerate(row):
            for values, label, style in ((x, "simulated", "-"), (y, "reconstructed", "--")):
                axis.plot(
                    time, signals(data, values[typical])[i], style, lw=1,
                    color="0.45" if style == "-" else COLOURS[primary], label=label,
                )  # fmt: skip
            axis.set_yscale("symlog", linthresh=0.1)
            axis.set_title(f"{NAMES[primary]}, station at {event[f'r_{i + 1}']:.0f} m", fontsize=8)
        row[0].set_ylabel("signal [VEM / 25 ns]")
        row[2].legend(frameon=False)
    for axis in axes[1]:
        axis.set_xlabel("time [ns]")
    return figure


def latent_figure(codes: np.ndarray, events: pd.DataFrame) -> Figure:
    """The codes on their first two principal axes: by primary, energy and zenith angle.

    What orders them most is energy and angle; the primary is the finer trait.
    """
    plane = PCA(2, svd_solver="covariance_eigh").fit_transform(codes)
    figure = Figure(figsize=(7, 2.6), dpi=200, layout="constrained")
    left, middle, right = figure.subplots(1, 3, sharex=True, sharey=True)
    for primary, name in NAMES.items():
        left.scatter(
            *plane[primary == events.A].T, s=2, alpha=0.5, lw=0, color=COLOURS[primary], label=name
        )
    left.legend(loc="lower right", markerscale=3, handletextpad=0, borderpad=0.2)
    for axis, column, label in (
        (middle, "lgE_rec", "lg(E / eV), reconstructed"), (right, "sec_theta", "sec(zenith)"),
    ):  # fmt: skip
        drawn = axis.scatter(*plane.T, s=2, lw=0, c=events[column], cmap="cividis")
        figure.colorbar(drawn, ax=axis, label=label)
    for axis in (left, middle, right):
        axis.set_xlabel("first axis")
    left.set_ylabel("second axis")
    return figure
