"""Generated projects, and how their users live in them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENT = os.environ.get("JOURNEY", "smoke")
STAGES = {"data", "validate", "train", "evaluate", "reproduce", "results"}
Nox = Callable[..., subprocess.CompletedProcess[str]]


def command(name: str) -> str:
    """A program of the environment that runs the tests."""
    return str(Path(sys.executable).with_name(name))


def generated(parent: Path, *answers: str) -> Path:
    """A project, as a user who answers nothing else gets it."""
    made: list[str | Path] = [
        command("cookiecutter"),
        "--no-input",
        "--output-dir",
        parent,
        ROOT,
        *answers,
    ]
    subprocess.run(made, check=True)
    (folder,) = parent.iterdir()
    return folder


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, in a folder whose name is no plain word."""
    return generated(tmp_path_factory.mktemp("journey") / "été à la mer")


@pytest.fixture(scope="session")
def nox(project: Path) -> Nox:
    """Run a session of the example."""
    return sessions_of(project)


def sessions_of(project: Path) -> Nox:
    """Run sessions of a generated project, as its user would."""
    tools = Path(sys.executable).parent
    elsewhere = [folder for folder in os.environ["PATH"].split(os.pathsep) if Path(folder) != tools]

    def run(
        session: str, *arguments: str, installer: str = "pip", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        # uv is taken where it is found, and it is one of the tools that run these tests.
        path = [str(tools), *elsewhere] if installer == "uv" else elsewhere
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("NOX", "GIT_"))}
        ours = {"PATH": os.pathsep.join(path), "REPRO_AUDIT": str(ROOT / "checker")}
        done = subprocess.run(
            [command("nox"), "-s", session, "--", *arguments],
            cwd=project, env=inherited | ours | settings,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        print(done.stdout, done.stderr, sep="\n")  # shown where a test fails
        return done

    return run


def commands(document: Path) -> list[str]:
    """The lines of a document's shell blocks, without their prompts and comments."""
    shell = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    lines = [
        line.removeprefix("$ ").split("  #")[0].strip()
        for line in "".join(shell.findall(document.read_text("utf-8"))).splitlines()
    ]
    return [line for line in lines if line]


@pytest.fixture(scope="session")
def lived(project: Path, nox: Nox) -> dict[str, subprocess.CompletedProcess[str]]:
    """Every command of the example's README."""
    return live(project, nox)


def live(
    project: Path, nox: Nox, passed_over: Sequence[str] = ()
) -> dict[str, subprocess.CompletedProcess[str]]:
    """Run every command of a generated README in its order: command -> what came of it.

    With the smallest configuration the overrides of the experiment are added to the stages, and
    of the project's tests the files that are `passed_over` are left out.
    """
    done = {}
    for command in commands(project / "README.md"):
        words = shlex.split(command)
        assert words[:2] == ["nox", "-s"], f"{command} is no task of the project"
        session, overrides = words[2], words[4:]
        if EXPERIMENT == "smoke" and session in STAGES:
            overrides = ["experiment=smoke"]
        key = " ".join([session, *overrides])
        if EXPERIMENT == "smoke" and session == "test":
            overrides = [f"--ignore=tests/{name}" for name in passed_over]
        if key not in done:
            done[key] = nox(session, *overrides)
    return done


@pytest.fixture(scope="session")
def run_folder(project: Path, lived: dict[str, subprocess.CompletedProcess[str]]) -> Path:
    """The newest run that the README's commands left."""
    assert lived
    finished = (project / "outputs" / EXPERIMENT).glob("*/evaluation/metrics.json")
    return max(finished).parents[1]
