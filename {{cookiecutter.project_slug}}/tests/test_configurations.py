"""Every option of every group composes and trains one step."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.reproducibility import LARGEST_SEED, seed_of
from {{cookiecutter.project_slug}}.stages import ARGUMENTS, ROOT, StageError, refuse_unread
from {{cookiecutter.project_slug}}.training import fit

from .conftest import Configure

DOWNLOADED = {"granada_corsika", "auger_open"}  # see test_real_data.py
OPTIONS = sorted(
    f"{path.parent.name}={path.stem}"
    for path in (ROOT / "conf").glob("*/*.yaml")
    if path.stem not in DOWNLOADED
)
ONE_STEP = ("trainer.max_epochs=1", "+trainer.limit_train_batches=1", "data.loader.at_once=1")


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_trains_one_step(option: str, configure: Configure, tmp_path: Path) -> None:
    if option == "trainer=gpu" and not torch.cuda.is_available():
        pytest.skip("no GPU on this machine")
    if option in {"trainer=ddp", "trainer=ray"}:
        pytest.skip("starts processes of its own: see test_ddp and test_cluster")
    cfg = configure(option, *ONE_STEP)
    trainer, _, _ = fit(cfg, Start(tmp_path), {})
    assert trainer.global_step == 1


@pytest.mark.parametrize("option", ["trainer.precision=bf16-mixed", "compile=default"])
def test_an_option_for_gpus_trains_on_a_cpu_too(
    option: str, configure: Configure, tmp_path: Path
) -> None:
    if option.startswith("compile") and shutil.which("g++") is None:
        pytest.skip("torch.compile needs a C++ compiler")
    cfg = configure(option, *ONE_STEP)
    trainer, model, _ = fit(cfg, Start(tmp_path), {})
    assert trainer.global_step == 1
    assert not [name for name in model.state_dict() if "orig_mod" in name], "it loads uncompiled"


def test_what_a_configuration_may_call_is_of_three_origins() -> None:
    """So the list of what Hydra 1.4 will call is one line."""
    texts = [path.read_text("utf-8") for path in (ROOT / "conf").rglob("*.yaml")]
    called = {name for text in texts for name in re.findall(r"_target_: ([\w.]+)", text)}
    allowed = ("{{cookiecutter.project_slug}}.", "pytorch_lightning.", "optuna.distributions.")
    assert called
    assert {name for name in called if not name.startswith(allowed)} == set()


def test_an_unknown_key_is_refused(configure: Configure) -> None:
    with pytest.raises(Exception, match="modle"):
        configure("modle.latent=4")


@pytest.mark.parametrize("key", ["sede=1", "data.fodler=x", "tracking.user=me"])
def test_an_added_key_that_nothing_reads_is_refused(key: str) -> None:
    with pytest.raises(StageError, match=f"^nothing reads {key.partition('=')[0]}: "):
        refuse_unread(["seed=2", "+trainer.limit_val_batches=1", f"+{key}"])


def keys(part: DictConfig, path: str = "") -> Iterator[str]:
    """The keys of a configuration, but for those inside of what is passed on as arguments."""
    for name in part:
        here = f"{path}{name}"
        if here == "search.space" or f"{here}.".startswith(ARGUMENTS):
            continue
        inner = part._get_node(name)
        if isinstance(inner, DictConfig):
            yield from keys(inner, f"{here}.")
        else:
            yield here


@pytest.mark.parametrize("option", OPTIONS)
def test_every_key_is_read_by_the_code(option: str, configure: Configure) -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r"\.(\w+)", code))
    unread = {key for key in keys(configure(option)) if key.rpartition(".")[2] not in read}
    assert unread == set()


def test_a_model_does_not_take_a_key_that_it_does_not_read(
    configure: Configure, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match="depth"):
        fit(configure("+model.depth=3"), Start(tmp_path), {})


@pytest.mark.parametrize("seed", ["null", "-1", "1.5", "true", "x", str(LARGEST_SEED + 1)])
def test_a_seed_that_is_none_is_refused_in_a_sentence(seed: str, configure: Configure) -> None:
    with pytest.raises(StageError, match=r"^seed is .*; set seed to an integer from 0 to"):
        seed_of(configure(f"seed={seed}"))


@pytest.mark.parametrize("seed", [0, 1, LARGEST_SEED])
def test_every_other_seed_is_legal(seed: int, configure: Configure) -> None:
    assert seed_of(configure(f"seed={seed}")) == seed


def test_without_a_seed_nothing_starts() -> None:
    with pytest.raises((ConfigAttributeError, ConfigKeyError)):
        seed_of(DictConfig({}, flags={"struct": True}))
