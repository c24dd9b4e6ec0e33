"""Every planted cause is named, with its variation, path and line; innocent programs are equal."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from repro_audit.cli import main

from .planted_causes import CAUSES, INNOCENT

Commit = Callable[[Mapping[str, str]], Path]
MARK = "# <- "
README = {"README.md": "# A program\n"}


def verified(root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    record = root.parent / "record.json"
    words = ("--", "python", "main.py")
    status = main(["verify", str(root), "--yes", "--output", str(record), *options, *words])
    return status, json.loads(record.read_text("utf-8"))


def marks(files: Mapping[str, str]) -> set[tuple[str, str, int]]:
    return {
        (line.partition(MARK)[2], path, number)
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if MARK in line
    }


@pytest.mark.parametrize("name", CAUSES)
def test_a_planted_cause_is_named(name: str, committed: Commit) -> None:
    wanted = marks(CAUSES[name])
    variation = next(iter(wanted))[0]
    if variation == "cpus" and len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one processor")
    status, record = verified(committed({**README, **CAUSES[name]}), "--vary", variation)
    made = {item["name"]: item for item in record["variations"]}
    if variation not in made and variation != "clock":
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
