"""Runs a small program again and again, and says what came of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from repro_audit import run_audit
from repro_audit.cli import main
from repro_audit.gitindex import blob_id
from repro_audit.model import Basis
from repro_audit.verify.plan import NAMES
from repro_audit.verify.tools import find_bubblewrap

Commit = Callable[[Mapping[str, str]], Path]
SCHEMA = Path(__file__).parents[2] / "checker/src/repro_audit/schemas/record-v1.schema.json"
README = {"README.md": "# A program\n"}
INNOCENT = """\
import json
import random

random.seed(1)
json.dump({"value": random.random()}, open("out.json", "w"))
"""


def verified(
    root: Path, *options: str, words: tuple[str, ...] = ("python", "main.py")
) -> tuple[int, dict[str, Any]]:
    """Verify a tree; return the exit status and the record, which keeps to its schema."""
    record = root.parent / "record.json"
    status = main(["verify", str(root), "--yes", "--output", str(record), *options, "--", *words])
    document = json.loads(record.read_text("utf-8"))
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    return status, document


def unequal(document: dict[str, Any]) -> set[str]:
    return {item["name"] for item in document["variations"] if not item["equal"]}


def test_an_innocent_program_is_equal_under_all_variations(
    committed: Commit, capsys: pytest.CaptureFixture[str]
) -> None:
    status, document = verified(committed({**README, "main.py": INNOCENT}))
    assert (status, document["equal"], document["within_tolerance"]) == (0, True, True)
    named = [item["name"] for item in document["variations"]]
    left_out = [item["name"] for item in document["skipped"]]
    assert sorted(named + left_out) == sorted(NAMES)
    assert unequal(document) == {"seed"}
    assert list(document["outputs"]) == ["out.json"]
    shown = capsys.readouterr().out
    assert "hash-seed" in shown
    assert "Equal: the result came out the same" in shown


def test_what_does_not_react_to_the_seed_is_said(committed: Commit) -> None:
    program = "open('out.txt', 'w').write('7')\n"
    status, document = verified(committed({**README, "main.py": program}), "--vary", "seed")
    assert (status, unequal(document)) == (0, set())
    assert any("does not react to the seed" in note for note in document["notes"])


def test_a_class_of_generators_is_still_that_class_under_another_seed(committed: Commit) -> None:
    pytest.importorskip("numpy")
    program = """\
import numpy
from numpy.random import RandomState

class Own(RandomState):
    pass

numpy.random.seed(3)
shared = numpy.random.mtrand._rand
assert isinstance(shared, RandomState) and not isinstance(shared, Own)
assert isinstance(RandomState(5), RandomState) and issubclass(Own, RandomState)
open("out.txt", "w").write(f"{numpy.random.rand()} {Own(5).rand()}")
"""
    root = committed({**README, "main.py": program})
    status, document = verified(root, "--vary", "seed", words=(sys.executable, "main.py"))
    (_, seed) = document["variations"]
    assert (status, [item["path"] for item in seed["differences"]]) == (0, ["out.txt"])


def test_a_seed_of_the_command_line_is_raised(committed: Commit) -> None:
    program = "import sys\nopen('out.txt', 'w').write(' '.join(sys.argv[1:]))\n"
    root = committed({**README, "main.py": program})
    words = ("python", "main.py", "--seed", "3", "trainer.seed=8")
    _, document = verified(root, "--vary", "seed", words=words)
    (_, seed) = document["variations"]
    assert "'--seed 4 trainer.seed=9'" in seed["differences"][0]["what"]


def test_what_an_old_python_hides_is_left_out(committed: Commit, tmp_path: Path) -> None:
    old = tmp_path / "bin/python3.7"
    old.parent.mkdir()
    # Says of itself that it is older than it is.
    old.write_text(f"""\
#!/bin/sh
case "$2" in
    *python_version*) {sys.executable} "$@" | sed 's/"version": "[0-9.]*"/"version": "3.7.9"/' ;;
    *) exec {sys.executable} "$@" ;;
esac
""")
    old.chmod(0o755)
    root = committed({**README, "main.py": INNOCENT})
    options = ("--no-isolation", "--vary", "time-zone,listing-order,seed")
    status, document = verified(root, *options, words=(str(old), "main.py"))
    assert (status, [item["name"] for item in document["variations"]]) == (
        0,
        ["control", "time-zone"],
    )
    left_out = {item["name"]: item["reason"] for item in document["skipped"]}
    assert left_out.keys() == {"listing-order", "seed"}
    assert "Python 3.7.9 can only be looked at from outside" in left_out["seed"]


def test_a_proof_of_equal_runs_is_read_by_the_audit(committed: Commit) -> None:
    root = committed({**README, "main.py": INNOCENT})
    status = main(["verify", str(root), "--yes", "--", "python", "main.py"])
    report = run_audit(root)
    assert (status, report.proof.record, report.proof.stale) == (0, "repro-record.json", None)
    assert report.score.proven > 0
    executed = {item.practice.id for item in report.results if item.basis is Basis.EXECUTED}
    assert "seed-all-libraries" in executed
    (root / "main.py").write_text(INNOCENT + "\n", "utf-8")
    assert "main.py" in str(run_audit(root).proof.stale)


def test_a_failing_command_is_no_proof(committed: Commit) -> None:
    root = committed({**README, "main.py": "raise SystemExit('no data')\n"})
    status, document = verified(root)
    assert (status, document["equal"], document["variations"]) == (3, False, [])
    assert "no data" in document["failed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--", "python", "main.py"], "--yes"),
        (["--yes"], "no command"),
        (["--yes", "--vary", "weather", "--", "true"], "no variation 'weather'"),
        (["--yes", "--tolerance", "loss=much", "--", "true"], "no tolerance"),
        (["--yes", "--data", "../elsewhere", "--", "true"], "--data"),
        (["--yes", "--output", "no/such/folder/a.json", "--", "true"], "no folder"),
    ],
)
def test_wrong_use_is_refused(
    arguments: list[str], said: str, committed: Commit, capsys: pytest.CaptureFixture[str]
) -> None:
    root = committed({**README, "main.py": INNOCENT})
    assert main(["verify", str(root), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (root / "repro-record.json").exists()


def test_a_tree_without_a_commit_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path), "--yes", "--", "true"]) == 2
    assert "commit" in capsys.readouterr().err


def test_a_clone_that_lacks_objects_is_refused(
    committed: Commit, capsys: pytest.CaptureFixture[str]
) -> None:
    root = committed({**README, "main.py": INNOCENT})
    name = blob_id(INNOCENT.encode())
    (root / ".git/objects" / name[:2] / name[2:]).unlink()
    assert main(["verify", str(root), "--yes", "--", "true"]) == 2
    assert "lacks a part" in capsys.readouterr().err


def test_what_is_not_committed_does_not_run(committed: Commit) -> None:
    root = committed({**README, "main.py": INNOCENT})
    (root / "main.py").write_text("raise SystemExit(1)\n", "utf-8")
    status, document = verified(root, "--vary", "control")
    assert status == 0
    assert any("main.py" in note and "left out" in note for note in document["notes"])


def test_nothing_of_the_checkout_is_touched(committed: Commit) -> None:
    program = f"import pathlib\n{INNOCENT}\npathlib.Path.home().joinpath('x').write_text('x')\n"
    root = committed({**README, "main.py": program})
    before = sorted(path.name for path in root.iterdir())
    verified(root, "--vary", "leftovers")
    assert sorted(path.name for path in root.iterdir()) == before
    assert not Path.home().joinpath("x").exists()


def test_data_that_git_does_not_hold_is_given_and_recorded(committed: Commit) -> None:
    root = committed({**README, "main.py": "print(open('data/a.csv').read())\n"})
    (root / "data").mkdir()
    (root / "data/a.csv").write_text("1,2\n", "utf-8")
    assert verified(root, "--vary", "control")[0] == 3
    status, document = verified(root, "--vary", "control", "--data", "data")
    assert (status, list(document["data_digests"])) == (0, ["data/a.csv"])
    assert list(document["outputs"]) == ["<stdout>"]


def test_the_same_verification_gives_the_same_bytes(committed: Commit) -> None:
    program = "import os\nopen('a.txt', 'w').write(os.environ['TZ'] + os.getcwd())\n"
    root = committed({**README, "main.py": program})
    texts = []
    for _ in range(2):
        _, document = verified(root, "--vary", "time-zone,path")
        for item in (document, *document["variations"]):
            item.pop("seconds")
        del document["started"]
        texts.append(json.dumps(document))
    assert texts[0] == texts[1]


def test_what_differs_by_chance_is_not_laid_to_a_variation(
    committed: Commit, tmp_path: Path
) -> None:
    """The first three runs agree by luck, as those of a rare race do."""
    counter = tmp_path / "counter"
    program = f"""\
counter = open({str(counter)!r}, "a+")
counter.write("x")
open("out.txt", "w").write(str((counter.tell() - 1) // 3))
"""
    options = ("--vary", "control,hash-seed,time-zone,locale", "--no-isolation", "--no-causes")
    status, document = verified(committed({**README, "main.py": program}), *options)
    assert (status, unequal(document)) == (1, {"control", "time-zone", "locale"})


def test_two_variations_that_are_harmless_alone_are_found_together(committed: Commit) -> None:
    program = """\
import os

far = os.environ["TZ"] != "UTC" and os.environ["USER"] == "someone"
open("out.txt", "w").write("far" if far else "near")
"""
    root = committed({**README, "main.py": program})
    status, document = verified(root, "--vary", "hash-seed,time-zone,home,user,path")
    assert (status, document["equal"], unequal(document)) == (1, False, set())
    assert document["together"] == {"names": ["time-zone", "user"], "equal": False}
    (cause,) = document["causes"]
    assert (cause["variation"], cause["path"], cause["line"]) == ("time-zone", "main.py", 3)
    assert "only together with user" in cause["message"]


def test_a_run_that_fails_under_a_variation_is_named_with_its_line(committed: Commit) -> None:
    program = "import os\n\nos.mkdir('out')\nopen('out/a.txt', 'w').write('1')\n"
    root = committed({**README, "part/main.py": program})
    status, document = verified(root / "part", "--vary", "leftovers")
    assert (status, unequal(document)) == (3, {"leftovers"})
    (cause,) = document["causes"]
    assert (cause["variation"], cause["path"], cause["line"]) == ("leftovers", "main.py", 3)


def test_odd_outputs_do_no_harm(committed: Commit) -> None:
    program = """\
import os

os.mkfifo("pipe")
os.symlink("/etc/passwd", "link")
os.symlink("nowhere", "dangling")
open(b"\\xff.txt", "w").write(os.environ["TZ"])
os.makedirs("closed/in")
open("closed/in/file", "w").write("1")
os.chmod("closed/in", 0o500)
os.chmod("closed", 0o500)
"""
    status, document = verified(committed({**README, "main.py": program}), "--vary", "time-zone")
    assert (status, unequal(document)) == (1, {"time-zone"})
    assert document["outputs"]["link"] == "link to /etc/passwd"
    assert len(document["outputs"]) == 5


def test_without_isolation_it_is_said(
    committed: Commit, capsys: pytest.CaptureFixture[str]
) -> None:
    root = committed({**README, "main.py": INNOCENT})
    status, document = verified(root, "--no-isolation", "--vary", "user,home")
    assert (status, document["isolation"]["by"]) == (0, "none")
    assert any("not isolated" in note for note in document["notes"])
    assert "rights of your account" in capsys.readouterr().err


@pytest.mark.skipif(not find_bubblewrap(), reason="bubblewrap is not here")
def test_the_host_is_read_only_and_the_checkout_is_hidden(committed: Commit) -> None:
    program = """\
import os
import sys

root = sys.argv[1]
assert not os.path.exists(os.path.join(root, "main.py"))
assert os.listdir("/run") == []
try:
    open("/etc/made-by-a-test", "w")
except OSError:
    print("read-only")
else:
    raise SystemExit("the host can be written")
"""
    root = committed({**README, "main.py": program})
    words = ("python", "main.py", str(root))
    status, document = verified(root, "--vary", "control", words=words)
    assert (status, document["isolation"]["by"]) == (0, "bubblewrap")


MANY = """\
import os
for _ in range(40):
    os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "60")
os.wait()
"""
LARGE = """\
import time
for number in range(9):
    open(f"{number}.bin", "wb").write(bytes(5_000_000))
time.sleep(60)
"""
LIMITS = {
    "0.5 seconds": ("import time\ntime.sleep(60)\n", "--timeout", "0.5"),
    "MemoryError": ("kept = b'x' * 400_000_000\n", "--memory", "200"),
    "30 processes": (MANY, "--processes", "30"),
    "20 MB on disk": (LARGE, "--disk", "20"),
}


@pytest.mark.parametrize("said", LIMITS)
def test_limits_end_a_run(said: str, committed: Commit) -> None:
    program, *limit = LIMITS[said]
    status, document = verified(committed({**README, "main.py": program}), *limit)
    assert status == 3
    assert said in document["failed"]


def test_an_interruption_leaves_no_half_record_and_no_process(committed: Commit) -> None:
    root = committed({**README, "main.py": "import time\ntime.sleep(61.25)\n"})
    scratch = root.parent / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "repro_audit", "verify", str(root), "--yes", "--", "python"]
    child = subprocess.Popen(
        [*command, "main.py"], env={**os.environ, "TMPDIR": str(scratch)}, stderr=subprocess.PIPE
    )
    assert child.stderr is not None
    while b"reference" not in child.stderr.readline():
        pass
    time.sleep(0.5)
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 130
    child.stderr.close()
    assert list(scratch.iterdir()) == []
    assert not (root / "repro-record.json").exists()
    assert not list(root.glob(".repro-record*"))
