"""A checkpoint is whole, whatever happens while it is written."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch

from {{ cookiecutter.project_slug }}.checkpoints import Start
from {{ cookiecutter.project_slug }}.data import ProjectData
from {{ cookiecutter.project_slug }}.stages import StageError
from {{ cookiecutter.project_slug }}.training import fit, lasting

from .conftest import Configure

MEMORY = Path("/dev/shm")  # another disk than that of the tests, on Linux


def test_a_full_disk_leaves_the_last_checkpoint_and_a_sentence(
    configure: Configure, tmp_path: Path
) -> None:
    """The system refuses to write more of a file, as it does when the disk is full."""
    resource = pytest.importorskip("resource", reason="only Unix limits files")
    last = tmp_path / "checkpoints/last.ckpt"
    fit(configure(), Start(tmp_path), {})
    before, limits = last.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(StageError, match=f"checkpoint={last}") as stopped, lasting(tmp_path):
            fit(configure("seed=2"), Start(tmp_path), {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert stopped.value.__cause__.errno == errno.EFBIG
    assert last.read_bytes() == before
    assert {path.name for path in last.parent.iterdir()} == {"best.ckpt", "last.ckpt"}
    assert torch.load(last, weights_only=True)["epoch"] == 1


def test_a_checkpoint_within_an_epoch_is_written_when_lightning_is_done_with_its_batch(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five steps an epoch, two at once: one is due every third, and one at the end of an epoch."""
    rows = len(ProjectData.of(configure().data).parts["train"])
    written: set[int] = set()

    def save(trainer: pl.Trainer, *arguments: object) -> None:
        written.add(trainer.global_step)
        usual(trainer, *arguments)

    usual = pl.Trainer.save_checkpoint
    monkeypatch.setattr(pl.Trainer, "save_checkpoint", save)
    loader = (f"data.loader.batch_size={-(-rows // 5)}", "data.loader.at_once=2")
    fit(configure(*loader, "checkpoint_every=3"), Start(tmp_path), {})
    assert written == {4, 5, 7, 9, 10}


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no second disk is known here")
def test_a_checkpoint_takes_the_place_of_the_old_one_at_once(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where temporary files are on another disk: whoever has the old one open reads on."""
    monkeypatch.setattr(tempfile, "tempdir", str(MEMORY))
    last = tmp_path / "checkpoints/last.ckpt"
    fit(configure(), Start(tmp_path), {})
    before = last.read_bytes()
    with last.open("rb") as old:
        fit(configure("seed=2"), Start(tmp_path), {})
        assert old.read() == before
    assert last.read_bytes() != before
