"""The error that no reconstruction can undercut: what chance in the detector adds to a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import detector
from .atmosphere import develop
from .simulation import draw_primaries

Traces = npt.NDArray[np.float32]
Transform = Callable[[Traces], Traces]


def twins(
    n_showers: int,
    *,
    seed: int,
    primaries: tuple[int, ...] = (1, 4, 14, 56),
    **physics: Any,
) -> tuple[Traces, Traces]:
    """Traces of the same showers at the same stations, detected twice.

    Args:
        n_showers: number of showers.
        seed: of a stream of its own: they are no showers of the data set with the same seed.
        primaries: mass numbers in equal shares.
        physics: `hadronic_model`, `muon_scale` and `fe_p_muon_ratio` of `simulation.simulate`.

    Returns:
        Twice (showers, 3, 128) in VEM per bin; particles, their times and the noise differ.
    """
    rng = np.random.default_rng([seed, n_showers])
    showers = develop(rng, *draw_primaries(rng, n_showers, primaries), **physics)
    stations = detector.trigger(rng, showers)
    near = stations.take(detector.nearest_triggered(stations))
    again = detector.draw_particles(rng, showers, near.r, near.r_rec, near.downstream)
    first, second = (detector.record_traces(rng, showers, each) for each in (near, again))
    return first, second


def noise_floor(n_showers: int, transform: Transform, **simulation: Any) -> npt.NDArray[np.float64]:
    """Half the mean squared difference of two detections of each shower: what chance alone makes.

    A model that knew the expected trace of every shower would still have this mean squared error.

    Args:
        n_showers: how many showers are detected twice.
        transform: VEM per bin -> the scale on which errors are taken.
        simulation: as for `twins`.

    Returns:
        One value a shower, in squares of the transformed scale.
    """
    first, second = (transform(traces).astype(float) for traces in twins(n_showers, **simulation))
    return 0.5 * np.mean((first - second) ** 2, axis=(1, 2))
