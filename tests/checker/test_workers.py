"""A large repository is judged by several processes as by one; a terminal hears how far it is."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from repro_audit import audit, workers
from repro_audit.progress import Progress
from repro_audit.repository import MOST_TEXT, Repository

if TYPE_CHECKING:
    from repro_audit.catalogue import Rule
    from repro_audit.model import Verdict

Plant = Callable[[Mapping[str, str]], Path]
FILES: dict[str, str] = yaml.safe_load(
    (Path(__file__).parent / "good_project.yaml").read_text("utf-8")
)["files"]
MODULE = '''"""One of many."""

import numpy as np


def scaled{number}(rows: np.ndarray) -> np.ndarray:
    """Scale rows."""
    return rows * {number} + np.random.rand()
'''
LARGE = FILES | {
    f"many/part{number}.py": MODULE.format(number=number)
    for number in range(workers.MANY_SOURCES)
} | {"many/broken.py": "def broken(:\n", "many/data.csv": "a\0b\n"}  # fmt: skip


def shared(root: Path) -> Repository:
    repo = Repository(root)
    repo.processes = 3
    return repo


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[workers.Worker[object]]:
    """Collect the workers that are started."""
    found: list[workers.Worker[object]] = []
    begin = workers.Worker.__init__

    def noted(self: workers.Worker[object], *given: object) -> None:
        begin(self, *given)  # type: ignore[arg-type]
        found.append(self)

    monkeypatch.setattr(workers.Worker, "__init__", noted)
    return found


def test_several_processes_find_what_one_finds(
    plant: Plant, started: list[workers.Worker[object]]
) -> None:
    root = plant(LARGE)
    (root / "LINKED.md").symlink_to("elsewhere.md")
    alone = asdict(audit.run_audit(root))
    assert started == []
    together = asdict(audit.run_audit(shared(root)))
    # Two for the code, and two for the rules.
    assert len(started) == 4
    assert together == alone
    assert [item["path"] for item in alone["skipped"]] == ["LINKED.md", "many/broken.py"]


def test_the_projects_of_a_monorepo_are_shared_too(
    plant: Plant, started: list[workers.Worker[object]]
) -> None:
    trees = {f"{name}/{path}": text for name in ("one", "two") for path, text in LARGE.items()}
    ignored = {"two/src/left.py": "import random\n# repro-audit: ignore[seed-set] -- a test\n"}
    root = plant({"README.md": "# Two\n", **trees, **ignored})
    alone = audit.run_audit(root)
    assert [item.path for item in alone.projects] == ["one", "two"]
    together = audit.run_audit(shared(root))
    assert len(started) == 5
    assert asdict(together) == asdict(alone)


def test_small_and_narrow_audits_start_none(
    plant: Plant, started: list[workers.Worker[object]]
) -> None:
    audit.run_audit(shared(plant(FILES)))
    audit.run_audit(shared(plant(LARGE)), select=["doc-readme"])
    assert started == []


def test_what_would_be_read_by_turns_is_read_by_one(plant: Plant) -> None:
    root = plant(LARGE)
    assert workers.large(Repository(root))
    with (root / "much.txt").open("wb") as stream:
        stream.truncate(MOST_TEXT)
    assert not workers.large(Repository(root))


def test_what_a_killed_worker_took_is_judged_all_the_same(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant(LARGE)
    alone = audit.run_audit(root)
    parent, judge = os.getpid(), audit.judge

    def deadly(rule: Rule, repo: Repository) -> Verdict:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return judge(rule, repo)

    monkeypatch.setattr(audit, "judge", deadly)
    assert audit.run_audit(shared(root)) == alone


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_hears_how_far_an_audit_is(plant: Plant) -> None:
    repo, screen = Repository(plant(LARGE)), Screen()
    repo.tell = progress = Progress(screen, patience=0, pause=0)
    audit.run_audit(repo)
    progress.end()
    shown = screen.getvalue().split("\r\x1b[K")
    assert "repro-audit: reading code, file 7 of 20" in "\n".join(shown)
    assert any(line.startswith("repro-audit: judging statistics") for line in shown)
    # Nothing is left.
    assert shown[-1] == ""


@pytest.mark.parametrize("stream", [io.StringIO(), Screen()])
def test_others_and_the_first_seconds_hear_nothing(stream: io.StringIO) -> None:
    progress = Progress(stream, patience=0 if not stream.isatty() else 60)
    progress("reading")
    progress.end()
    assert stream.getvalue() == ""
