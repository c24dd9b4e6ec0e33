"""The figures of docs/time-saved.md that can be counted are those that stand there."""

import ast
import re
import subprocess
import sys

from .conftest import ROOT, Generate

FOLDER = ROOT / "docs" / "time-saved"
PAGE = (ROOT / "docs" / "time-saved.md").read_text("utf-8")


def lines_of_code(text: str) -> int:
    """Lines below the docstring that are neither empty nor a comment."""
    end = ast.parse(text).body[0].end_lineno
    return sum(not re.match(r"\s*(#|$)", line) for line in text.splitlines()[end:])


def row(title: str) -> list[str]:
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {title} ")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_lines_to_write_are_counted(render: Generate) -> None:
    bare = (FOLDER / "bare.py").read_text("utf-8")
    experiment = render() / "conf" / "experiment" / "deep.yaml"
    another = len(experiment.read_text("utf-8").splitlines())
    counted = [str(lines_of_code(bare)), f"0; another experiment is a file of {another} lines"]
    assert row("lines of code to write")[1:] == counted


def test_the_cost_is_what_the_script_prints() -> None:
    printed = subprocess.run(
        [sys.executable, FOLDER / "cost.py"], capture_output=True, check=True, encoding="utf-8"
    ).stdout
    assert printed in PAGE
