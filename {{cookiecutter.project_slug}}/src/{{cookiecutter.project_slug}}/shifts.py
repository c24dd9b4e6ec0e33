"""What becomes of the answers when nature differs from the simulation that was trained on.

The accuracy hardly changes, and the composition that one would read off does: by so much, at least,
a result on measured showers would be wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

from . import intervals
from .data import ProjectData
from .intervals import Estimate
from .models import Autoencoder
from .probes import IRON, PROTON, Probe, context
from .simulation import simulate

SHOWERS = 3000
APART = 1_000_000  # added to the seed of the data: none of its showers
SHIFTS: dict[str, dict[str, Any]] = {
    "same": {},
    "epos": {"hadronic_model": "EPOS-LHC"},
    "muons": {"muon_scale": 1.2},
}
"""What is changed of the simulation, by the name in the metrics."""
PHYSICS = ("primaries", "hadronic_model", "muon_scale", "fe_p_muon_ratio")


def shifted(
    model: Autoencoder, data: ProjectData, found: Probe, n_showers: int = SHOWERS
) -> dict[str, Estimate]:
    """Answers to fresh showers, of the simulation that was trained on and of others.

    Args:
        model: in evaluation mode.
        data: on whose training part the probe was fitted.
        found: a probe on code and context.
        n_showers: of each simulation, the same ones but for what is shifted.

    Returns:
        For each of `SHIFTS` the accuracy, and the shares of the answers proton and iron.
    """
    settings = data.manifest()["settings"]["source"]
    physics = {name: settings[name] for name in PHYSICS if name in settings}
    estimates = {}
    for name, changed in SHIFTS.items():
        events, traces = simulate(n_showers, seed=settings["seed"] + APART, **(physics | changed))
        with torch.no_grad():
            codes = model(torch.from_numpy(traces)).numpy()
        asked = found.ask(with_context(codes, events), events.A.to_numpy())
        counts = intervals.resamples(events.shower_id.to_numpy(), settings["seed"])
        for metric, values in (
            ("accuracy", asked.correct),
            ("proton_share", asked.answer == PROTON),
            ("iron_share", asked.answer == IRON),
        ):
            estimates[f"{metric}_{name}"] = intervals.estimate(intervals.mean(values), counts)
    return estimates


def with_context(codes: np.ndarray, events: pd.DataFrame) -> np.ndarray:
    """Codes with what is known without them, as the probes take them."""
    return np.hstack([codes, context(events)])
