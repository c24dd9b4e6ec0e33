"""A practice whose evidence may lie in what was not read is unknown: for each reason of a skip."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from repro_audit import Report, Status, listing, run_audit
from repro_audit.facts import callgraph, code

Plant = Callable[[Mapping[str, str]], Path]
CODE = "import torch\n\nmodel = torch.nn.Linear(2, 1)\n"
MIT = (
    "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n"
)
SEEDED = f"import torch\n\ntorch.manual_seed(1)\n{CODE}"


def status(report: Report, identifier: str) -> Status:
    found = next(item for item in report.results if item.practice.id == identifier)
    return found.verdict.status


def too_large(root: Path) -> None:
    (root / "train.py").write_text(SEEDED + "# more\n" * 400_000)


def too_deep(root: Path) -> None:
    (root / "train.py").write_text(SEEDED + "x = " + "(" * 5_000 + ")" * 5_000 + "\n")


def too_much(root: Path) -> None:
    (root / "train.py").write_text(SEEDED + "x = [" + "a," * 250_000 + "]\n")


def unparsable(root: Path) -> None:
    (root / "train.py").write_text(SEEDED + "def (\n")


def a_link(root: Path) -> None:
    outside = root.parent / "outside.py"
    outside.write_text(SEEDED)
    (root / "train.py").symlink_to(outside)


def a_pipe(root: Path) -> None:
    os.mkfifo(root / "train.py")


MAKERS = (too_large, too_deep, too_much, unparsable, a_link, a_pipe)
ASKED = ("seed-all-libraries", "env-deps-declared", "auto-one-command")


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights there")
@pytest.mark.parametrize("make", MAKERS)
def test_code_that_was_not_read_leaves_doubt(make: Callable[[Path], None], plant: Plant) -> None:
    root = plant({"other.py": CODE, "README.md": "# A\n"})
    before = run_audit(root)
    assert status(before, "env-deps-declared") is Status.FAIL
    make(root)
    after = run_audit(root)
    assert [item.path for item in after.skipped] == ["train.py"]
    for identifier in ASKED:
        assert status(after, identifier) in (Status.UNKNOWN, status(before, identifier))
    assert status(after, "env-deps-declared") is Status.UNKNOWN
    assert after.score.low <= before.score.low


def test_a_document_that_was_not_read_leaves_doubt(plant: Plant) -> None:
    root = plant({"train.py": CODE})
    assert status(run_audit(root), "env-deps-declared") is Status.FAIL
    (root / "requirements.txt").write_bytes(b"torch==2.1.0\n" + b"# more\n" * 400_000)
    assert status(run_audit(root), "env-deps-declared") is Status.UNKNOWN
    (root / "requirements.txt").write_text("torch==2.1.0\n")
    assert status(run_audit(root), "env-deps-declared") is Status.PASS


def test_the_limit_on_all_code_together_leaves_doubt(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = "f(1)\n" * 200
    root = plant({"a.py": CODE, "b.py": SEEDED + calls, "c.py": "import numpy\n"})
    assert run_audit(root).skipped == ()
    monkeypatch.setattr(code, "MOST_CODE", code.amount(CODE) + code.amount(calls))
    report = run_audit(root)
    assert [(item.path, item.why) for item in report.skipped] == [("b.py", code.IN_ALL)]
    assert status(report, "env-deps-declared") is Status.UNKNOWN


def test_the_limit_on_files_leaves_doubt_everywhere(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant({"train.py": CODE, **{f"d/f{n}.txt": "" for n in range(50)}})
    monkeypatch.setattr(listing, "MOST_FILES", 20)
    report = run_audit(root)
    decided = (Status.PASS, Status.PARTIAL, Status.FAIL)
    assert [item.path for item in report.skipped] == ["."]
    assert [item.practice.id for item in report.results if item.verdict.status in decided] == []


def test_calls_that_were_not_followed_leave_doubt_about_what_runs_alone(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"train.py": SEEDED + "model(torch.rand(1, 2)).sum().backward()\n", "LICENSE": MIT}
    root = plant({**files, "requirements.txt": "torch==2.1.0\n"})
    followed = run_audit(root)
    asked = ("seed-all-libraries", "train-code-included", "doc-licence", "env-pinned")
    assert [status(followed, name) for name in asked] == [Status.PASS] * 4
    monkeypatch.setattr(callgraph, "MOST_ACTS", 2)
    report = run_audit(root)
    assert [item.path for item in report.skipped] == ["the calls"]
    assert [status(report, name) for name in asked] == [Status.UNKNOWN] * 2 + [Status.PASS] * 2


def notebook(*sources: str) -> str:
    cells = [
        {"cell_type": "code", "execution_count": number, "outputs": [], "source": [text]}
        for number, text in enumerate(sources, 1)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


FITS = "import torch\nm = torch.nn.Linear(2, 1)\nm(torch.rand(1, 2)).sum().backward()"


def test_a_call_in_a_cell_that_python_refuses_leaves_doubt(plant: Plant) -> None:
    root = plant({"a.ipynb": notebook(FITS)})
    assert status(run_audit(root), "seed-all-libraries") is Status.FAIL
    (root / "a.ipynb").write_text(notebook("import torch\ntorch.manual_seed(1", FITS))
    report = run_audit(root)
    assert [item.path for item in report.skipped] == ["a.ipynb"]
    assert status(report, "seed-all-libraries") is Status.UNKNOWN
    assert status(report, "doc-licence") is Status.FAIL


@pytest.mark.parametrize(
    "cell",
    [
        "loss: 0.4701 left time: 535",
        ">>>>>>>testing : long_term_forecast<<<<<<<",
        "with torch.cuda.amp.autocast():\n\n...\n",
    ],
)
def test_what_calls_nothing_in_such_a_cell_leaves_none(cell: str, plant: Plant) -> None:
    root = plant({"a.ipynb": notebook(cell, FITS)})
    report = run_audit(root)
    assert [item.path for item in report.skipped] == ["a.ipynb"]
    assert status(report, "seed-all-libraries") is Status.FAIL


@pytest.mark.parametrize(
    "cell",
    [
        "%%writefile person.proto\nmessage Person {\n    string name = 1;\n}",
        "%%bash --bg\nserver \\\n    --port=8500 > my_server.log 2>&1",
        "!kaggle competitions submit -c titanic -f \\\n'a b.csv' -m 'it (is) this'",
        " a, b = max(\n     1, 2), 3",
        "pip install -r requirements.txt",
        "%%backend torch\nx = 1\nif x:\n    print(x)",
        "print 'python', 2",
    ],
)
def test_what_ipython_understands_is_read_in_full(cell: str, plant: Plant) -> None:
    report = run_audit(plant({"a.ipynb": notebook(cell, FITS)}))
    assert report.skipped == ()
    assert status(report, "seed-all-libraries") is Status.FAIL


def test_a_notebook_that_cannot_be_read_leaves_doubt_and_an_empty_one_none(plant: Plant) -> None:
    root = plant({"train.py": CODE, "a.ipynb": "large file not stored"})
    assert status(run_audit(root), "env-deps-declared") is Status.UNKNOWN
    (root / "a.ipynb").write_text("")
    assert status(run_audit(root), "env-deps-declared") is Status.FAIL


def test_an_unread_notebook_beside_a_script_that_trains_leaves_doubt_about_notebooks_alone(
    plant: Plant,
) -> None:
    fits = f"{CODE}\nmodel(torch.rand(1, 2)).sum().backward()\n"
    root = plant({"train.py": fits, "demo.ipynb": "large file not stored"})
    asked = ("env-deps-declared", "seed-all-libraries", "nb-order", "env-portable-paths")
    found = [status(run_audit(root), name) for name in asked]
    assert found == [Status.FAIL, Status.FAIL, Status.UNKNOWN, Status.UNKNOWN]


def test_data_and_tests_that_were_not_read_leave_none(plant: Plant) -> None:
    root = plant({"train.py": CODE})
    before = {item.practice.id: item.verdict.status for item in run_audit(root).results}
    (root / "tests").mkdir()
    (root / "tests" / "test_a.py").write_text("def (\n")
    (root / "vocabulary.json").write_text("[" + "1," * 1_500_000 + "1]")
    (root / "image.png").write_bytes(b"\x00" * 10)
    after = run_audit(root)
    unknown = {
        item.practice.id
        for item in after.results
        if item.verdict.summary.startswith("What may decide it was not read")
    }
    assert unknown == set()
    assert before["env-deps-declared"] is Status.FAIL


def test_a_table_of_results_that_was_not_read_leaves_doubt(plant: Plant) -> None:
    """It may hold the raw values behind a result, and those of several seeds."""
    readme = "# A\n\n## Results\n\n| Model | Accuracy |\n| --- | --- |\n| A | 91.2 |\n"
    train = f"{CODE}\nmodel(torch.rand(1, 2)).sum().backward()\n"
    root = plant({"train.py": train, "README.md": readme})
    asked = ("eval-raw-outputs-kept", "stat-repeated-runs")
    before = run_audit(root)
    assert [status(before, name) for name in asked] == [Status.FAIL, Status.FAIL]
    (root / "results.csv").write_text("seed,accuracy\n" + "1,90.1\n" * 300_000)
    unread = run_audit(root)
    assert [status(unread, name) for name in asked] == [Status.UNKNOWN, Status.UNKNOWN]
    (root / "results.csv").write_text("seed,accuracy\n1,90.1\n2,91.0\n3,91.2\n")
    assert [status(run_audit(root), name) for name in asked] == [Status.PASS, Status.PASS]


def test_an_empty_file_is_no_data(plant: Plant) -> None:
    load = "import pandas\n\nframe = pandas.read_csv('data/rows.csv')\n"
    root = plant({"train.py": load, "README.md": "# A\n", "data/rows.csv": ""})
    asked = ("data-retrieval-scripted", "data-under-version-control")
    empty = run_audit(root)
    assert Status.PASS not in [status(empty, name) for name in asked]
    (root / "data" / "rows.csv").write_text("a,b\n1,2\n")
    held = run_audit(root)
    assert [status(held, name) for name in asked] == [Status.PASS, Status.PASS]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_a_file_of_the_tree_hides_nothing(plant: Plant) -> None:
    root = plant({"src/train.py": CODE, "docs/index.md": "# A\n"})
    (root / "README.md").symlink_to("docs/index.md")
    (root / "train.py").symlink_to("src/train.py")
    assert status(run_audit(root), "env-deps-declared") is Status.FAIL
