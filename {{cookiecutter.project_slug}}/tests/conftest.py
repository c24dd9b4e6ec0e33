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

MODELS = sorted(path.stem for path in (ROOT / "conf/model").glob("*.yaml"))
Configure = Callable[..., DictConfig]


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the small data set, validated."""
    folder = tmp_path_factory.mktemp("data") / "small"
    cfg = configuration(folder)
    data(cfg)
    validate(cfg)
    return folder


@pytest.fixture
def configure(dataset: Path) -> Configure:
    """Compose the configuration from overrides, with the small data set as its data."""
    return lambda *overrides: configuration(dataset, *overrides)


def configuration(folder: Path, *overrides: str) -> DictConfig:
    """The configuration as a command would see it."""
    data = [] if any(each.startswith("data=") for each in overrides) else ["data=smoke"]
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return compose(
            "config",
            [*data, f"data.folder={folder}", "trainer.max_epochs=2", *overrides],
        )
