"""The minimal contents: the same house, lived in by its README."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import EXPERIMENT, generated, live, sessions_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.journey
# Minutes of clusters, searches and kills, by the files that the example has too: its journey runs
# them, and `nox -s journey` runs them here as well.
SHARED = ("test_at_once.py", "test_cluster.py", "test_kills.py", "test_search.py")


@pytest.fixture(scope="module")
def minimal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the minimal contents."""
    return generated(tmp_path_factory.mktemp("minimal") / "my own", "contents=minimal")


@pytest.fixture(scope="module")
def lived_in(minimal: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """Every command of its README."""
    return live(minimal, sessions_of(minimal), SHARED)


def test_every_command_of_its_readme_succeeds(
    lived_in: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    assert {key: done.returncode for key, done in lived_in.items()} == dict.fromkeys(lived_in, 0)
    assert {key.split()[0] for key in lived_in} >= {"reproduce", "results", "test", "audit"}
    assert re.search(r"\d+ passed", lived_in["test"].stdout)


@pytest.mark.usefixtures("lived_in")
def test_it_leaves_numbers_raw_values_and_a_picture(minimal: Path) -> None:
    (run, *_) = (minimal / "outputs" / EXPERIMENT).glob("*/evaluation")
    metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    assert metrics["test_log_loss"] < metrics["test_log_loss_guess"]
    assert (run / "predictions.csv").read_text("utf-8").startswith("cultivar,p_1,p_2,p_3\n")
    assert (run / "confusion.png").stat().st_size > 5_000
    assert "MLflow run" in (run / "results.md").read_text("utf-8")


@pytest.mark.usefixtures("lived_in")
def test_its_audit_is_as_clean_as_that_of_the_example(minimal: Path) -> None:
    report = json.loads((minimal / "audit/report.json").read_text("utf-8"))
    failed = {p["id"] for p in report["practices"] if p["status"] in {"fail", "error"}}
    assert failed == {"train-weights-released"}


@pytest.mark.usefixtures("lived_in")
def test_what_it_leaves_is_ignored_by_git_or_for_its_author_to_commit(minimal: Path) -> None:
    if (minimal / ".git").exists():
        command = ["git", "status", "--porcelain"]
        done = subprocess.run(command, cwd=minimal, capture_output=True, check=True, text=True)
        changed = {line[3:] for line in done.stdout.splitlines()}
        assert changed <= {"docs/results.md", "docs/results.csv"}
