"""Outputs of other bytes are compared by what they hold, and within declared tolerances."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from repro_audit.verify.compare.files import Comparison
from repro_audit.verify.outputs import Written, digest, files_of
from repro_audit.verify.plan import Tolerance

if TYPE_CHECKING:
    from pathlib import Path

    from repro_audit.verify.compare.difference import Difference

Files = Mapping[str, str | bytes]
LOSS = (Tolerance("loss", 1e-6, 0.0),)


def written(folder: Path, files: Files) -> Written:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(raw)
    folder.mkdir(exist_ok=True)
    return Written(folder, {path: digest(folder / path) for path in files_of(folder)})


def compared(
    tmp_path: Path,
    one: Files,
    other: Files,
    *tolerances: Tolerance,
    named: bool = False,
) -> tuple[Difference, ...]:
    first, second = written(tmp_path / "one", one), written(tmp_path / "other", other)
    return Comparison(tolerances, named=named).compare(first, second)


@pytest.mark.parametrize(
    ("name", "one", "other", "what"),
    [
        ("a.json", '{"a": {"b": [1, 2]}}', '{"a": {"b": [1, 3]}}', "a.b[1]: 2 became 3"),
        ("a.json", '{"a": 1}', '{"b": 1}', "a: is missing, and 1 more (b)"),
        ("a.json", "[1]", "[1, 2]", "the list: 1 items became 2"),
        ("a.json", '{"a": 1}', '{"a": true}', "a: 1 became True"),
        ("a.jsonl", '{"a": 1}\n', '{"a": 2}\n', "line[0].a: 1 became 2"),
        ("a.csv", "x,loss\n1,2\n", "x,loss\n1,3\n", "loss, row 2: '2' became '3'"),
        ("a.csv", "x\n1\n", "x\n1\n2\n", "the table: 2 rows became 3"),
        ("a.txt", "one\ntwo\n", "one\nthree\n", "line 2: 'two' became 'three'"),
        ("a.bin", b"\0\1\2", b"\0\1\3", "other bytes from offset 2"),
        ("a.json", "{", "{}", "other bytes (JSONDecodeError while reading them)"),
    ],
)
def test_the_first_difference_is_named(
    name: str, one: str | bytes, other: str | bytes, what: str, tmp_path: Path
) -> None:
    (found,) = compared(tmp_path, {name: one}, {name: other}, *LOSS)
    assert (found.path, found.what, found.within, found.same) == (name, what, False, False)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("a.json", '{"loss": 0.1, "x": 1}', '{"loss": 0.10000001, "x": 1}'),
        ("a.json", '{"fold": [{"loss": 0.1}]}', '{"fold": [{"loss": 0.10000001}]}'),
        ("a.jsonl", '{"loss": 0.1}', '{"loss": 0.10000001}'),
        ("a.csv", "x,loss\n1,0.1\n", "x,loss\n1,0.10000001\n"),
    ],
)
def test_a_tolerance_covers_its_own_metric(name: str, one: str, other: str, tmp_path: Path) -> None:
    (found,) = compared(tmp_path, {name: one}, {name: other}, *LOSS)
    assert (found.within, found.same) == (True, False)
    assert "within tolerance" in found.what
    (far,) = compared(tmp_path, {name: one}, {name: other.replace("0.10000001", "0.2")}, *LOSS)
    assert not far.within


def test_what_is_ignored_does_not_count(tmp_path: Path) -> None:
    rule = Tolerance("run_id", ignore=True)
    one, other = (
        {"a.json": '{"m": {"run_id": "x"}, "v": 1}'},
        {"a.json": '{"m": {"run_id": "y"}, "v": 1}'},
    )
    assert [item.same for item in compared(tmp_path / "1", one, other, rule)] == [True]
    (found,) = compared(tmp_path / "2", one, {"a.json": '{"m": {"run_id": "y"}, "v": 2}'}, rule)
    assert found.what == "v: 1 became 2"
    name = Tolerance("a.*", ignore=True)
    assert compared(tmp_path / "3", {"a.txt": "1"}, {"a.txt": "2"}, name) == ()


def test_an_infinite_number_is_close_to_none(tmp_path: Path) -> None:
    (found,) = compared(
        tmp_path, {"a.json": '{"loss": 1}'}, {"a.json": '{"loss": Infinity}'}, *LOSS
    )
    assert not found.within


def test_numbers_in_a_text_have_the_tolerance_of_everything(tmp_path: Path) -> None:
    one, other = {"a.md": "loss 0.1, made by us\n"}, {"a.md": "loss 0.1000001, made by us\n"}
    assert compared(tmp_path, one, other, Tolerance("*", 1e-3))[0].within
    assert not compared(tmp_path, one, {"a.md": "loss 0.1, made by you\n"}, Tolerance("*", 1))[
        0
    ].within


def test_another_order_of_keys_is_no_equal_file(tmp_path: Path) -> None:
    one, other = {"a.json": '{"a": 1, "b": 2}'}, {"a.json": '{"b": 2, "a": 1}'}
    (found,) = compared(tmp_path, one, other)
    assert (found.within, found.same) == (True, False)


def test_missing_and_new_files_are_named(tmp_path: Path) -> None:
    found = compared(tmp_path, {"a.txt": "1", "b.txt": "1"}, {"b.txt": "1", "c.txt": "1"})
    assert [(item.path, item.what) for item in found] == [
        ("a.txt", "is not written here"),
        ("c.txt", "is written here and not in the first run"),
    ]


def archive(date: tuple[int, int, int, int, int, int], content: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as stream:
        stream.writestr(zipfile.ZipInfo("model/data/0", date), content)
    return kept.getvalue()


def test_an_archive_is_compared_by_its_members(tmp_path: Path) -> None:
    early, late = (2020, 1, 1, 0, 0, 0), (2021, 1, 1, 0, 0, 0)
    one = {"a.zip": archive(early, "x")}
    assert compared(tmp_path, one, {"a.zip": archive(late, "x")})[0].same
    (found,) = compared(tmp_path, one, {"a.zip": archive(late, "y")})
    assert (found.same, found.what) == (False, "member data/0 differs")


def notebook(count: int, text: str) -> str:
    output = {"output_type": "stream", "name": "stdout", "text": [text]}
    cell = {"cell_type": "code", "id": f"c{count}", "execution_count": count, "source": ["f()"]}
    return json.dumps({"cells": [{**cell, "outputs": [output]}], "metadata": {"at": count}})


def test_a_notebook_is_compared_by_what_it_puts_out(tmp_path: Path) -> None:
    one = {"a.ipynb": notebook(1, "0.5")}
    assert compared(tmp_path, one, {"a.ipynb": notebook(2, "0.5")})[0].same
    (found,) = compared(tmp_path, one, {"a.ipynb": notebook(1, "0.6")})
    assert not found.same
    assert "'0.5' became '0.6'" in found.what


def store(path: Path, run: str, time: int, values: list[float], lr: str = "0.1") -> None:
    with closing(sqlite3.connect(path)) as base:
        base.execute("create table runs (run_uuid text, start_time int)")
        base.execute("create table params (run_uuid text, key text, value text)")
        base.execute(
            "create table metrics (run_uuid text, key text, step int, timestamp int, value real, "
            "is_nan int)"
        )
        base.execute("insert into runs values (?, ?)", (run, time))
        base.execute("insert into params values (?, 'lr', ?)", (run, lr))
        rows = [(run, "loss", step, time + step, value, 0) for step, value in enumerate(values)]
        base.executemany("insert into metrics values (?, ?, ?, ?, ?, ?)", rows)
        base.commit()


def stores(tmp_path: Path, values: list[float], **more: Any) -> tuple[Difference, ...]:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    store(tmp_path / "one/mlflow.db", "a" * 32, 100, [0.3, 0.2, 0.1])
    store(tmp_path / "other/mlflow.db", "b" * 32, 900, values, **more)
    return compared(tmp_path, {}, {}, *LOSS)


def test_a_store_of_runs_is_compared_without_times_and_names(tmp_path: Path) -> None:
    assert [item.same for item in stores(tmp_path, [0.3, 0.2, 0.1])] == [True]


def test_the_first_step_that_differs_is_named(tmp_path: Path) -> None:
    (found,) = stores(tmp_path, [0.3, 0.25, 0.15])
    assert found.what == "run 1, metric loss, step 1: 0.2 became 0.25"


def test_steps_within_tolerance_are_allowed(tmp_path: Path) -> None:
    (found,) = stores(tmp_path, [0.3, 0.20000001, 0.1])
    assert found.within


def test_a_parameter_that_differs_is_named(tmp_path: Path) -> None:
    (found,) = stores(tmp_path, [0.3, 0.2, 0.1], lr="0.2")
    assert found.what == "run 1, parameter lr: '0.1' became '0.2'"


def folder_store(run: str, time: int, loss: float) -> Files:
    base = f"mlruns/0/{run}"
    return {
        f"{base}/meta.yaml": f"run_id: {run}\nstart_time: {time}\n",
        f"{base}/metrics/loss": f"{time} 0.5 0\n{time + 1} {loss} 1\n",
        f"{base}/params/lr": "0.1",
        f"{base}/tags/mlflow.user": f"user{time}",
        f"{base}/artifacts/model.txt": "weights",
    }


def test_a_store_of_files_is_compared_by_meaning(tmp_path: Path) -> None:
    one, other = folder_store("a" * 32, 1, 0.25), folder_store("b" * 32, 2, 0.25)
    assert compared(tmp_path, one, other) == ()
    (found,) = compared(tmp_path / "two", one, folder_store("b" * 32, 2, 0.75))
    assert (found.path, found.what) == (
        "mlruns",
        "run 1, metric loss, step 1: 0.25 became 0.75",
    )


def test_names_with_a_time_are_paired_when_outputs_were_named(tmp_path: Path) -> None:
    one: Files = {"outputs/2026-01-01_10-00-00/a.txt": "1"}
    other: Files = {"outputs/2026-01-02_11-22-33/a.txt": "1"}
    assert len(compared(tmp_path, one, other)) == 2
    assert compared(tmp_path, one, other, named=True) == ()
    (found,) = compared(
        tmp_path / "two", one, {"outputs/2026-01-02_11-22-33/a.txt": "2"}, named=True
    )
    assert found.path == "outputs/*/a.txt"


def test_what_no_library_reads_differs_by_its_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "one", {"a.parquet": b"PAR1\0a"})
    second = written(tmp_path / "other", {"a.parquet": b"PAR1\0b"})
    blind = Comparison((), lambda *_: {"problem": "ImportError"})
    (found,) = blind.compare(first, second)
    assert (found.same, found.what) == (False, "other bytes (no library here reads them)")
