"""A monorepo is judged project by project; other repositories are judged as one."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest
from repro_audit import Repository, Status
from repro_audit.audit import run_audit
from repro_audit.commands import status
from repro_audit.facts.above import above
from repro_audit.facts.history import History
from repro_audit.facts.kind import Kind
from repro_audit.facts.projects import Projects
from repro_audit.model import Report, Verdict
from repro_audit.projects import view_of
from repro_audit.render import render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from repro_audit.view import View

    Plant = Callable[[Mapping[str, str]], Path]

SCHEMA = json.loads((files("repro_audit") / "schemas" / "report-v1.schema.json").read_text("utf-8"))
TRAIN = """\
import random
import numpy as np
import torch

{seed}
model = torch.nn.Linear(1, 1)
loss = model(torch.rand(1, 1)).sum()
loss.backward()
"""
SEED = "random.seed(1); np.random.seed(1); torch.manual_seed(1)"
MONOREPO = {
    "README.md": "# Two models\n",
    "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge\n",
    "a/README.md": "# A\n\n```sh\npython main.py\n```\n",
    "a/requirements.txt": "torch==2.4.0\nnumpy==2.0.0\n",
    "a/main.py": TRAIN.format(seed=SEED),
    "b/README.md": "# B\n",
    "b/requirements.txt": "torch\n",
    "b/main.py": TRAIN.format(seed=""),
}


def found(root: Path) -> tuple[str, tuple[str, ...]]:
    repo = Repository(root)
    return repo.fact(Kind).name, repo.fact(Projects).folders


def seen(repo: Repository, folder: str) -> View:
    return view_of(repo, folder, above(repo, repo.fact(Projects).folders))


def without(*paths: str) -> dict[str, str]:
    return {path: text for path, text in MONOREPO.items() if path not in paths}


@pytest.mark.parametrize(
    ("tree", "folders"),
    [
        (MONOREPO, ("a", "b")),
        # A README with training of its own is a project too, a README beside a helper is none.
        (without("a/requirements.txt", "b/requirements.txt"), ("a", "b")),
        (without("b/requirements.txt") | {"b/main.py": "print(1)\n"}, ()),
        ({f"deep/{path}": text for path, text in MONOREPO.items()}, ("deep/a", "deep/b")),
        # What lies in a project belongs to it.
        (MONOREPO | {"a/part/README.md": "", "a/part/run.py": MONOREPO["a/main.py"]}, ("a", "b")),
        # A plain name that another folder has too binds nothing.
        (MONOREPO | {"a/data.py": "def f(): ...\n", "b/use.py": "import data\n"}, ("a", "b")),
    ],
)
def test_a_monorepo_is_two_folders_that_stand_alone(
    tree: dict[str, str], folders: tuple[str, ...], plant: Plant
) -> None:
    assert found(plant(tree)) == ("monorepo" if folders else "paper-code", folders)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"train.py": "import a.main\n"}, "paper-code"),
        ({"common/nets.py": "class Net: ...\n", "a/use.py": "import common.nets\n"}, "paper-code"),
        ({"b/use.py": "import a.main\n"}, "paper-code"),
        ({"src/train.py": MONOREPO["b/main.py"]}, "paper-code"),
        ({"cookiecutter.json": "{}"}, "template"),
        ({f"week{n}.ipynb": '{"cells": []}' for n in range(9)}, "course"),
    ],
    ids=["root uses it", "shared code", "one uses the other", "experiment", "template", "course"],
)
def test_folders_that_belong_together_are_no_monorepo(
    more: dict[str, str], kind: str, plant: Plant
) -> None:
    assert found(plant(MONOREPO | more))[0] == kind


def test_examples_of_a_library_are_no_monorepo(plant: Plant) -> None:
    library = {
        "pyproject.toml": "[project]\nname = 'net'\n[build-system]\nrequires = []\n",
        "net/__init__.py": "def layer(): ...\n",
    }
    examples = {f"examples/{path}": text for path, text in MONOREPO.items()}
    assert found(plant(library | examples))[1] == ()
    assert found(plant(library | MONOREPO))[1] == ()


def test_examples_alone_are_no_monorepo(plant: Plant) -> None:
    assert found(plant({f"examples/{path}": text for path, text in MONOREPO.items()}))[1] == ()


def test_members_of_a_workspace_are_projects_under_its_lock(plant: Plant) -> None:
    member = "[project]\nname = '{}'\ndependencies = ['torch']\n[build-system]\nrequires = []\n"
    root = plant(
        {
            "pyproject.toml": "[tool.uv.workspace]\nmembers = ['packages/*']\n",
            "uv.lock": "version = 1\n[[package]]\nname = 'torch'\nversion = '2.4.0'\n",
            "packages/core/pyproject.toml": member.format("core"),
            "packages/core/core/__init__.py": "def net(): ...\n",
            "packages/app/pyproject.toml": member.format("app"),
            "packages/app/run.py": "import core\n" + MONOREPO["a/main.py"],
        }
    )
    assert found(root) == ("monorepo", ("packages/app", "packages/core"))
    view = seen(Repository(root), "packages/app")
    assert set(view.by_path) == {"pyproject.toml", "run.py", "uv.lock"}
    assert "core" not in (view.text("pyproject.toml") or "")


def verdicts(report: Report, path: str) -> dict[str, Status]:
    item = next(item for item in report.projects if item.path == path)
    return {result.practice.id: result.verdict.status for result in item.results}


def test_each_project_is_judged_by_its_own_files_and_what_the_root_shares(plant: Plant) -> None:
    report = run_audit(plant(MONOREPO))
    a, b = verdicts(report, "a"), verdicts(report, "b")
    assert (a["env-pinned"], b["env-pinned"]) == (Status.PASS, Status.FAIL)
    assert (a["seed-all-libraries"], b["seed-all-libraries"]) == (Status.PASS, Status.FAIL)
    assert a["doc-licence"] is b["doc-licence"] is Status.PASS
    for item in report.projects:
        for result in item.results:
            for seen in result.verdict.evidence:
                inside = seen.path == item.path or seen.path.startswith(f"{item.path}/")
                assert inside or seen.path in {"LICENSE", ".git"}, (result.practice.id, seen)


def test_what_the_root_declares_holds_where_a_project_declares_nothing(plant: Plant) -> None:
    root = plant(without("a/requirements.txt") | {"requirements.txt": "torch==2.4.0\nnumpy==2.0\n"})
    repo = Repository(root)
    assert "requirements.txt" in seen(repo, "a").by_path
    assert seen(repo, "b").text("requirements.txt") == "torch\n"
    assert verdicts(run_audit(root), "a")["env-pinned"] is Status.PASS


TEST = """\
from {} import step


def test_step():
    assert step(1) == 2
"""
STEP = MONOREPO["a/main.py"] + "\n\ndef step(value): return value + 1\n"
LOCK = """\
version = 1
[[package]]
name = "torch"
version = "2.4.0"
sdist = { hash = "sha256:00" }
[[package]]
name = "numpy"
version = "2.0.0"
sdist = { hash = "sha256:00" }
"""
GENERAL = """\
import subprocess
from pathlib import Path


def test_every_folder_runs():
    for path in Path(".").glob("*/*.py"):
        assert subprocess.run(["python", str(path)]).returncode == 0
"""
IMAGE = "FROM python:3.12.4-slim\nWORKDIR /work\n{}\nRUN pip install -r {}requirements.txt\n"


@pytest.mark.parametrize(
    ("more", "practice", "a", "b"),
    [
        ({}, "auto-tests", "fail", "fail"),
        (
            {"a/main.py": STEP, "tests/test_a.py": TEST.format("a.main")},
            "auto-tests",
            "pass",
            "fail",
        ),
        (
            {"tests/test_b.py": "def test_b():\n    assert open('b/main.py').read() != ''\n"},
            "auto-tests",
            "fail",
            "pass",
        ),
        ({"tests/test_all.py": GENERAL}, "auto-tests", "unknown", "unknown"),
        ({}, "env-container", "fail", "fail"),
        ({"Dockerfile": IMAGE.format("COPY a/ a/", "a/")}, "env-container", "pass", "fail"),
        # The folders declare packages of their own, which this recipe does not install.
        ({"Dockerfile": IMAGE.format("COPY . .", "")}, "env-container", "unknown", "unknown"),
        (
            {
                "Dockerfile": IMAGE.format("COPY . .", ""),
                "requirements.txt": "torch==2.4.0\n",
                "a/requirements.txt": "",
            },
            "env-container",
            "pass",
            "unknown",
        ),
        ({"docker/b.Dockerfile": IMAGE.format("COPY b .", "")}, "env-container", "fail", "pass"),
        ({}, "env-lock", "fail", "fail"),
        ({"uv.lock": LOCK}, "env-lock", "pass", "pass"),
        ({"uv.lock": LOCK, "b/requirements.txt": "torch\nscipy\n"}, "env-lock", "pass", "fail"),
        ({"uv.lock": LOCK, "b/requirements.txt": "torch>=2.5\n"}, "env-lock", "pass", "fail"),
    ],
)
def test_what_the_root_visibly_holds_for_a_project_counts(
    more: dict[str, str], practice: str, a: str, b: str, plant: Plant
) -> None:
    tree = {path: text for path, text in (MONOREPO | more).items() if text}
    report = run_audit(plant(tree), select=[practice])
    judged = {item.path: item.results[0].verdict for item in report.projects}
    assert {path: verdict.status.value for path, verdict in judged.items()} == {"a": a, "b": b}
    places = {seen.path for verdict in judged.values() for seen in verdict.evidence}
    assert places <= tree.keys() | {".", "a", "b"}


def test_a_view_lists_and_reads_nothing_again(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    plain, listed = Repository.read, Repository.walk
    walks: list[int] = []

    def counted(self: Repository, path: str) -> str | None:
        read.append(path)
        return plain(self, path)

    def walked(self: Repository) -> object:
        walks.append(1)
        return listed(self)

    monkeypatch.setattr(Repository, "read", counted)
    monkeypatch.setattr(Repository, "walk", walked)
    report = run_audit(plant(MONOREPO))
    assert len(report.projects) == 2
    assert len(read) == len(set(read))
    assert len(walks) == 1


def test_history_of_a_project_names_its_own_changes(committed: Plant) -> None:
    root = committed(MONOREPO)
    (root / "b/main.py").write_text("print(1)\n" * 3 + TRAIN)
    repo = Repository(root)
    dirty = run_audit(root, select=["vcs-used"])
    assert verdicts(dirty, "a")["vcs-used"] is not Status.FAIL
    assert seen(repo, "a").fact(History).changed == ()
    assert seen(repo, "b").fact(History).changed == ("main.py",)


def test_the_shape_of_projects_is_that_of_the_schema(plant: Plant) -> None:
    report = json.loads(render(run_audit(plant(MONOREPO)), "json"))
    jsonschema.validate(report, SCHEMA)
    assert [item["path"] for item in report["projects"]] == ["a", "b"]
    assert set(report["projects"][0]["practices"][0]) == {"id", "status", "summary"}
    assert report["repository"]["kind"] == "monorepo"


def test_other_repositories_have_no_such_list(plant: Plant) -> None:
    report = json.loads(render(run_audit(plant({"main.py": MONOREPO["a/main.py"]})), "json"))
    assert "projects" not in report


def test_the_terms_of_the_whole_hold_for_its_projects(plant: Plant) -> None:
    line = "torch  # repro-audit: ignore[env-pinned] -- newest on purpose\n"
    report = run_audit(plant(MONOREPO | {"b/requirements.txt": line}))
    assert verdicts(report, "b")["env-pinned"] is Status.UNKNOWN


def test_hostile_folders_are_projects_like_others(plant: Plant) -> None:
    name = "a\u202e`|<b>"
    tree = {path.replace("a/", f"{name}/", 1): text for path, text in MONOREPO.items()}
    report = run_audit(plant(tree))
    assert [item.path for item in report.projects] == [name, "b"]
    assert "\u202e" not in render(report, "terminal") + render(report, "markdown")


def test_a_rule_that_crashes_in_a_project_leaves_the_audit_incomplete(plant: Plant) -> None:
    report = run_audit(plant(MONOREPO), select=["env-pinned"])
    assert status(report, None) == 0
    part = report.projects[0]
    broken = replace(part.results[0], verdict=Verdict(Status.ERROR, "The rule crashed."))
    parts = (replace(part, results=(broken,)), *report.projects[1:])
    assert status(replace(report, projects=parts), None) == 3
