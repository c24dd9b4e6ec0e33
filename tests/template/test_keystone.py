"""A fresh project keeps every practice that reading can judge before its first verified run."""

import shutil
import subprocess
from pathlib import Path

import pytest
from repro_audit import Report, Status, run_audit
from repro_audit.settings import load_settings

from .conftest import Generate

# What is left, and why.
OPEN = {
    "archive-code": Status.UNKNOWN,  # nothing is public yet
    "archive-records": Status.PARTIAL,  # raw values stand here, and in no archive
    "stat-preregistered": Status.UNKNOWN,  # plan and first results came in one commit
    "train-weights-released": Status.FAIL,  # nothing is trained yet that could be handed out
    "vcs-release-tag": Status.PARTIAL,  # for the author to tag
    "vcs-used": Status.PARTIAL,  # there is one commit
}
OPEN_IN = {
    "example": {
        "data-under-version-control": Status.UNKNOWN,  # a tool for data is for its author to choose
        "seed-local-generators": Status.UNKNOWN,  # the seed is passed on as an argument
    },
    "minimal": {
        "prep-params-explicit": Status.UNKNOWN,  # standardising has none
        "split-group-aware": Status.UNKNOWN,  # depends on the data that is put in
    },
}
DONE = {Status.PASS, Status.NOT_APPLICABLE}


def judged(project: Path) -> Report:
    """Judge a project with its own settings, as those who stand in it do."""
    return run_audit(project, settings=load_settings(project))


def left(report: Report) -> dict[str, Status]:
    """What does not pass."""
    found = {item.practice.id: item.verdict.status for item in report.results}
    return {name: status for name, status in found.items() if status not in DONE}


@pytest.mark.parametrize("contents", sorted(OPEN_IN))
def test_only_what_needs_its_author_is_left(render: Generate, contents: str) -> None:
    report = judged(render(contents=contents))
    assert left(report) == OPEN | OPEN_IN[contents]
    assert report.notices == ()
    levels = dict(report.score.levels)
    assert [name for name, state in levels.items() if state == "ready"] == [
        "reviewable", "replicable", "confirmable",
    ]  # fmt: skip


@pytest.mark.parametrize("contents", sorted(OPEN_IN))
def test_a_second_commit_and_a_tag_make_it_auditable(
    render: Generate, tmp_path: Path, contents: str
) -> None:
    project = shutil.copytree(render(contents=contents), tmp_path / "study")
    for command in (
        ["commit", "--quiet", "--allow-empty", "--message=More"],
        ["tag", "--annotate", "v0.1.0", "--message=The state behind the paper"],
    ):
        subprocess.run(["git", *command], cwd=project, check=True)
    report = judged(project)
    assert {"vcs-used", "vcs-release-tag"}.isdisjoint(left(report))
    assert dict(report.score.levels)["auditable"] == "ready"
