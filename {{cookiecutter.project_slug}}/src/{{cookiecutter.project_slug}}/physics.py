"""What the physics says of simulated showers, whose truth is known, as expectations."""

from __future__ import annotations

import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
from great_expectations.expectations.row_conditions import Column
from omegaconf import DictConfig

from .atmosphere import gumbel_moments, gumbel_parameters, muon_excess, muon_spread
from .simulation import LGE_RANGE

RARE = 0.999  # the share of rows that must keep a range: reconstructions have tails
SIGMAS = 5  # a mean may be so many of its standard errors off


def with_truth(events: pd.DataFrame, parts: pd.Series) -> pd.DataFrame:
    """Simulated showers with what the physics says of their truth; others as they are.

    Args:
        events: all rows.
        parts: part of the split of each row, empty for photons.

    Returns:
        With `muons` (number over that of a proton shower of its energy), `sin2` of the zenith
        angle, `energy_error` in lgE, `rises` (1 where S1000 is above that of the row before),
        `truth_parts` (in how many parts of the split the same energy and angle occur, whatever the
        number of the shower), `masses` (how many mass numbers the shower of the row has), `share`
        (of the row's primary among nuclei), and `part_shift`, see `shift_of_parts`.
    """
    if "mc_lgE" not in events:
        return events
    truth = [events.mc_lgE.round(6), events.mc_theta.round(6)]
    return events.assign(
        muons=events.mc_rmu / 10 ** (0.94 * (events.mc_lgE - 19)),
        sin2=np.sin(np.radians(events.mc_theta.astype(float))) ** 2,
        energy_error=events.lgE_rec - events.mc_lgE,
        rises=(events.s1000.diff() > 0).astype(int),
        truth_parts=parts.groupby(truth).transform("nunique"),
        masses=events.groupby("shower_id").A.transform("nunique"),
        share=events.groupby("A").A.transform("size") / (events.A > 0).sum(),
        part_shift=shift_of_parts(events, parts),
    )


def shift_of_parts(events: pd.DataFrame, parts: pd.Series) -> pd.Series:
    """How far the mean energy or angle of a row's part is from that of all, in standard errors.

    The larger of both; 0 for rows that are in no part. Showers count, not their copies.
    """
    values = events.loc[parts.notna(), ["lgE_rec", "theta"]]
    showers = events.shower_id.groupby(parts).nunique()
    off = (values.groupby(parts).mean() - values.mean()) / values.std()
    errors = off.abs().mul(np.sqrt(showers), axis=0).max(axis=1)
    return parts.map(errors).fillna(0)


def truths(nuclei: int, source: DictConfig) -> list[gxe.Expectation]:
    """What the physics says of simulated showers, whose truth is known.

    Labels that were mixed up, totals that run on, files that were sorted, and showers that got new
    numbers keep every range, and are found here.

    Args:
        nuclei: how many rows are no photons.
        source: how they were made.
    """
    share, sin2 = nuclei / len(source.primaries), SIGMAS * 0.375 / np.sqrt(nuclei)
    fair = 1 / len(source.primaries)
    found: list[gxe.Expectation] = [
        gxe.ExpectColumnValuesToBeBetween(
            column="muons", min_value=0.05, max_value=5,
            description="the number of muons is near that of a proton shower of its energy",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="energy_error", min_value=-0.6, max_value=0.6, mostly=RARE,
            row_condition=Column("A") > 0,
            description="the energy of a nucleus is reconstructed within a factor of four",
        ),
        gxe.ExpectColumnMeanToBeBetween(
            column="sin2", min_value=0.375 - sin2, max_value=0.375 + sin2,
            description="directions are isotropic: the square of sin(zenith) is flat in 0 to 0.75",
        ),
        gxe.ExpectColumnMeanToBeBetween(
            column="rises", min_value=0.35, max_value=0.65,
            description="S1000 rises and falls from row to row alike (sorted rows only rise)",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="truth_parts", value_set=[0, 1],
            description="a true energy and angle occur in one part of the split only",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="masses", value_set=[1], description="a shower has one mass number"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="share", row_condition=Column("A") > 0,
            min_value=fair - 0.015, max_value=fair + 0.015,
            description="each primary is as frequent as the others",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="mc_lgE", min_value=LGE_RANGE[0], max_value=LGE_RANGE[1],
            description="true energies are those that are simulated, in lg(E / eV)",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="mc_theta", min_value=0, max_value=60.001,
            description="true zenith angles are those that are simulated, in degrees",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="part_shift", max_value=SIGMAS,
            description="the parts of the split have the same energies and angles",
        ),
        gxe.ExpectColumnMedianToBeBetween(
            column="trise_2", min_value=200, row_condition=Column("theta") < 30,
            description="the signal of a steep shower rises slowly at the second station [ns]",
        ),
        gxe.ExpectColumnMedianToBeBetween(
            column="trise_2", max_value=130, row_condition=Column("theta") > 50,
            description="that of an inclined shower, made by muons, rises fast [ns]",
        ),
    ]  # fmt: skip
    for mass in source.primaries:
        for column, (mean, spread, what) in known(mass, source).items():
            room = SIGMAS * spread / np.sqrt(share)
            found.append(
                gxe.ExpectColumnMeanToBeBetween(
                    column=column, min_value=mean - room, max_value=mean + room,
                    row_condition=Column("A") == mass, description=what,
                )
            )  # fmt: skip
    return found


def known(mass: int, source: DictConfig) -> dict[str, tuple[float, float, str]]:
    """Mean and spread of depth of maximum [g/cm2] and muons of a nucleus, over all energies."""
    lg_energy = np.linspace(*LGE_RANGE, 101)
    shape = gumbel_parameters(np.full(101, mass), lg_energy, source.hadronic_model)
    mean, spread = gumbel_moments(*shape)
    width = float(muon_spread(mass))
    muons = float(muon_excess(mass, source.get("fe_p_muon_ratio", 1.38))) * np.exp(width**2 / 2)
    muons *= source.get("muon_scale", 1.0)
    return {
        "mc_xmax": (
            float(mean.mean()), float(np.hypot(spread.mean(), mean.std())),
            f"showers of mass {mass} reach their maximum where they should [g/cm2]",
        ),
        "muons": (
            muons, width * muons, f"showers of mass {mass} have the muons that they should"
        ),
    }  # fmt: skip
