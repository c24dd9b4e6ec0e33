"""A report is kept while nothing has changed that it was made from, and never longer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from repro_audit import Report, Repository, cli, commands, kept, run_audit

Plant = Callable[[Mapping[str, str]], Path]
Committed = Callable[[Mapping[str, str]], Path]
FILES = {"train.py": "import numpy as np\n\nprint(np.random.rand())\n", "lib/part.py": "X = 1\n"}


@pytest.fixture
def audits(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Count what is really audited, with a cache of its own in which every file has settled."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr(kept, "SETTLED", -60.0)
    done: list[str] = []

    def counted(repo: Repository, **options: Any) -> Report:
        done.append(str(repo.root))
        return run_audit(repo, **options)

    monkeypatch.setattr(commands, "run_audit", counted)
    return done


def asked(capsys: pytest.CaptureFixture[str], root: Path, *options: str) -> tuple[int, str]:
    status = cli.main(["check", str(root), "--format", "json", *options])
    return status, capsys.readouterr().out


def test_an_unchanged_repository_is_not_audited_again(
    audits: list[str], committed: Committed, capsys: pytest.CaptureFixture[str]
) -> None:
    root = committed(FILES)
    first = asked(capsys, root)
    assert asked(capsys, root) == first
    assert json.loads(first[1])["practices"]
    assert len(audits) == 1
    # The bar is asked for anew, and is no part of the report.
    assert asked(capsys, root, "--fail-under", "100")[0] == 1
    assert len(audits) == 1
    out = root.parent / "report.json"
    assert asked(capsys, root, "--output", str(out)) == (0, "")
    assert out.read_text("utf-8") == first[1]


def place() -> Path:
    found = kept.folder()
    assert found is not None
    return found


def edit(root: Path) -> None:
    before = (root / "train.py").stat()
    (root / "train.py").write_text("import numpy as np\n\nprint(np.random.rant())\n")
    os.utime(root / "train.py", ns=(before.st_atime_ns, before.st_mtime_ns))


def add(root: Path) -> None:
    (root / "lib" / "loose.py").write_text("Y = 2\n")


def remove(root: Path) -> None:
    (root / "lib" / "part.py").unlink()


def move_head(root: Path) -> None:
    (root / ".git" / "HEAD").write_text("ref: refs/heads/other\n")


def tag(root: Path) -> None:
    head = next((root / ".git" / "refs" / "heads").iterdir())
    (root / ".git" / "refs" / "tags" / "v1").write_text(head.read_text())


def configure(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.repro-audit]\nselect = ["env-lock"]\n')


@pytest.mark.parametrize("change", [edit, add, remove, move_head, tag, configure])
def test_any_change_of_what_was_looked_at_is_seen(
    change: Callable[[Path], None],
    audits: list[str],
    committed: Committed,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = committed(FILES)
    asked(capsys, root)
    change(root)
    changed = asked(capsys, root)
    assert len(audits) == 2
    assert changed == asked(capsys, root, "--no-cache")


def test_another_question_has_another_answer(
    audits: list[str], plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plant(FILES)
    whole = asked(capsys, root)
    assert asked(capsys, root, "--select", "env-lock") != whole
    assert asked(capsys, root, "--trusted")[0] == 0
    assert asked(capsys, root, "--no-cache") == whole
    assert len(audits) == 4


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"0" * 64 + b"\n{}", b"[" * 100_000])
def test_a_damaged_cache_is_made_again_without_a_word(
    damage: bytes, audits: list[str], plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plant(FILES)
    first = asked(capsys, root)
    (entry,) = place().iterdir()
    entry.write_bytes(damage)
    assert asked(capsys, root) == first
    assert len(audits) == 2
    assert asked(capsys, root) == first
    assert len(audits) == 2


def test_a_report_that_was_altered_is_not_believed(
    audits: list[str], plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plant(FILES)
    first = asked(capsys, root)
    (entry,) = place().iterdir()
    entry.write_text(entry.read_text("utf-8").replace("fail", "pass"), "utf-8")
    assert asked(capsys, root) == first
    assert len(audits) == 2


def test_a_file_changed_a_moment_ago_is_not_relied_on(
    audits: list[str],
    plant: Plant,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "SETTLED", 60.0)
    root = plant(FILES)
    assert asked(capsys, root) == asked(capsys, root)
    assert len(audits) == 2


def test_the_cache_is_bounded(
    audits: list[str],
    plant: Plant,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    root = plant(FILES)
    for practice in ("env-lock", "vcs-used", "auto-tests"):
        asked(capsys, root, "--select", practice)
    assert len(list(place().iterdir())) == 2
    asked(capsys, root, "--select", "auto-tests")
    assert len(audits) == 3


def test_where_nothing_can_be_kept_the_audit_is_the_same(
    audits: list[str],
    plant: Plant,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = plant(FILES)
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / "train.py"))
    assert asked(capsys, root) == asked(capsys, root)
    assert len(audits) == 2


def test_several_processes_at_once_agree(tmp_path: Path, plant: Plant) -> None:
    root = plant(FILES)
    command = [sys.executable, "-m", "repro_audit", str(root), "--format", "json"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(_: int) -> str:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(run, range(8)))) == 1


def a_pipe(entry: Path) -> None:
    os.mkfifo(entry)


def a_folder(entry: Path) -> None:
    entry.mkdir()


def a_sparse_gigabyte(entry: Path) -> None:
    with entry.open("wb") as stream:
        stream.truncate(3_000_000_000)


def a_link(entry: Path) -> None:
    entry.symlink_to("/dev/zero")


@pytest.mark.skipif(sys.platform == "win32", reason="has neither pipes nor links")
@pytest.mark.parametrize("make", [a_pipe, a_folder, a_sparse_gigabyte, a_link])
def test_what_stands_in_the_place_of_a_report_is_not_waited_for(
    make: Callable[[Path], None],
    audits: list[str],
    committed: Committed,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = committed(FILES)
    first = asked(capsys, root)
    (entry,) = place().iterdir()
    entry.unlink()
    make(entry)
    assert asked(capsys, root) == first
    assert len(audits) == 2
    assert [item for item in place().iterdir() if item.name.startswith(".")] == []


@pytest.mark.parametrize("said", ["{root}/.cache", "{root}", ".cache", "."])
def test_nothing_is_kept_inside_the_tree(
    said: str,
    audits: list[str],
    committed: Committed,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = committed(FILES)
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(root))
    monkeypatch.setenv("XDG_CACHE_HOME", said.format(root=root))
    before = sorted(root.rglob("*"))
    assert asked(capsys, root)[0] == 0
    assert sorted(root.rglob("*")) == before
    assert len(audits) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no such rights")
def test_a_place_where_others_may_write_is_not_used(
    audits: list[str], committed: Committed, capsys: pytest.CaptureFixture[str]
) -> None:
    root = committed(FILES)
    place().mkdir(parents=True)
    place().chmod(0o777)
    asked(capsys, root)
    asked(capsys, root)
    assert len(audits) == 2
    assert list(place().iterdir()) == []


def test_a_user_without_a_home_is_served(
    audits: list[str],
    committed: Committed,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = committed(FILES)
    monkeypatch.delenv("XDG_CACHE_HOME")

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert asked(capsys, root)[0] == 0
    assert len(audits) == 1
