"""What a project says of its own verdicts: declared, ignored, never hidden, never for free."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repro_audit import ReproAuditError, catalogue, cli
from repro_audit.comments import in_file
from repro_audit.render import STYLES
from repro_audit.score import BADGES, LEVEL_SETS, members
from repro_audit.settings import KEYS, load_settings

Plant = Callable[[Mapping[str, str]], Path]
Capture = pytest.CaptureFixture[str]
SCHEMA = json.loads((files("repro_audit") / "schemas" / "report-v1.schema.json").read_text("utf-8"))
CODE = "import numpy as np\n\nprint(np.random.rand())\n"
PROJECT = {"train.py": CODE, "requirements.txt": "numpy\n"}
WORD = (
    '[declare.{id}]\nstatus = "{status}"\nreason = "seen in the lab book"\n'
    'name = "Ada Lovelace"\ndate = "2026-05-01"\n'
)


def word(identifier: str, status: str) -> str:
    return WORD.format(id=identifier, status=status)


def audit(root: Path, capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert cli.main([str(root), "--trusted", "--format", "json", *arguments]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, SCHEMA)
    return report


def practice(report: dict[str, Any], identifier: str) -> dict[str, Any]:
    (found,) = (item for item in report["practices"] if item["id"] == identifier)
    return dict(found)


@pytest.mark.parametrize(
    ("status", "shown"),
    [("done", "pass"), ("not-applicable", "not-applicable"), ("accepted-risk", "fail")],
)
def test_a_declaration_counts_as_what_it_says_and_shows_what_was_read(
    status: str, shown: str, plant: Plant, capsys: Capture
) -> None:
    root = plant({**PROJECT, "repro-audit.toml": word("env-pinned", status)})
    report = audit(root, capsys)
    found = practice(report, "env-pinned")
    assert (found["status"], found["basis"]) == (shown, "declared")
    assert "Ada Lovelace" in found["summary"]
    assert "Read from the files: fail" in found["summary"]
    if status != "accepted-risk":
        assert found["evidence"][0]["path"] == "repro-audit.toml"
        assert found["evidence"][0]["line"] == 1
    assert report["declared"]["practices"][0]["applied"] is True


@pytest.mark.parametrize("style", [style for style in STYLES if not style.startswith("badge")])
def test_every_report_prints_the_declaration(style: str, plant: Plant, capsys: Capture) -> None:
    root = plant({**PROJECT, "repro-audit.toml": word("env-pinned", "accepted-risk")})
    cli.main([str(root), "--trusted", "--format", style])
    shown = " ".join(capsys.readouterr().out.replace("\\", "").split())
    assert "Ada Lovelace" in shown
    assert "2026-05-01" in shown
    assert "seen in the lab book" in shown


def test_too_many_declarations_withhold_every_level(plant: Plant, capsys: Capture) -> None:
    text = "".join(word(rule.practice.id, "done") for rule in catalogue.rules())
    report = audit(plant({**PROJECT, "repro-audit.toml": text}), capsys)
    assert report["declared"]["share"] > 0.2
    assert set(report["levels"].values()) == {"no"}
    assert set(report["badges"].values()) <= {"no"}


def test_a_declaration_of_what_the_files_show_is_reported_as_unused(
    plant: Plant, capsys: Capture
) -> None:
    root = plant({**PROJECT, "repro-audit.toml": word("env-deps-declared", "done")})
    report = audit(root, capsys)
    assert practice(report, "env-deps-declared")["basis"] == "read"
    assert report["declared"]["practices"][0]["applied"] is False
    assert any("declares env-deps-declared" in item for item in report["notices"])


def test_an_ignore_that_is_not_needed_is_reported(plant: Plant, capsys: Capture) -> None:
    text = '[ignore]\nenv-deps-declared = "why"\nno-such-thing = "why"\n'
    report = audit(plant({**PROJECT, "repro-audit.toml": text}), capsys)
    assert practice(report, "env-deps-declared")["status"] == "pass"
    assert any("ignores env-deps-declared" in item for item in report["notices"])
    assert any("no-such-thing" in item for item in report["notices"])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (word("env-lock", "fine"), "fine"),
        (word("env-lock", "done").replace("Ada Lovelace", " "), "name"),
        (word("env-lock", "done").replace("2026-05-01", "May"), "date"),
        ('[declare.env-lock]\nstatus = "done"\n', "exactly"),
        ("declare = 3\n", "declare"),
        ("profile = 3\n", "profile"),
        ('output = "/tmp/x"\n', "output"),
    ],
)
def test_wrong_settings_are_refused(text: str, key: str, plant: Plant) -> None:
    root = plant({"repro-audit.toml": text})
    with pytest.raises(ReproAuditError, match=key):
        load_settings(root)


def test_a_date_of_toml_is_a_date(plant: Plant) -> None:
    root = plant(
        {"repro-audit.toml": word("env-lock", "done").replace('"2026-05-01"', "2026-05-01")}
    )
    assert load_settings(root).declare[0].date == "2026-05-01"


def test_no_setting_names_an_output() -> None:
    keys = {"declare", "exclude", "fail-under", "ignore", "profile", "select", "verify"}
    assert set(KEYS) == keys


def test_broken_settings_of_a_stranger_do_not_end_the_audit(plant: Plant, capsys: Capture) -> None:
    root = plant({**PROJECT, "repro-audit.toml": "[\n"})
    assert cli.main([str(root), "--format", "json"]) == 0
    assert any("TOML" in item for item in json.loads(capsys.readouterr().out)["notices"])
    assert cli.main([str(root), "--trusted"]) == 2


COMMENT = "  # repro-audit: ignore[env-pinned] -- the newest is wanted\n"


def test_a_comment_ignores_the_evidence_of_its_line(plant: Plant, capsys: Capture) -> None:
    root = plant({**PROJECT, "requirements.txt": "numpy" + COMMENT})
    report = audit(root, capsys)
    found = practice(report, "env-pinned")
    assert (found["status"], found["evidence"][0]["line"]) == ("unknown", 1)
    assert "the newest is wanted" in found["summary"]
    assert report["ignored"] == [
        {
            "id": "env-pinned",
            "reason": "the newest is wanted",
            "applied": True,
            "path": "requirements.txt",
            "line": 1,
        }
    ]


def test_other_lines_stay_flagged(plant: Plant, capsys: Capture) -> None:
    root = plant({**PROJECT, "requirements.txt": "numpy" + COMMENT + "pandas\n"})
    found = practice(audit(root, capsys), "env-pinned")
    assert found["status"] == "fail"
    assert [item["line"] for item in found["evidence"]] == [2]


def test_a_comment_alone_speaks_for_the_next_line(plant: Plant, capsys: Capture) -> None:
    root = plant({**PROJECT, "requirements.txt": COMMENT.strip() + "\nnumpy\n"})
    assert practice(audit(root, capsys), "env-pinned")["status"] == "unknown"


@pytest.mark.parametrize(
    ("comment", "word"),
    [
        ("# repro-audit: ignore[env-pinned]", "no reason"),
        ("# repro-audit: ignore -- why", "no practice"),
        ("# repro-audit: ignore[nothing] -- why", "no practice"),
        ("# repro-audit: ignore[env-lock, doc-licence] -- why", "nothing is flagged there"),
    ],
)
def test_a_comment_that_ignores_nothing_is_reported(
    comment: str, word: str, plant: Plant, capsys: Capture
) -> None:
    root = plant({**PROJECT, "a.py": f"x = 1  {comment}\n"})
    report = audit(root, capsys)
    assert any("a.py:1" in item and word in item for item in report["notices"])
    assert practice(report, "env-pinned")["status"] == "fail"


def test_the_comments_of_a_stranger_are_listed_and_not_applied(
    plant: Plant, capsys: Capture
) -> None:
    root = plant({**PROJECT, "requirements.txt": "numpy" + COMMENT})
    cli.main([str(root), "--untrusted", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert practice(report, "env-pinned")["status"] == "fail"
    assert [item["applied"] for item in report["ignored"]] == [False]


@pytest.mark.parametrize(
    "path", ["a.py", "conf/a.yaml", "a.toml", "Dockerfile", "requirements.txt"]
)
def test_comments_are_read_in_every_kind_of_file(path: str) -> None:
    (found,) = in_file(path, "x = 1  # repro-audit: ignore[env-lock] -- why not\n")
    assert (found.line, found.target, found.id, found.reason) == (1, 1, "env-lock", "why not")


def test_a_string_is_no_comment() -> None:
    assert not list(in_file("a.py", 'x = "# repro-audit: ignore[env-lock] -- why"\n'))


@given(st.text(alphabet="# repo-audit:ignore[env-lock]\n\"'\\(", max_size=80))
def test_any_text_is_survived(text: str) -> None:
    marked = text + "# repro-audit: ignore[a] -- b\n" + text
    for path in ("a.py", "a.yaml"):
        for item in in_file(path, marked):
            assert 1 <= item.line <= item.target


@pytest.mark.parametrize("name", [*LEVEL_SETS, *BADGES])
def test_a_profile_selects_the_practices_of_a_level_or_badge(
    name: str, plant: Plant, capsys: Capture
) -> None:
    report = audit(plant(PROJECT), capsys, "--profile", name)
    chosen = {item["id"] for item in report["practices"]}
    if name in BADGES:
        known = {rule.practice.id for rule in catalogue.rules()}
        assert chosen == members(name) & known
    else:
        levels = {r.practice.id: r.practice.level for r in catalogue.rules()}
        assert chosen == {item for item, level in levels.items() if level in LEVEL_SETS[name]}


def test_a_profile_of_the_settings_is_used_and_a_wrong_one_refused(
    plant: Plant, capsys: Capture
) -> None:
    root = plant({**PROJECT, "repro-audit.toml": 'profile = "heil-gold"\n'})
    assert {item["id"] for item in audit(root, capsys)["practices"]} <= members("heil-gold")
    assert cli.main([str(root), "--profile", "gold"]) == 2
    assert "heil-gold" in capsys.readouterr().err
