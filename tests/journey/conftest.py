"""A project generated with its defaults, in a folder whose name is no plain word."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENT = os.environ.get("JOURNEY", "smoke")
Nox = Callable[..., subprocess.CompletedProcess[str]]


def command(name: str) -> str:
    """A program of the environment that runs the tests."""
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, as a user who answers nothing gets it."""
    parent = tmp_path_factory.mktemp("journey") / "été à la mer"
    subprocess.run(
        [command("cookiecutter"), "--no-input", "--output-dir", parent, ROOT], check=True
    )
    (folder,) = parent.iterdir()
    return folder


@pytest.fixture(scope="session")
def nox(project: Path) -> Nox:
    """Run a session of the generated project, as its user would."""

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


@pytest.fixture(scope="session")
def reproduced(project: Path, nox: Nox) -> Path:
    """The run that `nox -s reproduce` leaves."""
    done = nox("reproduce", f"experiment={EXPERIMENT}")
    assert done.returncode == 0
    (folder,) = (project / "outputs" / EXPERIMENT).iterdir()
    return folder
