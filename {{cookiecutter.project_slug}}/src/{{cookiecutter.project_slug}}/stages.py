"""What the stages of the pipeline share: how they start, and how they stop."""

from __future__ import annotations

import itertools
import shlex
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder: every path in `conf/` is relative to it."""


class StageError(Exception):
    """The stage cannot go on; the message says what is wrong, where, and what to do."""


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: a kill in between leaves what was there."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


def new_folder(parent: str) -> str:
    """Make a folder in `parent` that nobody else has, and return its name, which says when.

    A second that others began in, too, gets a number. `conf/config.yaml` calls this.
    """
    now = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    for number in itertools.count(1):
        folder = Path(parent, now if number == 1 else f"{now}-{number}")
        try:
            folder.mkdir(parents=True)
            break
        except FileExistsError:
            continue
    return folder.name


OmegaConf.register_new_resolver("new_folder", new_folder, use_cache=True, replace=True)

# Sections that are arguments of a class or a function, which itself refuses what it does not take.
ARGUMENTS = ("model.", "trainer.", "data.source.", "data.split.", "data.loader.", "hydra.")


def refuse_unread(overrides: list[str]) -> None:
    """Refuse keys that an override adds, as in `+key=value`, and that nothing would read.

    Raises:
        StageError: there is one.
    """
    for word in overrides:
        key = word.lstrip("+").partition("=")[0]
        if word.startswith("+") and not key.startswith(ARGUMENTS):
            raise StageError(f"nothing reads {key}: leave it out, or name a key that conf/ has.")


def given(*but: str) -> list[str]:
    """The overrides of this command, but for those that begin so, and for addresses."""
    left_out, words = ("notify=", *but), HydraConfig.get().overrides.task
    return [word for word in words if not word.lstrip("+").startswith(left_out)]


def again(session: str, overrides: list[str], values: Mapping[str, Any] | None = None) -> str:
    """What to type to do it again: a session of nox, its overrides, and values by their keys."""
    more = [f"{key}={value}" for key, value in (values or {}).items()]
    return shlex.join(["nox", "-s", session, "--", *overrides, *more])


def stage(task: Callable[[DictConfig], object]) -> Callable[[], None]:
    """Make a command of a function of the configuration.

    The command reads `conf/` and overrides such as `model.latent=4`. A `StageError` ends it with
    its one sentence and exit status 2; any other exception is a mistake of ours and keeps its
    traceback.
    """

    @hydra.main(version_base="1.3", config_path=str(ROOT / "conf"), config_name="config")
    def main(cfg: DictConfig) -> None:
        try:
            refuse_unread(list(HydraConfig.get().overrides.task))
            # NumPy's sums depend on how many threads share them; `threads` is about PyTorch alone.
            with threadpool_limits(1, user_api="blas"):
                task(cfg)
        except (StageError, MissingMandatoryValue) as error:
            print(f"{task.__name__}: {error}", file=sys.stderr)
            sys.exit(2)

    return main
