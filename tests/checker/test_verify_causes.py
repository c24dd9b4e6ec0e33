"""Every planted cause is named, with its variation, path and line; innocent programs are equal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from repro_audit.cli import main
from repro_audit.running.block import agent

from .planted_causes import CAUSES, INNOCENT

Commit = Callable[[Mapping[str, str]], Path]
MARK = "# <- "
README = {"README.md": "# A program\n"}


def verified(root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    record = root.parent / "record.json"
    words = ("--", "python", "main.py")
    status = main(["verify", str(root), "--yes", "--output", str(record), *options, *words])
    return status, json.loads(record.read_text("utf-8"))


# Two runs of one day agree on it: only a clock that is moved shows the cause.
ONLY_MOVED = {"the year"}


def marks(files: Mapping[str, str]) -> set[tuple[str, str, int]]:
    return {
        (line.partition(MARK)[2], path, number)
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if MARK in line
    }


@pytest.mark.parametrize("name", CAUSES)
def test_a_planted_cause_is_named(name: str, committed: Commit) -> None:
    if name == "a variable of the host" and which("bwrap") is None:
        pytest.skip("only bubblewrap gives the machine another name")
    wanted = marks(CAUSES[name])
    variation = next(iter(wanted))[0]
    if variation == "cpus" and len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one processor")
    status, record = verified(committed({**README, **CAUSES[name]}), "--vary", variation)
    made = {item["name"]: item for item in record["variations"]}
    if variation not in made and (variation != "clock" or name in ONLY_MOVED):
        pytest.skip(str(record["skipped"]))
    assert status == 1
    if variation in made:
        assert not made[variation]["equal"]
    named = {(item["variation"], item["path"], item["line"]) for item in record["causes"]}
    # A clock that moves between two runs makes the control unequal too, for the same reason.
    named -= {("control", *place[1:]) for place in wanted if place[0] == "clock"}
    assert named == wanted, record["causes"]


@pytest.mark.parametrize("name", INNOCENT)
def test_an_innocent_program_is_equal(name: str, committed: Commit) -> None:
    status, record = verified(committed({**README, **INNOCENT[name]}))
    assert (status, record["equal"], record["causes"]) == (0, True, [])


UNSEEDED = "import random\n\nvalues = [random.random()]\nopen('out.txt', 'w').write(str(values))\n"


def named(root: Path, *words: str) -> list[dict[str, Any]]:
    record = root.parent / "record.json"
    options = ("--vary", "control", "--expect", "out.txt", "--output", str(record))
    assert main(["verify", str(root), "--yes", *options, "--", *words]) == 1
    found: list[dict[str, Any]] = json.loads(record.read_text("utf-8"))["causes"]
    return found


def test_a_module_that_is_run_by_its_name_is_watched(committed: Commit) -> None:
    root = committed({**README, "study/__init__.py": "", "study/work.py": UNSEEDED})
    (cause,) = named(root, "python", "-m", "study.work")
    assert (cause["path"], cause["line"]) == ("study/work.py", 3)


def test_of_what_is_no_python_is_said_what_is_known(committed: Commit) -> None:
    root = committed({**README, "run.sh": "date +%N > out.txt\n"})
    (cause,) = named(root, "bash", "run.sh")
    assert cause["path"] == ""
    assert cause["message"].startswith(
        "the result depends on something that is another in each run"
    )
    assert "out.txt: line 1: " in cause["message"]
    assert "only Python code of the project can be watched" in cause["message"]


def notebook(*cells: str) -> str:
    listed: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "head", "metadata": {}, "source": ["# A study\n"]}
    ]
    for number, cell in enumerate(cells):
        more: dict[str, Any] = {
            "execution_count": None,
            "outputs": [],
            "metadata": {},
            "id": f"cell-{number}",
        }
        listed.append({"cell_type": "code", "source": cell.splitlines(keepends=True), **more})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {
        "cells": listed,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole)


def test_the_cell_of_a_notebook_is_named(
    committed: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("nbconvert", reason="nbconvert is in the lock of the tools, not here")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    # The clock is harmless, and the kernel itself draws from the same generator before the cells.
    cells = ("import random\nimport time\n", "began = time.time()\n", UNSEEDED)
    root = committed({**README, "study.ipynb": notebook(*cells)})
    words = ("jupyter", "nbconvert", "--to", "notebook", "--execute", "study.ipynb")
    (cause,) = named(root, *words, "--output", "done.ipynb")
    assert (cause["path"], cause["line"]) == ("study.ipynb cell 4", 3)
    assert cause["message"].startswith("`random.random()` draws from the generator of `random`")


def test_objects_of_a_set_have_names_that_another_run_gives_them_too() -> None:
    """How often a set of objects is gone through in another order is chance, and not tested."""
    named = agent("events").named

    class Layer:
        def __init__(self, scale: int) -> None:
            self.scale = scale

    assert named([Layer(2), Layer(1)]) == ["Layer({'scale': 2})", "Layer({'scale': 1})"]
    alike = sorted((Layer(3), Layer(3)), key=id)
    assert named(alike) == ["Layer({'scale': 3}) #0", "Layer({'scale': 3}) #1"]
    assert named([3, "x"]) == ["3", "'x'"]
