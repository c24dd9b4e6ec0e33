"""Each fault of the re-enacted study is there when its switch says so, and only then."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import torch
from omegaconf import DictConfig

from {{cookiecutter.project_slug}}.expectations import suite
from {{cookiecutter.project_slug}}.reproducibility import fix_chance
from {{cookiecutter.project_slug}}.stages import StageError
from {{cookiecutter.project_slug}}.stations import FEATURES, station_rows
from {{cookiecutter.project_slug}}.thesis_replica import (
    CAUGHT,
    UNDONE,
    RowVariational,
    enact,
    page,
    parts,
    scaled,
    trained,
    variants,
)

from .conftest import Configure

SMALL = {"n_showers": 60, "cores": 3, "epochs": 2}


@pytest.fixture
def replica(configure: Configure) -> DictConfig:
    """The switches as they are set, on a few showers."""
    found: DictConfig = configure("experiment=thesis_replica").replica
    found.update(SMALL)
    return found


def rows(use_mc_truth: bool = True) -> pd.DataFrame:
    return station_rows(60, 3, seed=1, primaries=(1, 4, 16, 56), use_mc_truth=use_mc_truth)


def test_a_row_is_a_station_with_nine_finite_features() -> None:
    table = rows()
    assert len(table) == 60 * 3 * 3
    assert np.isfinite(table[[*FEATURES]]).all().all()
    assert table.groupby("shower_id").A.nunique().max() == 1
    assert table.azimuth.between(0, 180).all()


def test_the_truth_is_the_fingerprint_of_a_shower_and_measurements_are_not() -> None:
    def fingerprints(table: pd.DataFrame) -> int:
        return len(table[["lgE", "theta"]].drop_duplicates())

    assert fingerprints(rows(use_mc_truth=True)) == 60
    assert fingerprints(rows(use_mc_truth=False)) == 60 * 3


def test_a_split_of_rows_puts_showers_on_both_sides_and_one_of_showers_none() -> None:
    table = rows()

    def shared(split: str) -> int:
        train, test = parts(table, split, seed=1)
        assert len(train) + len(test) == len(table)
        return len({*table.shower_id[train]} & {*table.shower_id[test]})

    assert shared("shower") == 0
    assert shared("rows") > 40


def test_the_scaler_of_a_class_tells_the_label_of_a_test_row() -> None:
    table = rows()
    train, test = table.iloc[:400], table.iloc[400:]
    relabelled = test.assign(A=np.roll(test.A, 9))
    shared, other = (scaled(train, part, "shared")[1] for part in (test, relabelled))
    assert torch.equal(shared, other), "a legal scaler does not look at labels"
    leaking, another = (scaled(train, part, "per_class")[1] for part in (test, relabelled))
    assert not torch.equal(leaking, another)


def test_a_wide_decoder_switches_its_latents_off() -> None:
    fix_chance(1, 1)
    x = torch.rand(1500, 1).repeat(1, len(FEATURES))
    busiest = {
        sigma: float(trained(RowVariational(sigma), x, 30).divergence(x).mean(dim=0).max())
        for sigma in (0.1, 2.0)
    }
    assert busiest[0.1] > 0.5
    assert busiest[2.0] < 0.1


def test_each_switch_is_undone_alone_and_all_together(replica: DictConfig) -> None:
    found = variants(replica)
    assert len(found) == 2 + len(UNDONE)
    assert found["`split: shower`"].scaler == "per_class"
    assert {name: found["all undone"][name] for name in UNDONE} == UNDONE
    assert len(variants(found["all undone"])) == 1


def test_the_study_runs_and_its_page_names_what_catches_each_fault(replica: DictConfig) -> None:
    outcome = enact(replica, seed=1)
    assert outcome.before["showers on both sides"]
    assert outcome.simple.low <= outcome.simple.value <= outcome.simple.high
    text = page({"as it is set": outcome}, replica)
    assert "| as it is set | " in text
    for words in ("split-group-aware", "energies without error", "usable_units"):
        assert words in text


def test_the_expectations_that_catch_a_fault_are_those_that_are_asked(
    configure: Configure,
) -> None:
    asked = {each.description for each in suite(400, configure().data).expectations}
    named = re.findall("expectation `([^`]+)`", " ".join(CAUGHT.values()))
    assert len(named) == 2
    assert {*named} <= asked


@pytest.mark.parametrize(
    ("switch", "undone", "heading"),
    [
        ("split", "shower", "showers on both sides"),
        ("use_mc_truth", False, "energies without error"),
        ("scaler", "shared", "the label in the input"),
        ("vae_sigma", 0.1, "latents of no use"),
    ],
)
def test_each_fault_is_known_before_anything_is_trained(
    switch: str, undone: object, heading: str, replica: DictConfig
) -> None:
    replica.epochs = 0
    assert enact(replica, seed=1).before[heading]
    replica[switch] = undone
    assert not enact(replica, seed=1).before[heading]


@pytest.mark.parametrize("switch", ["split", "scaler"])
def test_a_position_that_no_switch_has_is_refused(switch: str, replica: DictConfig) -> None:
    replica[switch] = "sideways"
    with pytest.raises(StageError, match=f"replica.{switch} is 'sideways'"):
        enact(replica, seed=1)
