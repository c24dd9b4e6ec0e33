"""Every kind of output: other bytes of the same values, a little off, and far off."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from repro_audit.verify.compare.files import Comparison
from repro_audit.verify.outputs import Written, digest, files_of
from repro_audit.verify.plan import Tolerance

from .kinds import FOLDERS, KINDS

LOOK = Path(__file__).parents[2] / "checker/src/repro_audit/verify/agent/look.py"
WRITE = Path(__file__).with_name("kinds.py")
NEEDED = {
    "a.parquet": "pyarrow", "dates.parquet": "pyarrow", "a.png": "PIL", "a.gif": "PIL",
    "a.safetensors": "safetensors", "a.npz": "numpy", "a.joblib": "joblib", "a.pkl": "numpy",
    "trees.pkl": "numpy",
    "a.pt": "torch", "a.ipynb": "json",
    "mlflow.db": "mlflow",
}  # fmt: skip
# What is said of the value that is far off.
SAID = {
    "a.parquet": "loss[1]: 1.0 became 2.0",
    "dates.parquet": "2026",
    "a.png": "pixels: 1 of 6 values, first at [1, 1]: 7 became 8",
    "a.gif": "frames[2].pixels: 12 of 12 values",
    "a.safetensors": "weights: 1 of 2 values, first at [1]: 2.0 became 3.0",
    "a.npz": "weights: 1 of 3 values, first at [1]: 2.0 became 3.0",
    "a.joblib": "model.state.weights: 1 of 4 values, first at [1, 1]: 4.0 became 5.0",
    "a.pkl": "[0].state.weights: 1 of 2 values, first at [1]: 2.0 became 3.0",
    "trees.pkl": "nodes.value: 1 of 2 values, first at [1]: 2.0 became 3.0",
    "a.pt": "layer.weight: 1 of 2 values, first at [1]: 2.0 became 3.0",
    "mlflow.db": "run 1, metric loss, step 1: 2.0 became 3.0",
    "a.ipynb": "'1.0000000000' became '2.0000000000'",
}
# Pixels, days and texts have no value between two of them.
WHOLE = {"dates.parquet", "a.png", "a.gif", "a.ipynb"}


def python_with(module: str) -> str:
    """Return a Python that has a module: ours, else that of a generated project."""
    other = Path(os.environ.get("PROJECT_ENV", "/none")) / "bin" / "python"
    for python in (sys.executable, str(other)):
        words = [python, "-c", f"import {module}"]
        if Path(python).exists() and not subprocess.run(words, check=False, stderr=-3).returncode:
            return python
    return pytest.skip(f"neither our Python nor that of a generated project has {module}")


def looks_of(python: str) -> Any:
    def looks(kind: str, one: Path, other: Path, rules: list[Any]) -> dict[str, Any]:
        words = [python, str(LOOK), kind, str(one), str(other), json.dumps(rules)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    return looks


def written(folder: Path) -> Written:
    return Written(folder, {path: digest(folder / path) for path in files_of(folder)})


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_compared_by_what_it_holds(kind: str, tmp_path: Path) -> None:
    python = python_with(NEEDED[kind])
    subprocess.run([python, WRITE, tmp_path, kind], check=True)
    made = {name: written(tmp_path / name) for name in FOLDERS}
    strict = Comparison((), looks_of(python))
    twins = strict.compare(made["base"], made["twin"])
    assert kind in {item.path for item in twins}, "the twin has the same bytes: nothing is tested"
    assert all(item.same for item in twins), twins
    (far,) = [item for item in strict.compare(made["base"], made["far"]) if item.path == kind]
    assert (far.same, far.within) == (False, False)
    assert SAID[kind] in far.what
    loose = Comparison((Tolerance("*", 1e-6),), looks_of(python))
    assert not any(item.within for item in loose.compare(made["base"], made["far"]))
    if kind not in WHOLE:
        near = strict.compare(made["base"], made["near"])
        assert near
        assert not any(item.same or item.within for item in near)
        assert all(item.within for item in loose.compare(made["base"], made["near"]))


class Bomb:
    """Writes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib", "a.pt", "a.npy"])
def test_nothing_that_an_output_names_is_run(name: str, tmp_path: Path) -> None:
    python = python_with("torch" if name == "a.pt" else "numpy")
    for folder, more in (("one", 1), ("other", 2)):
        (tmp_path / folder).mkdir()
        content = pickle.dumps([Bomb(tmp_path / "done"), more])
        (tmp_path / folder / name).write_bytes(content)
    (found,) = Comparison((), looks_of(python)).compare(
        written(tmp_path / "one"), written(tmp_path / "other")
    )
    assert not found.same
    assert not (tmp_path / "done").exists()
    if name in ("a.pkl", "a.joblib"):
        assert found.what == "[1]: 1 became 2"


def test_what_is_nested_too_deep_is_no_equal_output(tmp_path: Path) -> None:
    for folder, value in (("one", 1), ("other", 2)):
        (tmp_path / folder).mkdir()
        held: Any = value
        for _ in range(40):
            held = [held]
        (tmp_path / folder / "a.pkl").write_bytes(pickle.dumps(held))
    (found,) = Comparison((), looks_of(sys.executable)).compare(
        written(tmp_path / "one"), written(tmp_path / "other")
    )
    assert not found.same
