"""The models are of the sizes and habits that their pages claim."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hydra.utils import instantiate
from torch import Tensor

from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.collapse import usable_units, with_units
from {{cookiecutter.project_slug}}.data import ProjectData, Standardise
from {{cookiecutter.project_slug}}.measured import Measured
from {{cookiecutter.project_slug}}.models import (
    Autoencoder,
    DeepAutoencoder,
    SimpleAutoencoder,
    VariationalAutoencoder,
    squared_errors,
)
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


def test_a_silent_station_is_the_mean_trace_and_nothing_is_asked_of_it(
    configure: Configure,
) -> None:
    module = ProjectData.of(configure().data)
    raw = torch.from_numpy(module.raw("train"))
    silenced, rest = raw.clone(), torch.arange(len(raw)) % 3 > 0
    silenced[::3, 2] = 0.004 * torch.randn_like(raw[::3, 2])
    standardise = Standardise(0.3).fit(silenced)
    assert standardise.mean[2].allclose(Standardise(0.3).fit(raw[rest]).mean[2])
    x = standardise(silenced)
    assert (x[::3, 2] == 0).all()
    y = torch.randn_like(x)
    other = y.clone()
    other[::3, 2] += 5
    assert squared_errors(y, x).equal(squared_errors(other, x))
    assert squared_errors(y, x)[1].isclose((y - x)[1].pow(2).mean())
    model: Autoencoder = instantiate(configure("model=simple").model, offset=0.3)
    model.silent = True
    assert model.asked(y, x).equal(model.asked(other, x))


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_model_trains_where_stations_are_silent(
    name: str, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_silent(self: ProjectData, part: str) -> np.ndarray:
        traces = usual(self, part).copy()
        traces[::2, 2] = 0
        return traces

    usual = ProjectData.raw
    monkeypatch.setattr(ProjectData, "raw", half_silent)
    _, model, data = fit(configure(f"model={name}"), Start(tmp_path), {})
    assert model.silent
    assert (data.parts["train"][::2, 2] == 0).all()
    x = data.parts["val"]
    assert squared_errors(model.reconstruct(x), x).isfinite().all()


def test_components_that_vary_less_than_the_noise_are_of_no_use() -> None:
    x = torch.randn(4000, 3) * torch.tensor([2.0, 1.0, 0.1])
    assert usable_units(x, 0.5) == 2
    assert usable_units(x, 9.0) == 0


def test_the_weight_of_the_divergence_rises_from_nothing_over_the_warm_up(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rises = []

    def losses(self: VariationalAutoencoder, x: Tensor, rise: float) -> dict[str, Tensor]:
        rises.append(rise)
        return usual(self, x, rise)

    usual = VariationalAutoencoder.losses
    monkeypatch.setattr(VariationalAutoencoder, "losses", losses)
    trainer, _, _ = fit(configure("model=variational", "trainer.max_epochs=4"), Start(tmp_path), {})
    assert len(rises) == trainer.global_step
    warming = [rise for rise in rises if rise < 1]
    assert len(warming) == pytest.approx(0.3 * len(rises), abs=1)
    assert warming == pytest.approx([step / (0.3 * len(rises)) for step in range(len(warming))])


def test_an_error_counts_less_where_the_detector_is_noisier(configure: Configure) -> None:
    model: VariationalAutoencoder = instantiate(configure("model=variational").model, offset=0.3)
    # One signal a station, in VEM; scale and mean are 1 and 0 as yet.
    y = torch.tensor([0.001, 0.5, 100.0]).unsqueeze(1).expand(3, 128)
    x = torch.log10(1 + y / 0.3) / 3
    slope = 1 / (3 * np.log(10) * (y + 0.3))
    by_hand = (0.004**2 + 0.138 * y) * slope**2 + 0.1**2
    assert torch.allclose(model.variance(x), by_hand, rtol=1e-4)
    assert model.variance(x)[:, 0].argmax() == 1
    untrained = torch.full((3, 128), 1e4)  # a network may say anything
    assert model.variance(untrained).isfinite().all()


def test_the_divergence_is_in_single_precision_whatever_the_networks_compute_in(
    configure: Configure,
) -> None:
    model: VariationalAutoencoder = instantiate(configure("model=variational").model, offset=0.3)
    with torch.autocast("cpu", torch.bfloat16):
        found = model.losses(torch.randn(5, 3, 128))
    assert {value.dtype for value in found.values()} == {torch.float32}


def test_each_model_fits_on_a_page_or_two() -> None:
    for each in (Autoencoder, SimpleAutoencoder, DeepAutoencoder, VariationalAutoencoder):
        assert len(inspect.getsource(each).splitlines()) < 120


def trained(configure: Configure, folder: Path, *overrides: str) -> dict[str, float]:
    """Metrics of a short training of the variational model."""
    cfg = configure("model=variational", "trainer.max_epochs=15", *overrides)
    trainer, _, _ = fit(cfg, Start(folder), {})
    return {name: float(value) for name, value in trainer.callback_metrics.items()}


def test_the_variational_model_uses_its_code(configure: Configure, tmp_path: Path) -> None:
    metrics = trained(configure, tmp_path)
    assert metrics["active_units"] >= 1
    assert metrics["kl"] > 1


def test_collapse_is_foretold_and_seen(
    configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(configure, tmp_path, "model.beta=10000")["active_units"] == 0
    said = capsys.readouterr().out
    assert said.index("is about to collapse") < said.index("the code has collapsed")


def test_the_page_of_an_evaluation_tells_of_a_collapse() -> None:
    found = Measured({}, pd.DataFrame(), ["the rest"], {}, {})
    used = with_units(found, np.array([1.5, 0.01]))
    assert "1 of 2 units carry more than 0.1 nat." in used.page
    assert used.metrics == {"test_kl": 1.51, "test_active_units": 1.0}
    collapsed = with_units(found, np.array([0.02, 0.01]))
    assert "0 of 2 units carry more than 0.1 nat: the code has collapsed" in collapsed.page[2]
    assert collapsed.page[-1] == "the rest"
