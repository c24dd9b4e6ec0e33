"""A training that is killed and goes on ends as one that was not: `nox -s kills` takes twenty."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from .kills import Condition, differences, finish, killed, start

FEW = [
    Condition(workers=0, every="null"),
    Condition(workers=2, every="3"),
]


@pytest.mark.parametrize("condition", FEW, ids=lambda condition: f"every-{condition.every}")
def test_a_kill_makes_no_difference(condition: Condition, dataset: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    finish(start(dataset, whole, condition), whole)
    killed(dataset, tmp_path / "killed", condition, whole, random.Random(7))
    assert differences(whole, tmp_path / "killed") == []
