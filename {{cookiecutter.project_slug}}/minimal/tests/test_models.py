"""The models are of the sizes and habits that their pages claim."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate

from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.data import ProjectData
from {{cookiecutter.project_slug}}.measures import measure, scores
from {{cookiecutter.project_slug}}.models import Classifier
from {{cookiecutter.project_slug}}.training import fit

from .conftest import Configure

PARAMETERS = {"linear": 42, "network": 275}


@pytest.mark.parametrize("name", PARAMETERS)
def test_shapes_and_number_of_parameters(name: str, configure: Configure) -> None:
    model: Classifier = instantiate(configure(f"model={name}").model, features=13, classes=3)
    assert sum(weights.numel() for weights in model.parameters()) == PARAMETERS[name]
    probabilities = model.eval()(torch.randn(5, 13))
    assert probabilities.shape == (5, 3)
    assert torch.allclose(probabilities.sum(dim=1), torch.ones(5))


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_short_training_is_better_than_a_guess(
    name: str, configure: Configure, tmp_path: Path
) -> None:
    cfg = configure(f"model={name}", "trainer.max_epochs=40")
    _, model, _ = fit(cfg, Start(tmp_path), {})
    metrics, raw, _, _, pictures = measure(model.eval().cpu(), ProjectData.of(cfg.data))
    assert metrics["test_log_loss"] < metrics["test_log_loss_guess"] / 2
    assert list(pictures) == ["confusion.png"]
    assert list(raw) == ["cultivar", "p_1", "p_2", "p_3"]


def test_scores_are_those_that_one_computes_by_hand() -> None:
    truth = torch.tensor([0, 1]).numpy()
    loss, accuracy = scores(truth, torch.tensor([[0.5, 0.5, 0.0], [0.75, 0.25, 0.0]]).numpy())
    assert loss == pytest.approx((0.693147 + 1.386294) / 2)
    assert accuracy == 0.5
