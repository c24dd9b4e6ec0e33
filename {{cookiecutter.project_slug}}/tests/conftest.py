"""A small data set, made once for all tests, and configurations that point to it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from {{cookiecutter.project_slug}}.preparation import data
from {{cookiecutter.project_slug}}.stages import ROOT
from {{cookiecutter.project_slug}}.validation import validate

warnings.filterwarnings("ignore", ".*does not have many workers.*")

Configure = Callable[..., DictConfig]


@pytest.fixture(scope="session")
def showers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of 400 validated showers."""
    folder = tmp_path_factory.mktemp("data") / "showers"
    cfg = configuration(folder)
    data(cfg)
    validate(cfg)
    return folder


@pytest.fixture
def configure(showers: Path) -> Configure:
    """Compose the configuration from overrides, with the small data set as its data."""
    return lambda *overrides: configuration(showers, *overrides)


def configuration(folder: Path, *overrides: str) -> DictConfig:
    """The configuration as a command would see it."""
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return compose(
            "config",
            [
                f"data.folder={folder}",
                "data.source.n_showers=400",
                "data.source.photons.n_showers=100",
                "data.loader.batch_size=64",
                "trainer.max_epochs=2",
                *overrides,
            ],
        )
