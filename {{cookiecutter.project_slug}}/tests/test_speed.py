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
    said = capsys.readouterr().out
    assert "the project has" in said
    assert "of its device's arithmetic" in said
    assert 0 < ratios["limit"] < 1


def test_the_operations_of_the_simple_model_are_those_of_its_two_layers(
    configure: Configure,
) -> None:
    rows = len(speed.build(configure())[1].parts["train"])
    # Two operations a weight and row: forward, and backward for weights and, in the second layer,
    # for its inputs.
    assert speed.operations(configure()) == pytest.approx(rows * 2 * 384 * 8 * (2 + 3), rel=0.01)


@pytest.mark.parametrize(
    "options", [("model=variational",), ("model=deep", "trainer.precision=bf16-mixed")]
)
def test_the_loop_by_hand_does_the_work_of_every_model_and_precision(
    options: tuple[str, ...], configure: Configure
) -> None:
    seconds = speed.by_hand(configure(*options), speed.torch.device("cpu"), speed.sliced)
    assert len(seconds) == speed.EPOCHS
    assert min(seconds) > 0
