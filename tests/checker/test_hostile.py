"""Repositories that mean harm: the audit ends, soon, and reads nothing outside the tree."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from repro_audit import Report, Repository, Status, run_audit
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.requirementfiles import requirement_files
from repro_audit.render import STYLES, render

Plant = Callable[[Mapping[str, str]], Path]
SECONDS = 8.0


def audited(root: Path) -> Report:
    start = time.perf_counter()
    report = run_audit(root, trusted=False)
    assert time.perf_counter() - start < SECONDS
    assert [item for item in report.results if item.verdict.status is Status.ERROR] == []
    for style in STYLES:
        render(report, style)
    return report


def skipped(report: Report) -> dict[str, str]:
    return {item.path: item.why for item in report.skipped}


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_not_followed(plant: Plant, tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("TOKEN = '/home/alice/secret'\n")
    root = plant({"a.py": "print(1)\n"})
    (root / "link.py").symlink_to(secret)
    (root / "loop").symlink_to(root)
    report = audited(root)
    assert "link" in skipped(report)["link.py"]
    assert "alice" not in render(report, "json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_a_pipe_does_not_hang_the_audit(plant: Plant) -> None:
    root = plant({"a.py": "print(1)\n"})
    os.mkfifo(root / "pipe.py")
    audited(root)


def test_a_file_beyond_the_bound_is_listed_and_not_read(plant: Plant) -> None:
    report = audited(plant({"a.py": "print(1)\n", "big.py": "x = 1\n" * 400_000}))
    assert skipped(report) == {"big.py": "larger than 2 MB"}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + ")" * 5_000,
        "x = " + "+".join(["1"] * 60_000),
        "a" + ".b" * 20_000,
        "def (",
        'x = f"' + "{a!r:>{b}}" * 20_000 + '"',
        '# f"""\nx = rf"""a \\""" ' + "{a}\n" * 20_000 + '"""',
        "seed = 0x" + "F" * 6_000,
        "\x00",
    ],
)
def test_code_that_python_refuses_is_listed(text: str, plant: Plant) -> None:
    report = audited(plant({"deep.py": text + "\n", "a.py": "print(1)\n"}))
    # Python 3.10 reads a chain of twenty thousand attributes without harm.
    assert "deep.py" in skipped(report) or (sys.version_info < (3, 11) and text[:2] == "a.")


@pytest.mark.parametrize(
    "text", ['{"cells": 5}', "[]", "{", '{"cells": [5, {"cell_type": "code", "source": 3}]}']
)
def test_broken_notebooks_are_survived(text: str, plant: Plant) -> None:
    audited(plant({"a.ipynb": text}))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", "project = 3\n"),
        ("pyproject.toml", "[project]\ndependencies = {a = 1}\n"),
        ("environment.yml", "dependencies: 5\n"),
        ("environment.yml", "- [}\n"),
        ("uv.lock", "package = 3\n"),
        ("poetry.lock", "[[package]]\nname = 3\n"),
        ("Pipfile.lock", "[]"),
        ("conda-lock.yml", "5\n"),
        ("CITATION.cff", "[]\n"),
        (".github/workflows/a.yml", "on: [push\n"),
        ("conf/a.yaml", "!!python/object/apply:os.system ['touch /tmp/x']\n"),
        (
            "conf/b.yaml",
            "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: [*d, *d, *d]\n",
        ),
        ("Dockerfile", "FROM\nRUN <<EOF\necho\n"),
        ("README.md", "```sh\nunclosed 'quote\n"),
    ],
)
def test_broken_files_are_survived(path: str, text: str, plant: Plant) -> None:
    audited(plant({"a.py": "import numpy\n", path: text}))


def test_a_yaml_bomb_is_bounded(plant: Plant) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    audited(plant({"conf/bomb.yaml": "\n".join(lines)}))


def test_long_lines_do_not_cost_quadratic_time(plant: Plant) -> None:
    audited(plant({"README.md": "# A\n\n" + "python " * 50_000 + "\n" + "[" * 50_000 + "\n"}))


def test_many_empty_files_are_listed_in_time(plant: Plant) -> None:
    audited(plant({f"folder{n % 20}/file{n}.txt": "" for n in range(3_000)}))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_strange_names_reach_every_output(plant: Plant) -> None:
    root = plant(
        {"a\nb.py": "import numpy\n", "[red]x.py": "import numpy\n", "<b>.py": "import numpy\n"}
    )
    (Path(os.fsdecode(os.fsencode(root) + b"/\xff.py"))).write_text("import numpy\n")
    report = audited(root)
    json.loads(render(report, "json")).keys()
    render(report, "html").encode("utf-8")


def test_utf_16_requirements_are_read(plant: Plant) -> None:
    root = plant({"a.py": "import numpy\n"})
    (root / "requirements.txt").write_bytes("numpy==1.26.4\n".encode("utf-16"))
    found = requirement_files(Repository(root))["requirements.txt"]
    assert [(item.name, item.exact) for item in found.declared] == [("numpy", True)]


def test_the_hooks_and_settings_of_git_are_not_obeyed(plant: Plant, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    root = plant(
        {
            "a.py": "print(1)\n",
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/config": f'[core]\n\tfsmonitor = touch {mark}\n[filter "x"]\n\tclean = touch {mark}\n',  # noqa: E501 - the text of a file
            ".gitattributes": "* filter=x\n",
        }
    )
    audited(root)
    assert not mark.exists()


def test_nothing_of_the_repository_is_imported(plant: Plant) -> None:
    root = plant(
        {
            "evil.py": "raise SystemExit('imported')\n",
            "setup.py": "raise SystemExit('ran')\n",
            "conftest.py": "raise SystemExit\n",
            "sitecustomize.py": "raise SystemExit\n",
        }
    )
    before = set(sys.modules)
    audited(root)
    assert not {"evil", "setup", "sitecustomize"} & (set(sys.modules) - before)
    assert set(Repository(root).fact(PythonIndex).modules) >= {"evil.py", "setup.py"}
