"""A project made by cruft takes later changes of the template, and keeps its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SLUG = "{{cookiecutter.project_slug}}"


def run(folder: Path, *command: str) -> str:
    """Run a program there; give what it printed."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONUTF8": "1"}, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def release(folder: Path, tag: str) -> None:
    """Commit everything, and tag it."""
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", f"--message={tag}")
    run(folder, "git", "tag", "--annotate", tag, "--message", tag)


@pytest.fixture
def released(template: Path, tmp_path: Path) -> Path:
    """The template as a repository with its first release."""
    copy = shutil.copytree(template, tmp_path / "template")
    run(copy, "git", "init", "--quiet", "--initial-branch=main")
    release(copy, "v0.1.0")
    return copy


@pytest.mark.parametrize("contents", ["example", "minimal"])
def test_cruft_updates_from_the_first_release_on(
    released: Path, tmp_path: Path, contents: str
) -> None:
    cruft = [sys.executable, "-m", "cruft"]
    answers = ["--extra-context", f'{{"contents": "{contents}", "project_slug": "study"}}']
    create = [*cruft, "create", "--no-input", "--checkout", "v0.1.0", "--output-dir", "made"]
    run(tmp_path, *create, *answers, str(released))
    project = tmp_path / "made" / "study"
    assert not (project / ".git").exists(), "cruft would take it for a part of the template"
    assert (project / "src/study/simulation.py").exists() == (contents == "example")
    run(project, "git", "init", "--quiet")
    own = project / "src/study/measures.py"
    own.write_text(own.read_text("utf-8") + "\n# ours\n", "utf-8")
    release(project, "ours")

    trainer = released / SLUG / "conf/trainer/cpu.yaml"
    trainer.write_text(trainer.read_text("utf-8").replace("max_epochs: 60", "max_epochs: 61"))
    (released / SLUG / "tests/test_new.py").write_text("", "utf-8")
    (released / SLUG / "docs/preregistration.md").unlink()
    release(released, "v0.2.0")
    run(project, *cruft, "update", "--skip-apply-ask", "--checkout", "v0.2.0")

    changed = run(project, "git", "status", "--porcelain").split()[1::2]
    wanted = [".cruft.json", "conf/trainer/cpu.yaml", "docs/preregistration.md"]
    assert sorted(changed) == [*wanted, "tests/test_new.py"]
    assert "max_epochs: 61" in (project / "conf/trainer/cpu.yaml").read_text("utf-8")
    assert own.read_text("utf-8").endswith("# ours\n")
    run(project, *cruft, "check")
