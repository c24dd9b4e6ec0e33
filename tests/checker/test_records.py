"""What a record of re-runs proves, and what it does not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from dulwich.repo import Repo
from repro_audit import Report, Repository, catalogue, run_audit
from repro_audit.facts.records import Records
from repro_audit.model import Basis, Status
from repro_audit.render import render

Commit = Callable[[Mapping[str, str]], Path]
Step = Callable[[Path, Mapping[str, str]], None]
TRAIN = """\
import torch

torch.manual_seed(1)
torch.use_deterministic_algorithms(True)
model = torch.nn.Linear(3, 1)
model(torch.randn(2, 3)).sum().backward()
"""
FILES = {
    "train.py": TRAIN,
    "conf/config.yaml": "seed: 1\n",
    "uv.lock": 'version = 1\n[[package]]\nname = "torch"\nversion = "2.0"\n',
}
NAMES = (
    "control",
    "hash-seed",
    "time-zone",
    "locale",
    "home",
    "user",
    "path",
    "tmpdir",
    "listing-order",
    "threads",
    "cpus",
)


def head(root: Path) -> str:
    repo = Repo(str(root))
    try:
        return repo.head().decode()
    finally:
        repo.close()


def record(root: Path, **changes: Any) -> dict[str, Any]:
    return {
        "schema": "repro-audit/record/v1",
        "command": ["make", "reproduce"],
        "commit": head(root),
        "equal": True,
        "within_tolerance": True,
        "variations": [{"name": name, "equal": True, "differences": []} for name in NAMES],
        "causes": [],
        **changes,
    }


def audit(root: Path, **changes: Any) -> Report:
    text = json.dumps(record(root, **changes))
    (root / "repro-record.json").write_text(text, "utf-8")
    return run_audit(root)


def executed(report: Report) -> set[str]:
    return {item.practice.id for item in report.results if item.basis is Basis.EXECUTED}


def test_a_current_record_proves_what_its_variations_decide(committed: Commit) -> None:
    report = audit(committed(FILES))
    wanted = {rule.practice.id for rule in catalogue.rules() if rule.practice.proved_by}
    assert {"seed-all-libraries", "env-portable-paths"} <= executed(report) <= wanted
    assert 0 < report.score.proven < 1
    assert (report.proof.record, report.proof.stale) == ("repro-record.json", None)


def test_without_a_record_nothing_is_proven(committed: Commit) -> None:
    report = run_audit(committed(FILES))
    assert (report.score.proven, executed(report), report.proof.record) == (0.0, set(), None)


def test_the_commit_that_brings_the_record_leaves_it_current(committed: Commit, step: Step) -> None:
    root = committed(FILES)
    step(root, {"repro-record.json": json.dumps(record(root))})
    assert executed(run_audit(root))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"commit": "0" * 40}, "not in this history"),
        ({"commit": None}, "names no commit"),
        ({"commit": 7}, "names no commit"),
        ({"lock_digest": "sha256:" + "0" * 64}, "another lock"),
        ({"data_digests": {"conf/config.yaml": "0" * 64}}, "other bytes"),
    ],
)
def test_a_record_of_something_else_is_stale(
    changes: dict[str, Any], why: str, committed: Commit
) -> None:
    report = audit(committed(FILES), **changes)
    assert (executed(report), report.score.proven) == (set(), 0.0)
    assert why in str(report.proof.stale)
    assert any("stale" in notice for notice in report.notices)
    for style in ("terminal", "markdown", "html", "json"):
        assert "stale" in render(report, style)


def test_a_later_change_makes_a_record_stale(committed: Commit, step: Step) -> None:
    root = committed(FILES)
    (root / "repro-record.json").write_text(json.dumps(record(root)), "utf-8")
    (root / "conf/config.yaml").write_text("seed: 22\n", "utf-8")
    assert "conf/config.yaml" in str(run_audit(root).proof.stale)
    step(root, {"conf/config.yaml": "seed: 23\n"})
    assert "conf/config.yaml" in str(run_audit(root).proof.stale)


def test_digests_of_this_lock_and_data_keep_a_record_current(committed: Commit) -> None:
    lock = hashlib.sha256(FILES["uv.lock"].encode()).hexdigest()
    data = {"conf/config.yaml": hashlib.sha256(FILES["conf/config.yaml"].encode()).hexdigest()}
    assert executed(audit(committed(FILES), lock_digest=f"sha256:{lock}", data_digests=data))


@pytest.mark.parametrize(
    "unequal",
    [
        {"name": "path", "equal": False, "differences": [{"path": "out.json", "what": "line 1"}]},
        {"name": "path", "equal": True, "differences": [{"path": "out.json", "what": "line 1"}]},
        {"name": "path", "equal": "yes", "differences": []},
    ],
)
def test_an_unequal_variation_proves_nothing_of_its_own(
    unequal: dict[str, Any], committed: Commit
) -> None:
    others = [{"name": name, "equal": True} for name in NAMES if name != "path"]
    report = audit(committed(FILES), equal=False, variations=[*others, unequal])
    assert "env-portable-paths" not in executed(report)
    assert "seed-all-libraries" in executed(report)
    assert any("re-run path differs" in notice for notice in report.notices)


def test_an_unequal_control_proves_nothing(committed: Commit) -> None:
    equal = [{"name": name, "equal": name != "control"} for name in NAMES]
    assert executed(audit(committed(FILES), equal=False, variations=equal)) == set()


def test_a_run_excuses_no_fault(committed: Commit) -> None:
    report = audit(committed({**FILES, "train.py": TRAIN.replace("torch.manual_seed(1)\n", "")}))
    assert "seed-all-libraries" not in executed(report)
    assert "env-portable-paths" in executed(report)


def test_a_run_settles_a_doubt(committed: Commit) -> None:
    root = committed({"train.py": "import torch\n\ntorch.load('a.pt')\n", "notes.md": "x\n"})
    before = {item.practice.id: item for item in run_audit(root).results}
    after = {item.practice.id: item for item in audit(root).results}
    assert before["seed-all-libraries"].verdict.status is Status.UNKNOWN
    assert after["seed-all-libraries"].verdict.status is Status.PASS
    assert after["seed-all-libraries"].verdict.evidence[0].path == "repro-record.json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[" * 100_000,
        "7",
        "null",
        '{"schema": "repro-audit/record/v1"}',
        '{"schema": "repro-audit/record/v1", "equal": 1, "variations": []}',
        '{"schema": "other", "equal": true, "variations": []}',
        "\0",
    ],
)
def test_what_is_no_record_is_named_and_harmless(text: str, committed: Commit) -> None:
    root = committed(FILES)
    (root / "repro-record.json").write_text(text, "utf-8")
    report = run_audit(root)
    assert executed(report) == set()
    assert any("repro-record.json is called like a record" in item for item in report.notices)


def test_odd_members_of_a_record_are_passed_over(committed: Commit) -> None:
    odd = [None, 3, {}, {"name": 4}, {"name": "x" * 10_000, "equal": True}] * 150
    root = committed(FILES)
    audit(root, variations=odd, causes=[None, {"path": 1, "line": [], "message": {}}], command=3)
    found = Repository(root).fact(Records).all
    assert len(found[0].variations) <= 100
    assert all(len(item.name) <= 300 for item in found[0].variations)


def test_a_linked_record_is_not_followed(committed: Commit, tmp_path: Path) -> None:
    root = committed(FILES)
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps(record(root)), "utf-8")
    (root / "repro-record.json").symlink_to(outside)
    assert executed(run_audit(root)) == set()


def test_what_a_page_is_proved_by_is_a_variation_and_decided_by_runs() -> None:
    for rule in catalogue.rules():
        assert set(rule.practice.proved_by) <= {*NAMES, "clock", "network", "leftovers", "gpu"}
        assert rule.practice.dynamic or not rule.practice.proved_by
