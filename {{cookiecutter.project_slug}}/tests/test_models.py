"""The models are of the sizes and habits that their pages claim."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate

from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.models import Autoencoder
from {{cookiecutter.project_slug}}.training import fit

from .conftest import Configure

PARAMETERS = {"simple": 6_536, "deep": 290_107, "variational": 291_139}


@pytest.mark.parametrize("name", PARAMETERS)
def test_shapes_and_number_of_parameters(name: str, configure: Configure) -> None:
    model: Autoencoder = instantiate(configure(f"model={name}").model, offset=0.3)
    assert sum(weights.numel() for weights in model.parameters()) == PARAMETERS[name]
    x = torch.randn(5, 3, 128)
    assert model(x).shape == (5, 8)
    assert model.reconstruct(x).shape == x.shape


def test_a_code_of_the_variational_model_does_not_depend_on_a_draw(configure: Configure) -> None:
    model: Autoencoder = instantiate(configure("model=variational").model, offset=0.3)
    x = torch.randn(5, 3, 128)
    assert model(x).equal(model(x))


def trained(configure: Configure, folder: Path, *overrides: str) -> dict[str, float]:
    """Metrics of a short training of the variational model."""
    cfg = configure("model=variational", "trainer.max_epochs=15", *overrides)
    trainer, _, _ = fit(cfg, Start(folder), {})
    return {name: float(value) for name, value in trainer.callback_metrics.items()}


def test_the_variational_model_uses_its_code(configure: Configure, tmp_path: Path) -> None:
    metrics = trained(configure, tmp_path)
    assert metrics["active_units"] >= 1
    assert metrics["kl"] > 1


def test_collapse_is_seen(configure: Configure, tmp_path: Path) -> None:
    assert trained(configure, tmp_path, "model.beta=10000")["active_units"] == 0
