"""The benchmark runs; what it measures is for quiet machines, not for tests."""

from __future__ import annotations

import pytest

from {{cookiecutter.project_slug}} import speed

from .conftest import Configure


def test_the_benchmark_compares_with_both_loops(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(speed, "ROUNDS", 1)
    ratios = speed.speed(configure())
    assert ratios["project"] == 1
    assert ratios["sliced loop"] > 0
    assert ratios["ordinary loop"] > 0
    assert "the project has" in capsys.readouterr().out
