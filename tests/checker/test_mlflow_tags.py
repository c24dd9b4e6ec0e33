"""Every MLflow run of an environment says of which code it is."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path

import pytest

Commit = Callable[[Mapping[str, str]], Path]


@pytest.mark.skipif(shutil.which("git") is None, reason="git makes the patch")
def test_mlflow_finds_what_tells_the_state_of_the_code(
    committed: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = committed({"a.py": "x = 1\n", "uv.lock": "version = 1\n"})
    (point,) = entry_points(group="mlflow.run_context_provider", name="repro-audit")
    provider = point.load()()
    monkeypatch.chdir(root)
    (root / "a.py").write_text("x = 2\n", "utf-8")
    assert provider.in_context()
    tags = provider.tags()
    assert len(tags["repro_audit.commit"]) == 40
    assert tags["repro_audit.dirty"] == "true"
    assert tags["repro_audit.patch"].startswith("sha256:")
    lock = hashlib.sha256(b"version = 1\n").hexdigest()
    assert tags["repro_audit.lock.uv.lock"] == f"sha256:{lock}"


def test_without_a_commit_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (point,) = entry_points(group="mlflow.run_context_provider", name="repro-audit")
    monkeypatch.chdir(tmp_path)
    assert not point.load()().in_context()
