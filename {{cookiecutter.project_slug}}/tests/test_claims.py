"""What was planned is read, dated by git, and held against the runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from {{cookiecutter.project_slug}} import claims, provenance
from {{cookiecutter.project_slug}}.claims import PLAN, Claim, about, finding, planned
from {{cookiecutter.project_slug}}.stages import ROOT, StageError

CLAIM = Claim("it helps", "error", "lower", "new", "old", 0.05, 0.1, [1, 2, 3, 4, 5])
BLOCK = """```yaml
claims:
  - {name: it helps, metric: error, better: lower, experiment: new, reference: old,
     alpha: 0.05, least: 0.1, seeds: [1, 2]}
```
"""


def run(name: str, seed: int, error: float, commit: str = "none") -> claims.Run:
    """A record as `train` and `evaluate` leave it."""
    config, tags = {"name": name, "seed": seed}, {"git.commit": commit}
    return {"config": config, "provenance": tags, "metrics": {"error": error}}


def runs(*gains: float) -> list[claims.Run]:
    """Runs of both experiments, by how much the new one is better, seed by seed."""
    old = [run("old", seed, 1.0) for seed in range(1, len(gains) + 1)]
    return old + [run("new", seed, 1 - gain) for seed, gain in enumerate(gains, 1)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, under version control, with a plan that is not yet committed."""
    for module in (claims, provenance):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    for name, value in (("NAME", "A"), ("EMAIL", "a@example.org")):
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{name}", value)
    git(tmp_path, "init", "--quiet")
    (tmp_path / PLAN).parent.mkdir()
    (tmp_path / PLAN).write_text(BLOCK)
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    """Run git there."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit(folder: Path) -> str:
    """Commit everything; give the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message=One")
    return git(folder, "rev-parse", "HEAD")


def test_the_plan_of_this_project_can_be_read() -> None:
    experiments = {path.stem for path in (ROOT / "conf/experiment").glob("*.yaml")}
    assert all({each.experiment, each.reference} <= experiments for each in claims.plan().claims)


def test_five_seeds_that_agree_decide() -> None:
    found = finding(CLAIM, runs(0.3, 0.2, 0.4, 0.3, 0.3))
    assert found == claims.Finding(
        pytest.approx(0.3), pytest.approx(0.0707107), pytest.approx(1 / 32), holds=True
    )


@pytest.mark.parametrize("gains", [(0.3, 0.2, -0.9, 0.3, 0.3), (0.02, 0.01, 0.03, 0.01, 0.02)])
def test_doubt_and_what_does_not_matter_do_not_hold(gains: tuple[float, ...]) -> None:
    assert not finding(CLAIM, runs(*gains)).holds


def test_a_missing_run_decides_nothing() -> None:
    assert finding(CLAIM, runs(0.3, 0.2, 0.4, 0.3)) is None


def test_a_plan_counts_from_its_commit_on(project: Path) -> None:
    (project / PLAN).unlink()
    before = commit(project)
    (project / PLAN).write_text(BLOCK)
    assert planned(before) == "", "it is not committed"
    with_plan = commit(project)
    assert planned(with_plan).endswith(git(project, "rev-parse", "--short", "HEAD"))
    assert planned(commit(project)) == planned(with_plan), "later commits hold it too"
    assert planned(before) == "", "the run came first"
    (project / PLAN).write_text(BLOCK.replace("0.05", "0.5"))
    assert planned(with_plan) == "", "it was changed"
    commit(project)
    assert planned(with_plan) == "", "it was changed after the run"


def test_a_run_says_whether_it_was_planned(project: Path) -> None:
    head = commit(project)
    (line,) = about(run("new", 1, 0.5, head))
    assert line.startswith("One of the runs that decide (preregistered, 2")
    assert about(run("new", 1, 0.5))[0].startswith("One of the runs that decide (not prereg")
    assert about(run("new", 7, 0.5, head)) == [f"No claim of {PLAN} is about this run."]


def test_the_table_says_what_was_planned_and_what_came_out(project: Path) -> None:
    head = commit(project)
    found = claims.table([run("new", 1, 0.5, head), run("old", 1, 0.9, head)])
    assert found[2].endswith("runs are missing | | |")
    more = [run(name, seed, 0.5, head) for name in ("new", "old") for seed in (1, 2)]
    row = claims.table(more)[2]
    assert row.startswith("| it helps | 2")
    earlier = [*more[:-1], run("old", 2, 0.5)]
    assert claims.table(earlier)[2].startswith("| it helps | no |"), "one run was not planned"
    assert row.endswith("| 0.000 ± 0.000 | 1.0000 | no |")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("metric: error, ", "", "metric"),
        ("0.05", "often", "often"),
        ("name: it helps", "nam: it helps", "nam"),
        ("better: lower", "better: faster", "better is either lower or higher"),
        ("claims:", "claims: [", "cannot be read"),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused_in_a_sentence(
    project: Path, old: str, new: str, sentence: str
) -> None:
    (project / PLAN).write_text(BLOCK.replace(old, new))
    with pytest.raises(StageError, match=sentence):
        claims.plan()


def test_without_a_plan_nothing_is_claimed(project: Path) -> None:
    (project / PLAN).unlink()
    assert claims.plan() == claims.Plan()
