"""The contract of the command line: formats, exit statuses, settings, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from repro_audit import Repository, Verdict, catalogue, cli
from repro_audit.catalogue import Rule
from repro_audit.render import STYLES

Plant = Callable[[Mapping[str, str]], Path]
PROJECT = {"train.py": "import numpy as np\n\nprint(np.random.rand())\n"}
SCHEMA = json.loads((files("repro_audit") / "schemas" / "report-v1.schema.json").read_text("utf-8"))


def crash(repo: Repository) -> Verdict:
    raise RuntimeError(f"planted in {len(repo.files)} file(s)")


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = catalogue.rules()
    broken = (Rule(first.practice, first.page, crash), *rest)
    monkeypatch.setattr(catalogue, "rules", lambda: broken)


def test_json_is_the_contract(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(plant(PROJECT)), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, SCHEMA)
    assert report["schema"] == "repro-audit/report/v1"
    assert [item["id"] for item in report["practices"]] == [
        rule.practice.id for rule in catalogue.rules()
    ]


@pytest.mark.parametrize("style", STYLES)
def test_the_same_repository_gives_the_same_bytes(
    style: str, plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(plant(PROJECT))
    texts = []
    for _ in range(2):
        cli.main(["check", root, "--format", style])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] != ""


def test_check_is_the_default_command(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(plant(PROJECT))
    cli.main([root])
    short = capsys.readouterr().out
    cli.main(["check", root])
    assert capsys.readouterr().out == short


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("bar", "status"), [("0", 0), ("100", 1)])
def test_the_bar_decides_between_0_and_1(
    style: str, bar: str, status: int, plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(plant(PROJECT))
    assert cli.main(["check", root, "--format", style, "--fail-under", bar]) == status
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("crashing")
@pytest.mark.parametrize("style", STYLES)
def test_a_crash_is_an_error_the_audit_goes_on_and_the_status_is_3(
    style: str, plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(plant(PROJECT))
    assert cli.main(["check", root, "--format", style, "--fail-under", "100"]) == 3
    capsys.readouterr()
    cli.main(["check", root, "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, SCHEMA)
    assert [item["status"] for item in report["practices"]].count("error") == 1
    assert "planted in 1 file(s)" in report["practices"][0]["summary"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "/no/such/folder"], "/no/such/folder"),
        (["check", ".", "--select", "no-such-practice"], "no-such-practice"),
        (["check", ".", "--fail-under", "200"], "200"),
        (["check", ".", "--format", "xml"], "xml"),
        (["check", "--nonsense"], "--nonsense"),
        (["explain", "no-such-practice"], "no-such-practice"),
        (["check", ".", "--output", "/no/such/folder/report.json"], "/no/such/folder"),
    ],
)
def test_wrong_use_is_one_sentence_and_2(
    arguments: list[str],
    words: str,
    plant: Plant,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(plant(PROJECT))
    assert cli.main(arguments) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.err.startswith("repro-audit: ")
    assert shown.err.count("\n") == 1
    assert shown.err.endswith(".\n")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("path", ["absent", "train.py"])
def test_a_path_that_cannot_be_read_is_2_and_leaves_nothing(
    style: str, path: str, plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where, target = plant(PROJECT) / path, tmp_path / "report"
    assert cli.main(["check", str(where), "--format", style, "--output", str(target)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("repro-audit: ")
    assert str(where) in shown.err
    assert not target.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_without_the_right_to_read_is_2(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plant(PROJECT)
    root.chmod(0)
    try:
        assert cli.main(["check", str(root)]) == 2
    finally:
        root.chmod(0o700)
    assert capsys.readouterr().err.count("\n") == 1


def test_an_interruption_is_130(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("repro_audit.commands.run_audit", interrupt)
    assert cli.main([str(plant(PROJECT))]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_file_is_written_whole_and_nothing_is_left_beside_it(
    plant: Plant, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "report.json"
    target.parent.mkdir()
    target.write_text("an older report")
    assert (
        cli.main(["check", str(plant(PROJECT)), "--format", "json", "--output", str(target)]) == 0
    )
    jsonschema.validate(json.loads(target.read_text("utf-8")), SCHEMA)
    assert [item.name for item in target.parent.iterdir()] == ["report.json"]


def test_an_ignore_needs_a_reason_is_printed_and_never_raises_the_score(
    plant: Plant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant(PROJECT)
    monkeypatch.chdir(root)
    cli.main([str(root), "--format", "json"])
    before = json.loads(capsys.readouterr().out)
    (root / "repro-audit.toml").write_text('[ignore]\nenv-lock = "the cluster has its own"\n')
    cli.main([str(root), "--format", "json"])
    after = json.loads(capsys.readouterr().out)
    assert after["ignored"] == [
        {"id": "env-lock", "reason": "the cluster has its own", "applied": True}
    ]
    assert after["readiness"]["low"] <= before["readiness"]["low"]
    (root / "repro-audit.toml").write_text('[ignore]\nenv-lock = ""\n')
    assert cli.main([str(root)]) == 2


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[tool.repro-audit]\ncolour = 1\n", "colour"),
        ("[tool.repro-audit]\noutput = '/etc/passwd'\n", "output"),
        ("[tool.repro-audit]\nselect = 'env-lock'\n", "select"),
        ("[tool.repro-audit]\nfail-under = 'high'\n", "fail-under"),
        ("[tool.repro-audit]\nfail-under = 101\n", "fail-under"),
        ("[tool.repro-audit\n", "pyproject.toml"),
        (f"[tool.repro-audit]\nexclude = {['a*'] * 101}\n", "exclude"),
        (f"[tool.repro-audit]\nexclude = ['{'*a' * 200}']\n", "exclude"),
        ('[tool.repro-audit.declare]\n"\\u001b[31m\\n" = 1\n', "\\x1b[31m\\x0a"),
    ],
)
def test_wrong_settings_are_one_sentence_and_2(
    text: str, word: str, plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([str(plant({**PROJECT, "pyproject.toml": text})), "--trusted"]) == 2
    shown = capsys.readouterr().err
    assert word in shown
    assert shown.count("\n") == 1


def test_the_settings_of_a_stranger_are_listed_and_not_applied(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        '[tool.repro-audit]\nselect = ["env-lock"]\nexclude = ["*"]\nfail-under = 100\n'
        '[tool.repro-audit.ignore]\nenv-lock = "hide it"\n'
    )
    root = str(plant({**PROJECT, "pyproject.toml": text}))
    assert cli.main([root, "--untrusted", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["practices"]) == len(catalogue.rules())
    assert report["ignored"] == [{"id": "env-lock", "reason": "hide it", "applied": False}]
    assert report["repository"]["files"] == 2


def test_settings_apply_to_the_project_one_is_in_and_to_no_other(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = '[tool.repro-audit]\nselect = ["env-lock"]\nfail-under = 100\n'
    root = plant({**PROJECT, "pyproject.toml": text, "src/a.py": "pass\n"})
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert cli.main([str(root)]) == 0
    assert cli.main([str(root), "--trusted"]) == 1
    monkeypatch.chdir(root / "src")
    assert cli.main([str(root)]) == 1
    assert cli.main([str(root), "--untrusted"]) == 0


def test_list_and_explain_print_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(rule.practice.id in listed for rule in catalogue.rules())
    assert cli.main(["explain", "env-lock"]) == 0
    assert "## What this rule cannot see" in capsys.readouterr().out


def test_the_version_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom repro_audit import cli\n"
        "try:\n    cli.main(['--version'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'rich', 'yaml', 'jinja2', 'dulwich', 'packaging'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "repro-audit"), done.stderr


def test_the_list_comes_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == [rule.practice.id for rule in catalogue.rules()]
    assert {"title", "aspect", "type", "level", "severity", "sources", "since"} <= set(rows[0])


@pytest.mark.parametrize("arguments", [["explain", "env-lokc"], ["check", "--select", "env-lokc"]])
def test_a_slip_of_the_pen_is_understood(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert "did you mean env-lock?" in capsys.readouterr().err


def test_the_version_is_answered_without_argparse() -> None:
    code = (
        "import sys\nfrom repro_audit import cli\ncli.main(['--version'])\n"
        "heavy = {'argparse', 'dataclasses', 'pathlib', 'typing'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_list_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_a_folder_that_was_never_added_is_a_stranger(
    committed: Plant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = '[ignore]\nenv-lock = "not for us"\n'
    own = {f"part/{path}": text for path, text in PROJECT.items()}
    root = committed(own | {"part/repro-audit.toml": settings})
    stranger = root / "stranger"
    stranger.mkdir()
    for path, text in (PROJECT | {"repro-audit.toml": settings}).items():
        (stranger / path).write_text(text, "utf-8")
    monkeypatch.chdir(root)
    applied = {}
    for folder in ("part", "stranger"):
        assert cli.main([folder, "--format", "json"]) == 0
        (item,) = json.loads(capsys.readouterr().out)["ignored"]
        applied[folder] = item["applied"]
    assert applied == {"part": True, "stranger": False}
