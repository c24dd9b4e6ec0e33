"""Simulate air showers as a surface array sees them: a table of events and their traces.

    events, traces = simulate(20_000, seed=1)

The table holds what an observatory would reconstruct, and the truth in columns that start with
``mc_``. Never feed those to a model. Showers are made in chunks of 4096, each with a random
stream of its own: whole chunks do not depend on how many showers are asked for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import detector
from .atmosphere import (
    GUMBEL_COEFFICIENTS,
    PRIMARIES,
    Floats,
    Integers,
    Showers,
    develop,
)
from .detector import N_TRACED, Stations

CHUNK = 4096
LGE_RANGE = (18.5, 20.0)
SIN2_THETA_MAX = 0.75  # 60 degrees
ANGLE_RESOLUTION = math.radians(0.8)
RISE_THRESHOLD = 0.3  # VEM from one bin to the next
EARLY_BINS = 12  # 300 ns
NEAREST_FITTED = 350.0  # m
FAINTEST_FITTED, BRIGHTEST_FITTED = 3.0, 1500.0  # VEM
SLOPE_RANGE = (-5.0, 0.0)
SLOPE_UNCERTAINTY = 0.16

Columns = dict[str, npt.NDArray[Any]]


def simulate(
    n_showers: int,
    *,
    seed: int,
    hadronic_model: str = "QGSJetII-04",
    muon_scale: float = 1.0,
    fe_p_muon_ratio: float = 1.38,
    primaries: tuple[int, ...] = (1, 4, 14, 56),
    n_reuse: int = 1,
) -> tuple[pd.DataFrame, npt.NDArray[np.float32]]:
    """Simulate showers and their detection.

    Args:
        n_showers: number of showers, at least 1.
        seed: not negative; the same seed gives the same bits under the same NumPy version.
        hadronic_model: name of the Xmax parametrisation, "QGSJetII-04" or "EPOS-LHC".
        muon_scale: factor on every muon number, a systematic error.
        fe_p_muon_ratio: muons in an iron shower over those in a proton shower.
        primaries: mass numbers to draw from in equal shares; 0 is the photon.
        n_reuse: times each shower is dropped on the array, with a new core and new noise.

    Returns:
        The events, n_showers * n_reuse rows with the copies of a shower side by side, and
        traces (row, 3, 128) in VEM per 25 ns bin, the station nearest to the axis first.
    """
    check_counts(n_showers=n_showers, seed=seed, n_reuse=n_reuse)
    check_physics(hadronic_model, muon_scale, fe_p_muon_ratio, primaries)
    n_chunks = -(-n_showers // CHUNK)
    traces = np.empty((n_showers * n_reuse, N_TRACED, detector.N_BINS), dtype=np.float32)
    tables = []
    for chunk, stream in enumerate(np.random.SeedSequence(seed).spawn(n_chunks)):
        first = chunk * CHUNK
        n_here = min(CHUNK, n_showers - first)
        # The showers have a stream of their own, so that more copies do not change them.
        shower_stream, *copy_streams = stream.spawn(1 + n_reuse)
        rng = np.random.default_rng(shower_stream)
        primary, lg_energy, theta = draw_primaries(rng, n_here, primaries)
        showers = develop(
            rng, primary, lg_energy, theta, hadronic_model, muon_scale, fe_p_muon_ratio
        )
        for copy, copy_stream in enumerate(copy_streams):
            columns, chunk_traces = detect(np.random.default_rng(copy_stream), showers)
            shower_id = np.arange(first, first + n_here)
            event_id = shower_id * n_reuse + copy
            traces[event_id] = chunk_traces
            tables.append(pd.DataFrame({"event_id": event_id, "shower_id": shower_id} | columns))
    events = pd.concat(tables).sort_values("event_id", ignore_index=True)
    return events, traces


def check_counts(**counts: int) -> None:
    """Raise ValueError unless each is an integer: of at least 0 the seed, of at least 1 others."""
    for name, count in counts.items():
        least = 0 if name == "seed" else 1
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < least:
            raise ValueError(f"{name} must be an integer of at least {least}, not {count!r}.")


def check_physics(
    hadronic_model: str, muon_scale: float, fe_p_muon_ratio: float, primaries: tuple[int, ...]
) -> None:
    """Raise ValueError for an unknown model or primary, or a factor that is not positive."""
    for name, factor in (("muon_scale", muon_scale), ("fe_p_muon_ratio", fe_p_muon_ratio)):
        if not 0.0 < factor < math.inf:
            raise ValueError(f"{name} must be a positive number, not {factor!r}.")
    if hadronic_model not in GUMBEL_COEFFICIENTS:
        known = ", ".join(GUMBEL_COEFFICIENTS)
        raise ValueError(f"hadronic_model must be one of {known}, not {hadronic_model!r}.")
    if not primaries or not set(primaries) <= set(PRIMARIES):
        known = ", ".join(f"{mass} ({name})" for mass, name in PRIMARIES.items())
        raise ValueError(f"primaries must be one or more of {known}, not {primaries!r}.")


def draw_primaries(
    rng: np.random.Generator, n_showers: int, primaries: tuple[int, ...]
) -> tuple[Integers, Floats, Floats]:
    """Draw primary, lgE (flat in 18.5 to 20) and zenith angle (sin^2 flat, to 60 degrees).

    sin^2 theta flat is an isotropic flux on a flat detector. The primaries are dealt out in turn
    and shuffled, so their shares are equal to one shower.
    """
    primary = np.array(primaries)[rng.permutation(n_showers) % len(primaries)]
    lg_energy = rng.uniform(*LGE_RANGE, n_showers)
    return primary, lg_energy, np.arcsin(np.sqrt(rng.uniform(0.0, SIN2_THETA_MAX, n_showers)))


def detect(rng: np.random.Generator, showers: Showers) -> tuple[Columns, npt.NDArray[np.float32]]:
    """Drop each shower on the array once; return the table's columns and the traces."""
    stations = detector.trigger(rng, showers)
    traced = detector.nearest_triggered(stations)
    near = stations.take(traced)
    traces = detector.record_traces(rng, showers, near)
    saturated = (traces >= detector.SATURATION).any(axis=2)

    # Away from the axis no trace is made: the charge, and the noise of a whole trace.
    noise = detector.NOISE * math.sqrt(detector.N_BINS)
    signal = stations.signal + noise * rng.standard_normal(stations.signal.shape)
    np.put_along_axis(signal, traced, traces.sum(axis=2, dtype=np.float64), axis=1)
    fitted = (stations.r_rec > NEAREST_FITTED) & (signal > FAINTEST_FITTED)
    fitted &= signal < BRIGHTEST_FITTED

    n_stations = stations.triggered.sum(axis=1)
    columns: Columns = {
        "A": showers.primary.astype(np.int16),
        "n_stations": n_stations.astype(np.int8),
        "n_sat": saturated.sum(axis=1).astype(np.int8),
    }
    columns |= reconstruct(rng, showers, stations.r_rec, signal, fitted)
    columns["rec_ok"] &= n_stations >= N_TRACED
    columns |= describe_traces(near, traces)
    columns |= other_detectors(rng, showers) | truth(showers)
    return columns, traces


def fit_lateral_distribution(
    r: Floats, signal: Floats, used: npt.NDArray[np.bool_], expected_slope: Floats
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Fit S(r) = S1000 ((r/1000) (r+700)/1700)^beta to each event; r in m, S1000 in VEM.

    Closed form: least squares of ln S with variance 1/S + 0.05^2, and a Gaussian prior of 0.16
    around the expected slope. The third result is False where fewer than two stations could be
    used or the slope had to be moved into -5 to 0. Where no station could be used all of them
    are, so that there is always a number. Source: the modified NKG function of the Pierre Auger
    Observatory's surface detector; the cuts are calibrated here.
    """
    enough = used.sum(axis=1) >= 2
    used = used | ~used.any(axis=1, keepdims=True)
    floored = np.maximum(signal, 0.1)
    weight = used / (1.0 / floored + 0.05**2)
    x = np.log(r / 1000.0 * (r + 700.0) / 1700.0)
    y = np.log(floored)
    prior = SLOPE_UNCERTAINTY**-2
    w, wx, wy = weight.sum(axis=1), (weight * x).sum(axis=1), (weight * y).sum(axis=1)
    wxx = (weight * x * x).sum(axis=1) + prior
    wxy = (weight * x * y).sum(axis=1) + prior * expected_slope
    slope = (w * wxy - wx * wy) / (w * wxx - wx**2)
    beta = np.clip(slope, *SLOPE_RANGE)
    return np.exp((wy - beta * wx) / w), beta, enough & (beta == slope)


def attenuation(theta: Floats) -> Floats:
    """S1000 at a zenith angle (radians, up to 63 degrees) over that of the same shower at 38.

    Source: the cubic of the constant-intensity method, as in Auger Collaboration, PRD 102 (2020)
    062005.
    """
    u = np.cos(theta) ** 2 - math.cos(math.radians(38.0)) ** 2
    return 1.0 + 0.980 * u - 1.68 * u**2 - 1.30 * u**3


def reconstruct(
    rng: np.random.Generator,
    showers: Showers,
    r: Floats,
    signal: Floats,
    fitted: npt.NDArray[np.bool_],
) -> Columns:
    """Reconstruct direction (to 0.8 degrees), S1000 and S38 (VEM), and energy of each event.

    E = 1.86e17 eV S38^1.031. Source: Auger Collaboration, PRD 102 (2020) 062005.
    """
    theta = np.abs(showers.theta + ANGLE_RESOLUTION * rng.standard_normal(len(showers.theta)))
    sec_theta = 1.0 / np.cos(theta)
    expected_slope = -2.35 + 0.35 * (sec_theta - 1.27)
    s1000, beta, rec_ok = fit_lateral_distribution(r, signal, fitted, expected_slope)
    s38 = s1000 / attenuation(theta)
    lg_energy = math.log10(1.86e17) + 1.031 * np.log10(s38)
    columns = {
        "theta": np.degrees(theta),
        "sec_theta": sec_theta,
        "lgE_rec": lg_energy,
        "s1000": s1000,
        "s38": s38,
        "beta": beta,
    }
    return float32(columns) | {"rec_ok": rec_ok}


def crossing_time(cumulative: Floats, level: float) -> Floats:
    """Time in ns at which a cumulative trace first reaches a level, linear within a bin."""
    after = np.argmax(cumulative >= level, axis=-1)[..., np.newaxis]
    high = np.take_along_axis(cumulative, after, axis=-1)[..., 0]
    low = np.take_along_axis(cumulative, np.maximum(after - 1, 0), axis=-1)[..., 0]
    low = np.where(after[..., 0] == 0, 0.0, low)
    time: Floats = detector.BIN_WIDTH * (after[..., 0] + (level - low) / (high - low))
    return time


def describe_traces(near: Stations, traces: npt.NDArray[np.float32]) -> Columns:
    """Summarise the three traces of each event, nearest station first.

    r (m), S (VEM), rise time 10-50 % and fall time 50-90 % of the charge (ns), the share of the
    charge in the first 300 ns, and the sum of the rises above 0.3 VEM from bin to bin over the
    charge (many muons, many jumps). Source: the usual observables of water-Cherenkov traces.
    """
    cumulative = np.cumsum(traces, axis=2, dtype=np.float64)
    total = cumulative[:, :, -1]
    share = cumulative / np.maximum(total, detector.NOISE)[:, :, np.newaxis]
    t10, t50, t90 = (crossing_time(share, level) for level in (0.1, 0.5, 0.9))
    rises = np.diff(traces, axis=2)
    jumps = np.where(rises > RISE_THRESHOLD, rises, 0.0).sum(axis=2)
    summary = {
        "r": near.r_rec,
        "S": total,
        "trise": t50 - t10,
        "tfall": t90 - t50,
        "early": np.clip(share[:, :, detector.FRONT_BIN + EARLY_BINS - 1], 0.0, 1.0),
        "jump": jumps / np.maximum(total, detector.NOISE),
    }
    return float32(
        {f"{name}_{i + 1}": v[:, i] for name, v in summary.items() for i in range(N_TRACED)}
    )


def other_detectors(rng: np.random.Generator, showers: Showers) -> Columns:
    """Measure what a fluorescence telescope, a muon detector and an ideal counter would.

    Xmax (g/cm2) with a double Gaussian of 15 and 28, the narrow one in 65 % of events (a round
    version of the resolution of the Pierre Auger Observatory at 10^18.65 eV); R_mu to 15 %;
    lg of the particle numbers at the ground without error. A late photon may leave no electron
    at all at the ground: the counter shows 1.
    """
    n = len(showers.theta)
    xmax_error = np.where(rng.random(n) < 0.65, 15.0, 28.0) * rng.standard_normal(n)
    return float32(
        {
            "xmax_fd": showers.xmax + xmax_error,
            "rmu_rec": showers.r_mu * np.exp(0.15 * rng.standard_normal(n)),
            "lgNmu": np.log10(showers.n_mu),
            "lgNem": np.log10(np.maximum(showers.n_em, 1.0)),
            "lgNall": np.log10(showers.n_mu + np.maximum(showers.n_em, 1.0)),
        }
    )


def truth(showers: Showers) -> Columns:
    """What only the simulation knows; ``mc_dx`` is the depth below Xmax, signals are at 1000 m."""
    return float32(
        {
            "mc_lgE": showers.lg_energy,
            "mc_theta": np.degrees(showers.theta),
            "mc_xmax": showers.xmax,
            "mc_rmu": showers.r_mu,
            "mc_dx": showers.depth_below_xmax,
            "mc_s_mu": showers.s_mu,
            "mc_s_em": showers.s_em,
        }
    )


def float32(columns: Columns) -> Columns:
    """The same columns in single precision."""
    return {name: values.astype(np.float32) for name, values in columns.items()}
