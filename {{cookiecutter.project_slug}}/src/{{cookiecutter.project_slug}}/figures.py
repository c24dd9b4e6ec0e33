"""The pictures of an evaluation: print sizes, and colours that colour-blind readers tell apart.

Lines that belong together differ in their style too, so that a print without colour says the same.
"""

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
PHOTON = "#009E73"  # likewise
STYLES = ("-", "--", "-.", ":")
Curve = tuple[str, np.ndarray, np.ndarray, np.ndarray]
mpl.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})


def reconstruction_figure(model: torch.nn.Module, data: ProjectData) -> Figure:
    """Traces of a proton, an iron and a photon shower, and what the model makes of them.

    Shown is the event of each primary whose reconstruction error is the median, so that the
    picture flatters nobody. The model was trained on no photon.
    """
    x, events = data.parts["test"], data.events("test")
    photons, traces = data.photons()
    of_each = {each: np.flatnonzero(each == events.A) for each in (1, 56)}
    shown = [(NAMES[each], COLOURS[each], x[rows], events.iloc[rows])
             for each, rows in of_each.items()]  # fmt: skip
    shown.append(("photon", PHOTON, data.standardise(traces), photons))
    figure = Figure(figsize=(7, 5.4), dpi=200, layout="constrained")
    axes = figure.subplots(3, 3, sharex=True)
    for row, (name, colour, of, table) in zip(axes, shown, strict=True):
        with torch.no_grad():
            y = model.reconstruct(of)
        error = ((of - y) ** 2).mean(dim=(1, 2)).numpy()
        typical = np.argsort(error)[len(error) // 2]
        time = np.arange(of.shape[2]) * BIN
        for i, axis in enumerate(row):
            seen, made = (data.standardise.signals(values[typical])[i] for values in (of, y))
            axis.plot(time, seen, "-", lw=1, color="0.45")
            axis.plot(time, made, "--", lw=1, color=colour, label=f"{name}, reconstructed")
            axis.set_yscale("symlog", linthresh=0.1)
            distance = table.iloc[typical][f"r_{i + 1}"]
            axis.set_title(f"{name}, station at {distance:.0f} m", fontsize=8)
        row[0].set_ylabel("signal [VEM / 25 ns]")
    for axis in axes[2]:
        axis.set_xlabel("time [ns]")
    lines = [axes[0, 0].lines[0], *(row[0].lines[1] for row in axes)]
    names = ["simulated", *(line.get_label() for line in lines[1:])]
    figure.legend(lines, names, loc="outside upper center", ncols=4, frameon=False)
    return figure


def ellipse(points: np.ndarray) -> np.ndarray:
    """The line one standard deviation around the mean of points in a plane, (2, steps)."""
    angle = np.linspace(0, 2 * np.pi, 200)
    root = np.linalg.cholesky(np.cov(points.T))
    return points.mean(axis=0)[:, None] + root @ np.array([np.cos(angle), np.sin(angle)])


def latent_figure(codes: np.ndarray, events: pd.DataFrame) -> Figure:
    """The codes on their first two principal axes: by primary, energy and zenith angle.

    What orders them most is energy and angle; the primary is the finer trait. An ellipse lies one
    standard deviation around the mean of each primary.
    """
    plane = PCA(2, svd_solver="covariance_eigh").fit_transform(codes)
    figure = Figure(figsize=(7, 2.8), dpi=200, layout="constrained")
    left, middle, right = figure.subplots(1, 3, sharex=True, sharey=True)
    for (primary, name), style in zip(NAMES.items(), STYLES, strict=True):
        own = plane[primary == events.A]
        left.scatter(*own.T, s=1, alpha=0.3, lw=0, color=COLOURS[primary])
        left.plot(*ellipse(own), style, color=COLOURS[primary], lw=1.8, label=name)
    figure.legend(loc="outside upper left", ncols=4, frameon=False)
    for axis, column, label in (
        (middle, "lgE_rec", "lg(E / eV), reconstructed"), (right, "sec_theta", "sec(zenith)"),
    ):  # fmt: skip
        drawn = axis.scatter(*plane.T, s=2, lw=0, c=events[column], cmap="cividis")
        figure.colorbar(drawn, ax=axis, label=label)
    for axis in (left, middle, right):
        axis.set_xlabel("first axis")
    left.set_ylabel("second axis")
    return figure


def roc(
    score: np.ndarray, positive: np.ndarray, counts: np.ndarray, grid: np.ndarray
) -> np.ndarray:
    """Share of positives kept at each share of negatives, (resamples, grid), for drawn events."""
    order = np.argsort(-score, kind="stable")
    kept = []
    for members in (~positive, positive):
        drawn = np.where(members[order], counts[:, order], 0).cumsum(axis=1, dtype=float)
        kept.append(drawn / drawn[:, -1:])
    return np.array([np.interp(grid, x, y) for x, y in zip(*kept, strict=True)])


def roc_figure(curves: dict[str, list[Curve]], seed: int) -> Figure:
    """ROC curves with bands of a bootstrap.

    Args:
        curves: title of a panel -> its curves: label, scores, which events are positive, weights.
        seed: of the bootstrap over events.
    """
    grid, rng = np.linspace(0, 1, 101), np.random.default_rng(seed)
    figure = Figure(figsize=(7, 4.2), dpi=200, layout="constrained")
    axes = figure.subplots(1, len(curves), sharex=True, sharey=True)
    for axis, (title, lines) in zip(axes, curves.items(), strict=True):
        for (label, score, positive, weight), colour, style in zip(
            lines, COLOURS.values(), STYLES, strict=False
        ):
            counts = rng.poisson(1.0, (200, len(score))) * weight
            low, high = np.quantile(roc(score, positive, counts, grid), (0.025, 0.975), axis=0)
            axis.fill_between(grid, low, high, color=colour, alpha=0.25, lw=0)
            (line,) = roc(score, positive, weight[None], grid)
            axis.plot(grid, line, style, color=colour, lw=1, label=label)
        axis.plot([0, 1], [0, 1], color="0.7", lw=0.6)
        axis.set(title=title, xlabel="share of the others that is kept")
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), frameon=False)
    axes[0].set_ylabel("share that is found")
    return figure


def confusion_figure(shares: pd.DataFrame) -> Figure:
    """Answers to each true primary, as shares of it; numbers stand in the cells."""
    figure = Figure(figsize=(3.4, 2.9), dpi=200, layout="constrained")
    axis = figure.subplots()
    drawn = axis.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    figure.colorbar(drawn, ax=axis, label="share of the true primary", shrink=0.75)
    for (i, j), share in np.ndenumerate(shares.to_numpy()):
        axis.text(j, i, f"{share:.2f}", ha="center", va="center", color="wk"[int(share > 0.5)])
    names = [NAMES[int(primary)] for primary in shares.index]
    axis.set_xticks(range(len(names)), names)
    axis.set_yticks(range(len(names)), names)
    axis.set(xlabel="answer", ylabel="true primary")
    axis.spines[:].set_visible(False)
    return figure


def reliability_figure(bins: pd.DataFrame) -> Figure:
    """Share of correct answers at each confidence, beside the line where both are equal.

    Args:
        bins: columns `events`, `confidence`, `correct`.
    """
    figure = Figure(figsize=(3.4, 2.9), dpi=200, layout="constrained")
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1], color="0.5", lw=0.8, ls="--", label="neither too sure nor too shy")
    wide = 1.96 * np.sqrt(bins.correct * (1 - bins.correct) / bins.events)
    error = [np.minimum(wide, bins.correct), np.minimum(wide, 1 - bins.correct)]
    axis.errorbar(
        bins.confidence, bins.correct, error, fmt="o", ms=3, lw=1, color=COLOURS[56],
        label="answers, 95 % intervals",
    )  # fmt: skip
    axis.set(xlabel="probability of the answer", ylabel="share that is right", xlim=(0, 1))
    axis.set_ylim(0, 1.02)
    axis.legend(frameon=False, loc="upper left")
    return figure


def divergence_figure(nats: np.ndarray, least: float) -> Figure:
    """What each unit of a variational code carries; below the line it carries nothing.

    Args:
        nats: of each unit.
        least: of a unit that is in use.
    """
    figure = Figure(figsize=(3.4, 2.4), dpi=200, layout="constrained")
    axis = figure.subplots()
    axis.bar(np.arange(1, len(nats) + 1), np.sort(nats)[::-1], color=COLOURS[56])
    axis.axhline(least, color="0.3", lw=1, ls="--", label=f"in use above {least:g}")
    axis.set(xlabel="unit of the code, in order", ylabel="divergence [nats]")
    axis.legend(frameon=False)
    return figure


def bins_figure(bins: pd.DataFrame) -> Figure:
    """Merit factor of protons against irons, by energy and zenith angle, with 95 % intervals."""
    figure = Figure(figsize=(7, 2.4), dpi=200, layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    labels = {"lgE_rec": "lg(E / eV), reconstructed", "theta": "zenith angle [degrees]"}
    for axis, (quantity, label) in zip(axes, labels.items(), strict=True):
        rows = bins[bins.quantity == quantity]
        middle = (rows.low + rows.high) / 2
        axis.plot(middle, rows.p_fe_merit, "o", ms=3, color=COLOURS[56])
        # With few events an interval of the bootstrap may not hold its value.
        axis.vlines(middle, rows.p_fe_merit_low, rows.p_fe_merit_high, lw=1, color=COLOURS[56])
        axis.hlines(rows.p_fe_merit, rows.low, rows.high, lw=1, color=COLOURS[56])
        axis.set(xlabel=label, ylim=(0, 1.05 * max(1.0, *bins.p_fe_merit_high.dropna())))
    axes[0].set_ylabel("p-Fe merit factor")
    return figure


def learning_figure(histories: dict[str, list[np.ndarray]]) -> Figure:
    """Validation error per epoch: the mean over seeds, and the range of all of them.

    Args:
        histories: experiment -> one history a seed, (epochs,), in standardised units.
    """
    figure = Figure(figsize=(3.4, 2.6), dpi=200, layout="constrained")
    axis = figure.subplots()
    for (name, runs), colour, style in zip(
        histories.items(), COLOURS.values(), STYLES, strict=False
    ):
        together = np.array([run[: min(map(len, runs))] for run in runs])
        epochs = np.arange(1, together.shape[1] + 1)
        axis.fill_between(
            epochs, together.min(axis=0), together.max(axis=0), color=colour, alpha=0.3, lw=0
        )
        label = f"{name}, {len(runs)} seed{'s' * (len(runs) > 1)}"
        axis.plot(epochs, together.mean(axis=0), style, color=colour, lw=1, label=label)
    axis.set(xlabel="epoch", ylabel="validation error [share of the variance]", yscale="log")
    axis.legend(frameon=False)
    return figure


def results_figure(values: dict[str, dict[str, list[float]]]) -> Figure:
    """The table of results as a picture: every seed a point, their mean a number, yardsticks too.

    Args:
        values: metric -> row of the table -> one value a seed.
    """
    figure = Figure(figsize=(7, 2.6), dpi=200, layout="constrained")
    axes = figure.subplots(1, len(values), sharey=True, squeeze=False)[0]
    for axis, (metric, rows) in zip(axes, values.items(), strict=True):
        for place, (_, seeds) in enumerate(rows.items()):
            axis.plot(seeds, [place] * len(seeds), "o", ms=3, alpha=0.5, color=COLOURS[56])
            mean = float(np.mean(seeds))
            axis.plot(mean, place, "|", ms=12, color=COLOURS[1])
            axis.annotate(
                f"{mean:.3g}", (mean, place), (0, 7), textcoords="offset points", ha="center",
                fontsize=6,
            )  # fmt: skip
        axis.set(xlabel=metric, yticks=range(len(rows)), yticklabels=[*rows])
        axis.margins(x=0.2, y=0.2)
        if max(map(max, rows.values())) > 5 * min(map(min, rows.values())):
            axis.set_xscale("log")
    axes[0].invert_yaxis()
    return figure
