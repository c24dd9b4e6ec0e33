"""A recorded run becomes an RO-Crate that ro-crate-py reads back, with the digests of its files."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from repro_audit.cli import main

rocrate = pytest.importorskip("rocrate.rocrate", reason="rocrate is in the lock of the tools")
Commit = Callable[[Mapping[str, str]], Path]
PROGRAM = """\
open("out.csv", "w").write(open("data.txt").read())
open("gone.csv", "w").write("1")
"""


@pytest.fixture
def run(committed: Commit, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Record a run that reads and writes, and return the folder of its record."""
    root = committed({"README.md": "# A program\n", "main.py": PROGRAM, "LICENSE": "MIT\n"})
    (root / "data.txt").write_text("7", "utf-8")
    (root / "key.pem").write_text("secret", "utf-8")
    monkeypatch.chdir(root)
    script = "open('key.pem').read(); exec(open('main.py').read())"
    assert main(["run", "--quiet", "--no-track", "--", sys.executable, "-c", script]) == 0
    (root / "gone.csv").write_text("2", "utf-8")
    (folder,) = (root / ".repro-audit/runs").iterdir()
    return folder


def test_a_run_is_read_back_as_an_action(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "crate"
    assert main(["export", str(run), "--output", str(target), "--agent", "A Tester"]) == 0
    crate = rocrate.ROCrate(target)
    record = json.loads((run / "run.json").read_text("utf-8"))
    assert crate.root_dataset["conformsTo"].id == "https://w3id.org/ro/wfrun/process/0.5"
    (action,) = crate.get_by_type("CreateAction")
    assert crate.root_dataset["mentions"].id == action.id
    assert (action["startTime"], action["endTime"]) == (record["started"], record["ended"])
    assert action["agent"]["name"] == "A Tester"
    assert action["instrument"]["softwareVersion"] == record["commit"]
    assert action["actionStatus"].endswith("CompletedActionStatus")
    read = {item["name"]: item for item in action["object"]}
    written = {item["name"]: item for item in action["result"]}
    assert {"data.txt", "main.py", "key.pem"} <= set(read)
    assert set(written) == {"out.csv", "gone.csv"}
    for item in crate.get_by_type("File"):
        digest = hashlib.sha256((target / item.id).read_bytes()).hexdigest()
        assert item.get("sha256", digest) == digest
    assert (target / "data/out.csv").read_text("utf-8") == "7"
    # What is another now, and what opens doors, is described without its content.
    wrong = {item["name"] for item in (*read.values(), *written.values()) if item.type != "File"}
    assert {"gone.csv", "key.pem"} <= wrong
    assert not (target / "data/key.pem").exists()
    assert not (target / "data/.git").exists()
    assert (target / crate.root_dataset["license"].id).read_text("utf-8") == "MIT\n"
    assert (target / "record/run.json").read_bytes() == (run / "run.json").read_bytes()


def test_a_zip_is_an_archive_too_and_nothing_else_is_left(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "made" / "crate.zip"
    target.parent.mkdir()
    assert main(["export", str(run / "run.json"), "--output", str(target)]) == 0
    with zipfile.ZipFile(target) as archive:
        assert "ro-crate-metadata.json" in archive.namelist()
    assert [path.name for path in target.parent.iterdir()] == ["crate.zip"]


def test_a_run_that_failed_says_so(
    committed: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(committed({"README.md": "# A program\n", "main.py": "raise SystemExit(4)"}))
    kept = tmp_path / "kept"
    words = ["run", "--quiet", "--no-track", "--output", str(kept), "--", sys.executable, "main.py"]
    assert main(words) == 4
    assert main(["export", str(kept), "--output", str(tmp_path / "crate")]) == 0
    (action,) = rocrate.ROCrate(tmp_path / "crate").get_by_type("CreateAction")
    assert action["actionStatus"].endswith("FailedActionStatus")
    assert action["error"] == "exit status 4"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda record: {**record, "state": "running"}, "has not ended"),
        (lambda record: {**record, "schema": "other"}, "is no record"),
        (lambda record: {**record, "inputs": 7}, "is broken"),
        (lambda record: {**record, "environment": None}, "is broken"),
        (lambda _: [], "is no record"),
    ],
)
def test_what_cannot_be_archived_is_said(
    change: Callable[[object], object],
    what: str,
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = json.loads((run / "run.json").read_text("utf-8"))
    (run / "run.json").write_text(json.dumps(change(record)), "utf-8")
    before = set(tmp_path.iterdir())
    assert main(["export", str(run), "--output", str(tmp_path / "crate")]) == 2
    said = capsys.readouterr().err
    assert what in said
    assert said.count("\n") == 1
    assert set(tmp_path.iterdir()) == before


def test_a_hostile_record_reaches_no_file_outside(run: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret", "utf-8")
    digest = "sha256:" + hashlib.sha256(b"secret").hexdigest()
    record = json.loads((run / "run.json").read_text("utf-8"))
    names = ("../outside", str(tmp_path / "outside"))
    record["inputs"] = [
        {"path": name, "digest": digest, "size": 6, "tracked": False, "rewritten": False}
        for name in names
    ]
    record["source"]["copied"] = ["../../../../../outside"]
    (run / "run.json").write_text(json.dumps(record), "utf-8")
    assert main(["export", str(run), "--output", str(tmp_path / "crate")]) == 0
    assert not list((tmp_path / "crate").rglob("outside"))


def test_existing_paths_and_missing_runs_are_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(run), "--output", str(tmp_path)]) == 2
    assert "exists" in capsys.readouterr().err
    assert main(["export", str(tmp_path), "--output", str(tmp_path / "x")]) == 2
    assert "holds no run.json" in capsys.readouterr().err
