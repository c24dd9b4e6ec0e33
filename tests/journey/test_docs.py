"""What the documents of this repository tell a reader to type works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import EXPERIMENT, ROOT, command, commands

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "checker/README.md")]
# The reference is written from the code: its blocks are examples of other repositories.
DOCUMENTS += sorted(
    path for path in (ROOT / "docs").rglob("*.md") if ROOT / "docs/reference" not in path.parents
)
TYPED = sorted(
    {(path.relative_to(ROOT).as_posix(), line) for path in DOCUMENTS for line in commands(path)}
)


def sessions(folder: Path) -> set[str]:
    """Names of the sessions of the noxfile in a folder."""
    listed = subprocess.run(
        [command("nox"), "--list", "--noxfile", folder / "noxfile.py"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return set(re.findall(r"^[*-] ([\w-]+)", listed, re.MULTILINE))


def works(line: str, project: Path, paper: Path, scratch: Path) -> bool:
    """Run one command where it can be run here; hold it against what exists where it cannot."""
    line = line.replace(".venv/bin/", "")
    if "&&" in line:
        return all(works(part, project, paper, scratch) for part in line.split("&&"))
    words = [word for word in shlex.split(line) if not re.match(r"[A-Z_]+=", word)]
    match words:
        case ["python3.11", "-m", "venv", ".venv"]:
            return True
        case ["nox", "-s", session, *_]:
            return session in sessions(ROOT) | sessions(project)
        case ["python", "-m", "pip", "install", *what] | ["pip", "install", *what]:
            return all(is_installed(name) for name in what if not name.startswith("--"))
        case ["cookiecutter", ".", *_]:
            generate: list[str | Path] = [command("cookiecutter"), ROOT, "--no-input"]
            generate += ["--output-dir", scratch]
            return subprocess.run(generate, check=False).returncode == 0
        case ["python", script] if (ROOT / script).is_file():
            return subprocess.run([command("python"), ROOT / script], check=False).returncode == 0
        case ["repro-audit", *arguments]:
            audit = [command("repro-audit"), *arguments]
            return subprocess.run(audit, cwd=paper, check=False).returncode == 0
    return False


def is_installed(requirement: str) -> bool:
    """Whether pip can see it, at the very version that the document names."""
    name, _, version = requirement.removeprefix("./").partition("==")
    name = "repro-audit" if name == "checker" else name
    shown = subprocess.run(
        [command("python"), "-m", "pip", "show", name], capture_output=True, text=True, check=False
    ).stdout
    return f"Version: {version}" in shown


@pytest.fixture(scope="module")
def paper(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that documents may write into; what one command wrote, others read."""
    copy = shutil.copytree(project, tmp_path_factory.mktemp("documents") / "paper")
    if not (copy / ".git").exists():
        who = ["-c", "user.name=A Reader", "-c", "user.email=reader@example.org"]
        for words in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "-m", "One"]):
            subprocess.run(["git", *words], cwd=copy, check=True)
    return copy


@pytest.mark.parametrize(("document", "line"), TYPED)
def test_what_a_document_tells_to_type_works(
    document: str, line: str, project: Path, paper: Path, tmp_path: Path
) -> None:
    assert works(line, project, paper, tmp_path), f"{document}: {line}"


@pytest.mark.skipif(EXPERIMENT != "baseline", reason="minutes: run by nox -s journey")
def test_the_demo_works_in_a_fresh_clone(tmp_path: Path) -> None:
    (line,) = [line for _, line in TYPED if line.endswith("nox -s demo")]
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("NOX", "PROJECT_ENV"))}
    done = subprocess.run(
        ["bash", "-c", line], cwd=clone, env=inherited, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shown = dict(re.findall(r"^  (run|results|picture|audit) +(\S.*)$", done.stdout, re.MULTILINE))
    assert sorted(shown) == ["audit", "picture", "results", "run"]
    assert all(os.path.exists(path) for path in shown.values())  # noqa: PTH110
