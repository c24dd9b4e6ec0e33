"""Spoil one thing in a fresh project, and the practice that names it notices, and no other."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from repro_audit import Status, run_audit
from repro_audit.settings import load_settings

from .conftest import Generate

TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "spoilings.yaml").read_text("utf-8")
)
SINGLE = [(practice, number) for practice, all_ in TABLE.items() for number in range(len(all_))]
FEWEST = 50
Spoil = Callable[[dict[str, Any]], dict[str, Status]]


def verdicts(project: Path) -> dict[str, Status]:
    """Judge a project with its own settings, as those who stand in it do."""
    report = run_audit(project, settings=load_settings(project))
    return {item.practice.id: item.verdict.status for item in report.results}


@pytest.fixture(scope="module")
def fresh(render: Generate) -> dict[str, Status]:
    """What an unspoilt project gets."""
    return verdicts(render())


@pytest.fixture
def spoil(render: Generate, tmp_path: Path) -> Spoil:
    """Make one change to a copy of the project, as if it had been generated so, and judge it."""

    def spoil(change: dict[str, Any]) -> dict[str, Status]:
        project = shutil.copytree(render(), tmp_path / render().name)
        path = project / change["in"].replace("SLUG", project.name)
        if "old" in change:
            text, old = path.read_text("utf-8"), change["old"].replace("SLUG", project.name)
            assert old in text, f"{change['in']} has no {old!r}: the table is behind the template"
            path.write_text(text.replace(old, change["new"]), "utf-8")
        elif "add" in change:
            path.write_text(change["add"], "utf-8")
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        for command in (["add", "--all"], ["commit", "--quiet", "--amend", "--no-edit"]):
            subprocess.run(["git", *command], cwd=project, check=True)
        return verdicts(project)

    return spoil


@pytest.mark.parametrize(("practice", "number"), SINGLE)
def test_one_change_is_noticed_by_the_practice_that_names_it(
    practice: str, number: int, fresh: dict[str, Status], spoil: Spoil
) -> None:
    change = TABLE[practice][number]
    found = spoil(change)
    other = {name for name in fresh if found[name] is not fresh[name]}
    assert other == {practice, *change.get("along", ())}
    assert found[practice] in {Status.FAIL, Status.PARTIAL, Status.UNKNOWN}
    assert fresh[practice] in {Status.PASS, Status.NOT_APPLICABLE, Status.UNKNOWN}


def test_there_are_enough_of_them() -> None:
    assert len(SINGLE) >= FEWEST
