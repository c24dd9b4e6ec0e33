"""Runs small commands once, and reads what is kept of them."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import repro_audit
from jsonschema import Draft202012Validator
from repro_audit.cli import main
from repro_audit.gitindex import blob_id
from repro_audit.recording.sources import lock_digests

Commit = Callable[[Mapping[str, str]], Path]
SCHEMA = Path(__file__).parents[2] / "checker/src/repro_audit/schemas/run-v1.schema.json"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git makes the patch")
TRAIN = """\
import json
import random

import helper

random.seed(7)
rows = open("data.csv").read()
json.dump({"value": random.random(), "rows": rows}, open("out.json", "w"))
open("state.txt", "a").write("more")
print("done")
"""
FILES = {
    "README.md": "# A program\n",
    "train.py": TRAIN,
    "data.csv": "1,2\n",
    "state.txt": "old",
    "uv.lock": "version = 1\n",
}


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> dict[str, Any]:
    """Return the record, which keeps to its schema."""
    document: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    return document


def ran(folder: Path, *words: str, options: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
    status = main(["run", "--output", str(folder), *options, "--", *words])
    return status, read(folder)


@pytest.fixture
def root(committed: Commit, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = committed(FILES)
    monkeypatch.chdir(made)
    return made


@needs_git
def test_what_repeats_a_run_is_kept(root: Path, tmp_path: Path) -> None:
    (root / "helper.py").write_text("value = 1\n", "utf-8")
    (root / "train.py").write_text(TRAIN + "# a change\n", "utf-8")
    status, record = ran(tmp_path / "kept", sys.executable, "train.py")
    assert (status, record["state"], record["exit_status"]) == (0, "finished", 0)
    inputs = {item["path"]: item for item in record["inputs"]}
    assert inputs["data.csv"]["digest"] == digest("1,2\n")
    assert inputs["helper.py"]["tracked"] is False
    assert inputs["train.py"]["tracked"] is True
    outputs = {item["path"]: item for item in record["outputs"]}
    assert outputs["out.json"]["digest"] == digest((root / "out.json").read_text("utf-8"))
    assert (outputs["out.json"]["kind"], outputs["state.txt"]["kind"]) == ("new", "changed")
    assert record["source"]["dirty"] is True
    assert "+# a change" in (tmp_path / "kept/changes.patch").read_text("utf-8")
    assert record["source"]["untracked_used"] == record["source"]["copied"] == ["helper.py"]
    assert (tmp_path / "kept/untracked/helper.py").read_text("utf-8") == "value = 1\n"
    (seed,) = [item for item in record["seeds"] if item["library"] == "random"]
    assert (seed["value"], seed["path"], seed["line"]) == (7, "train.py", 6)
    assert record["lock_digest"] == {"uv.lock": digest("version = 1\n")}
    assert (tmp_path / "kept/stdout.txt").read_text("utf-8").strip() == "done"
    assert record["environment"]["records"].keys() <= record["environment"]["packages"].keys()
    assert record["environment"]["records"]["pytest"].startswith("sha256:")


@pytest.mark.parametrize(
    ("text", "is_lock"),
    [
        ("numpy==2.4.6\n-r more.txt\n", True),
        ("-e .\nnumpy==2.4.6 ; python_version > '3.9'  # the newest\n", True),
        (f"numpy>=2 \\\n    --hash=sha256:{'0' * 64}\n", True),
        ("numpy\n", False),
        ("numpy==2.*\n", False),
        ("numpy>=2.4,<3\nscipy==1.17.0\n", False),
        ("numpy==2.4.6\n-r open.txt\n", False),
        ("numpy==2.4.6\n-r requirements.txt\n", False),
        ("# nothing yet\n", False),
    ],
)
def test_a_list_of_requirements_is_a_lock_where_it_leaves_no_version_open(
    text: str, is_lock: bool, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text(text, "utf-8")
    (tmp_path / "more.txt").write_text("scipy==1.17.0\n", "utf-8")
    (tmp_path / "open.txt").write_text("scipy\n", "utf-8")
    found = lock_digests(tmp_path, ["README.md", "requirements.txt", "more.txt"])
    assert found == ({"requirements.txt": digest(text)} if is_lock else {})


@needs_git
def test_what_git_cannot_compare_is_not_called_clean(root: Path, tmp_path: Path) -> None:
    (root / "train.py").write_text(TRAIN + "# a change\n", "utf-8")
    name = blob_id(TRAIN.encode())
    (root / ".git/objects" / name[:2] / name[2:]).unlink()
    _, record = ran(tmp_path / "kept", "true")
    source = record["source"]
    assert (source["dirty"], source["changed"], source["patch"]) == (True, ["train.py"], None)
    assert any("no patch is kept" in note for note in record["notes"])


def test_the_digest_of_an_input_is_that_of_what_was_read(root: Path, tmp_path: Path) -> None:
    (root / "again.py").write_text(
        "text = open('state.txt').read()\nopen('state.txt', 'w').write(text + '!')\n", "utf-8"
    )
    _, record = ran(tmp_path / "kept", sys.executable, "again.py")
    (state,) = [item for item in record["inputs"] if item["path"] == "state.txt"]
    assert (state["digest"], state["rewritten"]) == (digest("old"), True)
    (after,) = [item for item in record["outputs"] if item["path"] == "state.txt"]
    assert after["digest"] == digest("old!")


def test_any_command_runs_and_its_status_is_ours(root: Path, tmp_path: Path) -> None:
    status, record = ran(tmp_path / "kept", "sh", "-c", "cat data.csv > copy.csv; exit 9")
    assert (status, record["state"], record["reason"]) == (9, "failed", "exit status 9")
    assert [item["path"] for item in record["outputs"]] == ["copy.csv"]
    assert "audit-hook" not in record["observed"]["by"]
    if "inotify" in record["observed"]["by"]:
        assert "data.csv" in {item["path"] for item in record["inputs"]}
    assert root.joinpath("copy.csv").is_file()


@pytest.mark.usefixtures("root")
def test_a_command_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, record = ran(tmp_path / "kept", "no-such-program")
    assert (status, record["state"]) == (127, "failed")
    assert "no-such-program" in capsys.readouterr().err


@pytest.mark.usefixtures("root")
def test_secrets_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hush-1")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:hush-2@example.org")
    monkeypatch.setenv("OTHER", "hush-3")
    secrets = ("--api-key", "hush-4", "--token=hush-5", "--password=two\nlines of hush-6")
    ran(tmp_path / "kept", sys.executable, "-c", "pass", *secrets)
    text = (tmp_path / "kept/run.json").read_text("utf-8")
    assert "hush" not in text
    assert "https://***@example.org" in text


def test_what_python_compiles_beside_is_no_output(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    (root / "own").mkdir()
    (root / "own/helper.py").write_text("value = 1\n", "utf-8")
    program = "from own import helper; open('out.txt', 'w').write(str(helper.value))"
    _, record = ran(tmp_path / "kept", sys.executable, "-c", program)
    assert list((root / "own/__pycache__").iterdir())
    assert [item["path"] for item in record["outputs"]] == ["out.txt"]


@pytest.mark.usefixtures("root")
def test_a_generator_that_nobody_seeded_is_told(tmp_path: Path) -> None:
    _, record = ran(tmp_path / "kept", sys.executable, "-c", "import random; random.random()")
    assert {"library": "random", "used": True} in record["unseeded"]


SEEDS = """\
import own
import numpy

shared = numpy.random.default_rng(3)
numpy.random.default_rng(shared)
numpy.random.default_rng()
"""
OWN = "import numpy\nhidden = numpy.random.default_rng(17)\nnumpy.random.seed(4)\n"


def test_seeds_are_those_of_the_program(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "own.py").write_text(OWN, "utf-8")
    program = f"import sys; sys.path.append({str(library)!r})\n{SEEDS}"
    (root / "train.py").write_text(program, "utf-8")
    _, record = ran(tmp_path / "kept", sys.executable, "train.py")
    found = [
        (seed["function"], seed["value"], seed["path"], seed["line"]) for seed in record["seeds"]
    ]
    # What a library hides in itself while it is imported seeds nothing of the program's.
    assert found == [
        ("seed", 4, "train.py", 2),
        ("default_rng", 3, "train.py", 5),
        ("default_rng", None, "train.py", 7),
    ]


@pytest.mark.usefixtures("root")
def test_wrong_use_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == 2
    assert "no command" in capsys.readouterr().err
    assert main(["run", "--gpus", "1", "--", "true"]) == 2
    assert "--gpus is for --in and --on" in capsys.readouterr().err
    ran(tmp_path / "kept", "true")
    assert main(["run", "--output", str(tmp_path / "kept"), "--", "true"]) == 2
    assert "another run" in capsys.readouterr().err


def test_git_does_not_see_the_records(root: Path) -> None:
    assert main(["run", "--quiet", "--", "true"]) == 0
    (folder,) = (root / ".repro-audit/runs").iterdir()
    assert read(folder)["state"] == "finished"
    assert (root / ".repro-audit/.gitignore").read_text("utf-8") == "*\n"


def begun(folder: Path) -> subprocess.Popen[bytes]:
    """Start a run that lasts, and wait until its command does something."""
    program = "import time; print('on', flush=True); time.sleep(60)"
    words = [sys.executable, "-m", "repro_audit", "run", "--output", str(folder)]
    child = subprocess.Popen([*words, "--", sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"on"
    assert read(folder)["state"] == "running"
    return child


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.usefixtures("root")
def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    child = begun(tmp_path / "kept")
    child.send_signal(signal.SIGTERM)
    child.communicate()
    record = read(tmp_path / "kept")
    assert (child.returncode, record["state"]) == (143, "interrupted")
    assert record["reason"] == "interrupted by SIGTERM"


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.usefixtures("root")
def test_the_record_of_a_recorder_that_was_killed_says_so(tmp_path: Path) -> None:
    child = begun(tmp_path / "kept")
    child.kill()
    child.communicate()
    limit = time.monotonic() + 20
    while read(tmp_path / "kept")["state"] == "running" and time.monotonic() < limit:
        time.sleep(0.05)
    record = read(tmp_path / "kept")
    assert record["state"] == "interrupted"
    assert "killed" in record["reason"]


def test_a_part_of_a_program_has_a_record_too(root: Path, tmp_path: Path) -> None:
    program = (
        "import repro_audit\n"
        "@repro_audit.run(output=r'%s')\n"
        "def train():\n"
        "    open('made.txt', 'w').write(open('data.csv').read())\n"
        "    raise ValueError('too many showers')\n"
        "train()\n" % (tmp_path / "kept")
    )
    (root / "part.py").write_text(program, "utf-8")
    done = subprocess.run([sys.executable, "part.py"], capture_output=True, check=False)
    assert b"too many showers" in done.stderr
    record = read(tmp_path / "kept")
    assert (record["state"], record["reason"]) == ("failed", "ValueError: too many showers")
    assert "data.csv" in {item["path"] for item in record["inputs"]}
    assert [item["path"] for item in record["outputs"]] == ["made.txt"]


@pytest.mark.parametrize(
    ("leaving", "state", "status"), [("0", "finished", 0), ("", "finished", 0), ("4", "failed", 4)]
)
def test_a_part_that_leaves_the_program_has_its_status(
    leaving: str, state: str, status: int, root: Path, tmp_path: Path
) -> None:
    inside = f"with repro_audit.run(r'{tmp_path / 'kept'}'):\n    sys.exit({leaving})\n"
    (root / "part.py").write_text(f"import repro_audit, sys\n{inside}", "utf-8")
    assert subprocess.run([sys.executable, "part.py"], check=False).returncode == status
    record = read(tmp_path / "kept")
    assert (record["state"], record["exit_status"]) == (state, status)


def test_what_a_child_loads_can_be_read_by_an_old_python() -> None:
    """The file that every Python loads says nothing to one without audit hooks (before 3.8)."""
    agent = Path(repro_audit.__file__).parent / "verify/agent"
    first = (agent / "sitecustomize.py").read_text("utf-8")
    # Python 2 has neither of these.
    assert "->" not in first
    assert not re.search(r"""\bf["']""", first)
    for path in agent.rglob("*.py"):
        ast.parse(path.read_text("utf-8"), feature_version=(3, 8))


def test_a_python_that_cannot_describe_itself_is_not_another(tmp_path: Path) -> None:
    mute = tmp_path / "bin/python"
    mute.parent.mkdir()
    mute.write_text("#!/bin/sh\nexit 0\n", "utf-8")
    mute.chmod(0o755)
    status, record = ran(tmp_path / "kept", str(mute), "-c", "pass")
    assert (status, record["environment"]["executable"]) == (0, None)


@pytest.mark.usefixtures("root")
def test_the_packages_are_those_of_the_python_that_ran(tmp_path: Path) -> None:
    own = tmp_path / "own"
    venv.create(own, symlinks=True)
    own_python = str(own / "bin/python")
    status, record = ran(tmp_path / "one", "sh", "-c", f"{own_python} -c pass")
    environment = record["environment"]
    assert (status, environment["executable"], environment["packages"]) == (0, own_python, {})
    both = f"{sys.executable} -c pass; {own_python} -c 'open(\"data.csv\").read()'"
    _, record = ran(tmp_path / "two", "sh", "-c", both)
    assert record["environment"]["executable"] == own_python
    assert any("also ran" in note for note in record["notes"])
    # Nobody knows whether the Python of the search path has to do with another program.
    _, record = ran(tmp_path / "three", "true")
    assert record["environment"]["python"] is None


def test_the_streams_that_are_kept_are_no_outputs(root: Path) -> None:
    status, record = ran(root / "kept", sys.executable, "-c", "open('made.txt', 'w')")
    assert (status, [item["path"] for item in record["outputs"]]) == (0, ["made.txt"])
