"""A disk that is full costs one sentence, and no training."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest
import torch

from .kills import Condition, finish, start

LARGEST = 1000  # bytes that a file may have from then on: less than any checkpoint


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_full_disk_costs_one_sentence_and_leaves_a_checkpoint(
    dataset: Path, tmp_path: Path
) -> None:
    folder, condition = tmp_path / "run", Condition()
    last = folder / "run/checkpoints/last.ckpt"
    training = start(dataset, folder, condition, "trainer.max_epochs=5000", observed=False)
    while not last.exists():
        assert training.poll() is None, (folder / "said.txt").read_text()
        time.sleep(0.01)
    resource.prlimit(training.pid, resource.RLIMIT_FSIZE, (LARGEST, resource.RLIM_INFINITY))
    assert training.wait(timeout=300) == 2
    said = (folder / "said.txt").read_text()
    assert "Traceback" not in said
    assert f"restore.mode=continue restore.checkpoint={last}" in said
    reached = torch.load(last, weights_only=True)["epoch"]
    more = [f"trainer.max_epochs={reached + 2}", "restore.mode=continue"]
    finish(
        start(dataset, folder, condition, *more, f"restore.checkpoint={last}", observed=False),
        folder,
    )
