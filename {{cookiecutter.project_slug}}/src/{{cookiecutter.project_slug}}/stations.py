"""Single stations as rows, as an early study of this problem took them: nine features each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import detector
from .atmosphere import develop
from .simulation import ANGLE_RESOLUTION, crossing_time, draw_primaries

FEATURES = ("lgE", "theta", "r", "S", "length", "azimuth", "trise", "tfall", "area_over_peak")
ENERGY_RESOLUTION = 0.06  # in lgE, about that of the array's reconstruction
LONGEST_SILENCE = 0.02  # VEM per bin, five times the noise


def station_rows(
    n_showers: int, cores: int, *, seed: int, primaries: tuple[int, ...], use_mc_truth: bool
) -> pd.DataFrame:
    """Rows of the three nearest stations of showers that are each thrown at several cores.

    Args:
        n_showers: number of showers, each used `cores` times.
        cores: core positions of each shower.
        seed: of the simulation.
        primaries: mass numbers in equal shares.
        use_mc_truth: take energy and zenith angle as the simulation knows them, without error: no
            detector could, and the pair of them is the shower's fingerprint.

    Returns:
        One row a station: `FEATURES` (lg eV, degrees, m, VEM, ns, degrees around the axis, ns, ns,
        ns), `A`, and `shower_id`.
    """
    rng = np.random.default_rng(seed)
    showers = develop(rng, *draw_primaries(rng, n_showers, primaries))
    tables = []
    for _ in range(cores):
        stations = detector.trigger(rng, showers)
        near = stations.take(detector.nearest_triggered(stations))
        traces = detector.record_traces(rng, showers, near)
        columns = describe(near, traces, showers.theta)
        lg_energy, theta = showers.lg_energy, showers.theta
        if not use_mc_truth:
            lg_energy = lg_energy + ENERGY_RESOLUTION * rng.standard_normal(n_showers)
            theta = np.abs(theta + ANGLE_RESOLUTION * rng.standard_normal(n_showers))
        columns["lgE"], columns["theta"] = lg_energy[:, None], np.degrees(theta)[:, None]
        columns["A"], columns["shower_id"] = showers.primary[:, None], np.arange(n_showers)[:, None]
        shape = near.r.shape
        tables.append(
            pd.DataFrame({name: np.broadcast_to(v, shape).ravel() for name, v in columns.items()})
        )
    return pd.concat(tables, ignore_index=True)


def describe(
    near: detector.Stations, traces: np.ndarray, theta: np.ndarray
) -> dict[str, np.ndarray]:
    """What is computed of each trace, (showers, stations): see `station_rows`."""
    cumulative = np.cumsum(traces, axis=2, dtype=float)
    total = np.maximum(cumulative[:, :, -1:], detector.NOISE)
    t10, t50, t90 = (crossing_time(cumulative / total, level) for level in (0.1, 0.5, 0.9))
    along = near.downstream / np.sin(theta)[:, None]  # on the ground, in the shower's direction
    across = np.sqrt(np.maximum(near.r**2 - (along * np.cos(theta)[:, None]) ** 2, 0))
    return {
        "r": near.r_rec,
        "S": total[:, :, 0],
        "length": detector.BIN_WIDTH * (traces > LONGEST_SILENCE).sum(axis=2),
        "azimuth": np.degrees(np.arctan2(across, along)),
        "trise": t50 - t10,
        "tfall": t90 - t50,
        "area_over_peak": detector.BIN_WIDTH * total[:, :, 0] / traces.max(axis=2),
    }
