"""The same configuration and seed give the same weights, to the bit, stopped in between or not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pytorch_lightning import LightningModule

from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.training import fit

from .conftest import MODELS, Configure


def weights(
    configure: Configure, folder: Path, *overrides: str, state: Path | None = None
) -> dict[str, torch.Tensor]:
    """The weights after training."""
    _, model, _ = fit(configure(*overrides), Start(folder, state=state), {})
    return model.state_dict()


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether all tensors are the same to the bit."""
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", [0, 7])
def test_one_seed_twice_is_equal_to_the_bit(
    seed: int, model: str, configure: Configure, tmp_path: Path
) -> None:
    options = (f"seed={seed}", f"model={model}")
    first = weights(configure, tmp_path / "a", *options)
    assert equal(first, weights(configure, tmp_path / "b", *options))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU on this machine")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("option", ["compile=null", "compile=reduce-overhead",
                                    "trainer.precision=bf16-mixed"])  # fmt: skip
def test_two_runs_on_a_gpu_are_equal_to_the_bit(
    option: str, model: str, configure: Configure, tmp_path: Path
) -> None:
    options = ("trainer=gpu", f"model={model}", option)
    first = weights(configure, tmp_path / "a", *options)
    assert equal(first, weights(configure, tmp_path / "b", *options))


def test_another_seed_is_another_result(configure: Configure, tmp_path: Path) -> None:
    first = weights(configure, tmp_path / "a", "seed=1")
    assert not equal(first, weights(configure, tmp_path / "b", "seed=2"))


@pytest.mark.parametrize("loader", ["num_workers=1", "num_workers=2", "at_once=1", "at_once=3"])
@pytest.mark.parametrize("model", MODELS)
def test_how_batches_are_fetched_does_not_change_the_result(
    loader: str, model: str, configure: Configure, tmp_path: Path
) -> None:
    plain = weights(configure, tmp_path / "a", f"model={model}")
    other = weights(configure, tmp_path / "b", f"model={model}", f"data.loader.{loader}")
    assert equal(plain, other)


@pytest.mark.parametrize("model", MODELS)
def test_stopped_and_resumed_is_equal_to_never_stopped(
    model: str, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = (f"model={model}", "trainer.max_epochs=4")
    whole = weights(configure, tmp_path / "whole", *options)

    def lose_power(model: LightningModule) -> None:
        if model.current_epoch == 2:
            raise ConnectionAbortedError

    with monkeypatch.context() as patched, pytest.raises(ConnectionAbortedError):
        patched.setattr(LightningModule, "on_train_epoch_start", lose_power)
        weights(configure, tmp_path / "stopped", *options)
    state = tmp_path / "stopped/checkpoints/last.ckpt"
    assert equal(whole, weights(configure, tmp_path / "rest", *options, state=state))


def test_a_checkpoint_loads_safely_and_says_what_made_it(
    configure: Configure, tmp_path: Path
) -> None:
    fit(configure(), Start(tmp_path), {"provenance": {"git.commit": "abc"}})
    checkpoint = torch.load(tmp_path / "checkpoints/last.ckpt", weights_only=True)
    assert checkpoint["callbacks"]["Provenance"] == {"provenance": {"git.commit": "abc"}}
