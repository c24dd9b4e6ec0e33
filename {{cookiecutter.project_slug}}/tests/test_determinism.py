"""The same configuration and seed give the same weights, to the bit, stopped in between or not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from {{cookiecutter.project_slug}}.models import SimpleAutoencoder
from {{cookiecutter.project_slug}}.stages import StageError
from {{cookiecutter.project_slug}}.training import fit

from .conftest import Configure


def weights(configure: Configure, folder: Path, *overrides: str) -> dict[str, torch.Tensor]:
    """The weights after training."""
    _, model, _ = fit(configure(*overrides), folder, {})
    return model.state_dict()


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether all tensors are the same to the bit."""
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


@pytest.mark.parametrize("seed", [0, 7])
def test_one_seed_twice_is_equal_to_the_bit(
    seed: int, configure: Configure, tmp_path: Path
) -> None:
    first = weights(configure, tmp_path / "a", f"seed={seed}")
    assert equal(first, weights(configure, tmp_path / "b", f"seed={seed}"))


def test_another_seed_is_another_result(configure: Configure, tmp_path: Path) -> None:
    first = weights(configure, tmp_path / "a", "seed=1")
    assert not equal(first, weights(configure, tmp_path / "b", "seed=2"))


@pytest.mark.parametrize("workers", [0, 1])
def test_loader_workers_do_not_change_the_result(
    workers: int, configure: Configure, tmp_path: Path
) -> None:
    plain = weights(configure, tmp_path / "a")
    assert equal(plain, weights(configure, tmp_path / "b", f"data.loader.num_workers={workers}"))


def test_stopped_and_resumed_is_equal_to_never_stopped(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights(configure, tmp_path / "whole", "trainer.max_epochs=4")

    def lose_power(model: SimpleAutoencoder) -> None:
        if model.current_epoch == 2:
            raise ConnectionAbortedError

    with monkeypatch.context() as patched, pytest.raises(ConnectionAbortedError):
        patched.setattr(SimpleAutoencoder, "on_train_epoch_start", lose_power)
        weights(configure, tmp_path / "stopped", "trainer.max_epochs=4")
    resume = f"resume={tmp_path / 'stopped' / 'last.ckpt'}"
    assert equal(whole, weights(configure, tmp_path / "rest", "trainer.max_epochs=4", resume))


def test_resume_from_nothing_is_refused_in_a_sentence(configure: Configure, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"no file; give the path of a last\.ckpt"):
        fit(configure("resume=nowhere.ckpt"), tmp_path, {})


def test_a_checkpoint_loads_safely_and_says_what_made_it(
    configure: Configure, tmp_path: Path
) -> None:
    fit(configure(), tmp_path, {"provenance": {"git.commit": "abc"}})
    checkpoint = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert checkpoint["callbacks"]["Provenance"] == {"provenance": {"git.commit": "abc"}}
