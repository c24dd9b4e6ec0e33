"""A baseline fails only for what is worse."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from repro_audit import cli

SCHEMA = json.loads((files("repro_audit") / "schemas" / "report-v1.schema.json").read_text("utf-8"))
Plant = Callable[[Mapping[str, str]], Path]
Capture = pytest.CaptureFixture[str]
PROJECT = {
    "train.py": "import numpy as np\n\nprint(np.random.rand())\n",
    "requirements.txt": "numpy\n",
    ".python-version": "3.11.9\n",
}


@pytest.fixture
def recorded(plant: Plant, tmp_path: Path) -> tuple[Path, Path]:
    root, file = plant(PROJECT), tmp_path / "baseline.json"
    assert cli.main(["baseline", str(root), "--output", str(file)]) == 0
    return root, file


def test_the_same_state_is_not_worse(recorded: tuple[Path, Path], capsys: Capture) -> None:
    root, file = recorded
    assert cli.main(["check", str(root), "--baseline", str(file)]) == 0
    assert "nothing got worse or better" in capsys.readouterr().out


def test_the_same_repository_gives_the_same_baseline(
    recorded: tuple[Path, Path], capsys: Capture
) -> None:
    root, file = recorded
    assert cli.main(["baseline", str(root)]) == 0
    assert capsys.readouterr().out == file.read_text("utf-8")


def test_moved_lines_are_not_worse(recorded: tuple[Path, Path]) -> None:
    root, file = recorded
    (root / "requirements.txt").write_text("\n\nnumpy\n")
    assert cli.main(["check", str(root), "--baseline", str(file)]) == 0


def test_what_is_worse_fails_and_both_directions_are_printed(
    recorded: tuple[Path, Path], capsys: Capture
) -> None:
    root, file = recorded
    (root / ".python-version").unlink()
    (root / "requirements.txt").write_text("numpy==1.26.4\n")
    assert cli.main(["check", str(root), "--baseline", str(file)]) == 1
    shown = capsys.readouterr().out
    assert "worse   env-python-version" in shown
    assert "better  env-pinned: fail to pass" in shown
    assert cli.main(["check", str(root), "--baseline", str(file), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, SCHEMA)
    assert [item["id"] for item in report["baseline"]["worse"]] == ["env-python-version"]


def test_one_more_finding_of_a_failing_practice_is_worse(
    recorded: tuple[Path, Path], capsys: Capture
) -> None:
    root, file = recorded
    (root / "requirements.txt").write_text("numpy\npandas\n")
    assert cli.main(["check", str(root), "--baseline", str(file)]) == 1
    assert "New: requirements.txt:2" in " ".join(capsys.readouterr().out.split())


def test_a_low_readiness_of_the_settings_does_not_fail(recorded: tuple[Path, Path]) -> None:
    root, file = recorded
    (root / "repro-audit.toml").write_text("fail-under = 100\n")
    assert cli.main(["check", str(root), "--trusted"]) == 1
    assert cli.main(["check", str(root), "--trusted", "--baseline", str(file)]) == 0


def test_a_baseline_of_another_version_compares_statuses(
    recorded: tuple[Path, Path], capsys: Capture
) -> None:
    root, file = recorded
    old = json.loads(file.read_text("utf-8"))
    old["tool"]["version"] = "0.0.1"
    del old["practices"]["env-lock"]
    file.write_text(json.dumps(old))
    (root / "requirements.txt").write_text("numpy\npandas\n")
    assert cli.main(["check", str(root), "--baseline", str(file)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "recorded by repro-audit 0.0.1" in shown
    assert "not compared: env-lock" in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": "repro-audit/baseline/v9", "tool": {"version": "9"}, "practices": {}}',
        '{"schema": "repro-audit/baseline/v1", "tool": {"version": "9"}, "practices": {"a": 1}}',
        "[" * 5000,
    ],
)
def test_what_is_no_baseline_is_refused_in_one_sentence(
    text: str, recorded: tuple[Path, Path], capsys: Capture
) -> None:
    root, file = recorded
    file.write_text(text)
    assert cli.main(["check", str(root), "--baseline", str(file)]) == 2
    shown = capsys.readouterr().err
    assert "baseline.json" in shown
    assert shown.count("\n") == 1


def test_a_missing_baseline_is_wrong_use(recorded: tuple[Path, Path], capsys: Capture) -> None:
    root, file = recorded
    assert cli.main(["check", str(root), "--baseline", str(file) + "x"]) == 2
    assert "repro-audit baseline" in capsys.readouterr().err
