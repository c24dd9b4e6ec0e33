"""The record of verdicts on a folder of repositories."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("verdicts", Path(__file__).with_name("verdicts.py"))
assert SPEC is not None
assert SPEC.loader is not None
verdicts = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(verdicts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("one", "import numpy\n"), ("two", "print(1)\n")):
        (tmp_path / "repositories" / name).mkdir(parents=True)
        (tmp_path / "repositories" / name / "train.py").write_text(text)
    return tmp_path / "repositories"


def test_each_practice_gets_a_file_with_all_repositories(folder: Path, tmp_path: Path) -> None:
    assert verdicts.main([str(folder), "--output", str(tmp_path / "out")]) == 0
    found = verdicts.kept(tmp_path / "out")
    assert found["env-deps-declared"] == {"one": "fail", "two": "not-applicable"}


def test_a_change_is_named_and_told_by_the_exit(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    verdicts.main([str(folder), "--output", str(out)])
    (folder / "one" / "requirements.txt").write_text("numpy==1.26.4\n")
    assert verdicts.main([str(folder), "--output", str(out), "--compare", str(out)]) == 1
    assert "env-deps-declared  one: fail -> pass" in capsys.readouterr().out


def test_nothing_changed_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    verdicts.main([str(folder), "--output", str(out)])
    assert verdicts.main([str(folder), "--output", str(out), "--compare", str(out)]) == 0
    assert capsys.readouterr().out.endswith("Nothing changed.\n")


def test_what_only_one_run_knows_is_a_change() -> None:
    assert list(verdicts.changes({}, {"a": {"x": "pass"}})) == ["a  x: not judged -> pass"]
