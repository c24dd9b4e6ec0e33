"""A bump takes the newest release of each action, by its commit, and one version of Ruff."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from requirements.bump import actions, hooks, newest


def git(folder: Path, *arguments: str) -> str:
    """Run git there."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "tag.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A repository with releases in place of GitHub's; the commit of its newest release."""
    repository = tmp_path / "actions" / "checkout"
    repository.mkdir(parents=True)
    git(repository, "init", "--quiet")
    for tag in ("v9.9.1", "v10.0.0", "v2.0.0", "v11", "v11.0.0-beta"):
        git(repository, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", f"--message={tag}")
        git(repository, "tag", "--annotate", tag, "--message", tag)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{tmp_path.as_uri()}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    return git(repository, "rev-parse", "v10.0.0^{commit}")


def test_the_newest_release_is_taken_by_its_commit(released: str) -> None:
    assert newest("actions/checkout") == f"{released} # v10.0.0"


def test_all_actions_of_a_workflow_are_moved_and_nothing_else(released: str) -> None:
    old = "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
    text = f"      - uses: actions/checkout@{old}\n      - run: nox\n"
    both = text + f"      - uses: actions/checkout/sub@{old}\n"
    assert actions(both) == both.replace(old, f"{released} # v10.0.0")


def test_the_hooks_get_the_locked_ruff() -> None:
    lock = "ruff==1.2.3 \\\n    --hash=sha256:0\n"
    assert hooks('["ruff==0.17.6"]', lock) == '["ruff==1.2.3"]'
