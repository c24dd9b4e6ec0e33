"""Prints what the audit of each hostile tree takes: `python -m hostile.table [NAME ...]`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from .audited import audit, build, faults
from .trees import TREES


def row(name: str) -> tuple[str, list[str]]:
    """Audit one tree; return its line of the table, and what is wrong."""
    tree = TREES[name]
    place = Path(tempfile.mkdtemp(prefix="hostile-"))
    try:
        root, scratch = build(tree, place)
        outcome = audit(root, scratch)
        wrong = faults(tree, place, outcome)
        line = f"| {name} | {tree.says} | {outcome.seconds:.2f} | {outcome.megabytes} |"
    except pytest.skip.Exception as reason:
        return f"| {name} | {tree.says} | not built here: {reason} | |", []
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return line, wrong


def main(names: list[str]) -> int:
    """Print the table as Markdown, and faults on the error stream."""
    print("| tree | what is hostile in it | seconds of processor time | peak memory, MB |")
    print("| --- | --- | ---: | ---: |")
    bad = 0
    for name in names or TREES:
        line, wrong = row(name)
        print(line, flush=True)
        for fault in wrong:
            bad += 1
            print(f"  {name}: {fault}", file=sys.stderr, flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
