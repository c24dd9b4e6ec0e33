"""The files at the root keep to what they promise."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Generate

SPDX = {"MIT", "BSD-3-Clause", "Apache-2.0"}


@pytest.fixture(params=["the repository", "the project"])
def repository(request: pytest.FixtureRequest, root: Path, render: Generate) -> Path:
    return root if request.param == "the repository" else render()


@pytest.fixture
def questions(root: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((root / "cookiecutter.json").read_text("utf-8"))
    return content


def test_few_questions_and_each_is_a_sentence(questions: dict[str, Any]) -> None:
    asked = [name for name in questions if not name.startswith("_")]
    assert len(asked) <= 7
    prompts = questions["__prompts__"]
    assert list(prompts) == asked
    for name in asked:
        prompt = prompts[name]
        if isinstance(questions[name], list):
            assert [*prompt] == ["__prompt__", *questions[name]]
            prompt = prompt["__prompt__"]
        assert len(prompt.split()) > 4
        assert questions[name]


def test_nothing_depends_on_the_clock_or_the_machine(questions: dict[str, Any]) -> None:
    assert not re.search(r"\bnow\b|random|uuid|environ|\b20\d\d\b", json.dumps(questions))


def workflows(repository: Path) -> list[Path]:
    found = sorted((repository / ".github/workflows").glob("*.yml"))
    assert found
    return found


def test_actions_are_pinned_by_commit_with_their_version(repository: Path) -> None:
    for workflow in workflows(repository):
        uses = re.findall(r"^.*\buses:.*$", workflow.read_text("utf-8"), re.MULTILINE)
        assert uses
        pinned = re.compile(r"\s+(- )?uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
        assert [line for line in uses if not pinned.fullmatch(line)] == []


def test_workflows_may_read_only_and_run_every_week(repository: Path) -> None:
    for workflow in workflows(repository):
        content = yaml.safe_load(workflow.read_text("utf-8"))
        assert content["permissions"] == {"contents": "read"}
        triggers = content[True]  # YAML 1.1 reads the key `on` as a truth
        assert triggers["schedule"][0]["cron"].split()[4] == "1"
        for name, job in content["jobs"].items():
            shown = {"contents": "read", "security-events": "write"} if name == "audit" else None
            assert job.get("permissions") == shown
            assert job["timeout-minutes"] <= 60


def test_the_workflow_of_the_project_runs_tasks_that_it_has(render: Generate) -> None:
    sessions = re.findall(
        r"^@nox\.session.*\ndef (\w+)", (render() / "noxfile.py").read_text("utf-8"), re.MULTILINE
    )
    called = re.findall(r"nox -s (\w+)", workflows(render())[0].read_text("utf-8"))
    wanted = {"lint", "test", "reproduce", "audit", "verify", "lock"}
    assert wanted == set(called) <= set(sessions)


def test_the_image_is_pinned_locked_and_not_run_by_root(render: Generate) -> None:
    dockerfile = (render() / "Dockerfile").read_text("utf-8")
    assert re.search(
        r"^FROM python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}$", dockerfile, re.MULTILINE
    )
    assert dockerfile.count("FROM ") == 1
    for install in re.findall(r"pip install((?:.*\\\n)*.*)", dockerfile):
        assert "--no-deps" in install
        assert "--require-hashes" in install or "--editable ." in install
    # Known before anything is compiled, whose files would hold the time of the build otherwise.
    assert 0 < dockerfile.find("\nARG SOURCE_DATE_EPOCH\n") < dockerfile.find("\nRUN ")
    assert re.search(r"^USER [1-9]\d*$", dockerfile, re.MULTILINE)
    copied = dict.fromkeys(re.findall(r"requirements/(\w+)\.txt", dockerfile))
    assert all((render() / f"requirements/{name}.txt").is_file() for name in copied)


def test_one_version_of_python(render: Generate) -> None:
    project = render()
    assert (project / ".python-version").read_text("utf-8") == "3.11\n"
    assert 'requires-python = ">=3.11,<3.12"' in (project / "pyproject.toml").read_text("utf-8")


def test_hooks_of_pre_commit_are_pinned(repository: Path) -> None:
    text = (repository / ".pre-commit-config.yaml").read_text("utf-8")
    for entry in yaml.safe_load(text)["repos"]:
        if entry["repo"] != "local":
            assert re.fullmatch(r"[0-9a-f]{40}", entry["rev"])


def test_hook_and_session_check_with_the_same_ruff(render: Generate) -> None:
    project = render()
    hooks = (project / ".pre-commit-config.yaml").read_text("utf-8")
    locked = re.findall(
        r"^ruff==(\S+)", (project / "requirements/dev.txt").read_text("utf-8"), re.MULTILINE
    )
    assert set(re.findall(r"ruff==([\d.]+)", hooks)) == set(locked)


def test_citation_is_complete(repository: Path) -> None:
    """What schema 1.2.0 demands; cffconvert, which is slow to install, found both files valid."""
    citation = yaml.safe_load((repository / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert all(citation[key] for key in ("message", "title", "abstract"))
    assert [set(author) for author in citation["authors"]] == [{"name"}]
    assert citation["license"] in SPDX
    assert citation["type"] == "software"


def test_ci_runs_the_test_command_of_the_readme(root: Path) -> None:
    script = root / ".ci/run"
    assert os.name == "nt" or os.access(script, os.X_OK)
    pattern = re.search(r"^line='(.*)'$", script.read_text("utf-8"), re.MULTILINE)
    assert pattern
    found = re.findall(pattern[1], (root / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(found) == 1


def test_the_guide_names_paths_that_exist(root: Path) -> None:
    guide = (root / "CONTRIBUTING.md").read_text("utf-8")
    paths = [path for path in re.findall(r"`([\w.{}/-]+/[\w./-]*)`", guide) if "<" not in path]
    assert paths
    assert [path for path in paths if not (root / path).exists()] == []
