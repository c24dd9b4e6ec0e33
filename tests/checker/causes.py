"""Verifies every planted program and prints what was said of it: `python causes.py [FILE]`."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from conftest import committed_tree
from planted_causes import CAUSES, INNOCENT
from repro_audit.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARK = "# <- "
HEAD = """\
# Causes

Written by `nox -s causes -- docs/causes.md`. Each row is a small program with one planted cause
(`tests/checker/planted_causes.py`); what `repro-audit verify` said of it stands beside where the
cause was put. The first is the kind of fault that example code is full of: a regression whose
target is drawn before anything was seeded, so that every run fits another one.

"""


def planted(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield variation and place of each planted cause."""
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if MARK in line:
                yield line.partition(MARK)[2], f"{path}:{number}"


def verified(files: Mapping[str, str], *options: str) -> dict[str, Any]:
    """Return the record of one program."""
    with tempfile.TemporaryDirectory() as name:
        root = committed_tree(Path(name) / "project", {"README.md": "# A program\n", **files})
        record = Path(name) / "record.json"
        words = ["verify", str(root), "--yes", "--output", str(record), *options]
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            main([*words, "--", "python", "main.py"])
        found: dict[str, Any] = json.loads(record.read_text("utf-8"))
        return found


def rows() -> Iterator[str]:
    """Yield the lines of the table, as they are found."""
    yield "| program | planted | said |\n| --- | --- | --- |\n"
    for name, files in CAUSES.items():
        wanted = list(planted(files))
        record = verified(files, "--vary", wanted[0][0])
        said = [f"{item['path']}:{item['line']}: {item['message']}" for item in record["causes"]]
        told = "; ".join(dict.fromkeys(said)) or "nothing: this machine cannot vary it"
        put = ", ".join(f"{variation} {place}" for variation, place in wanted)
        yield f"| {name} | {put} | {told.replace('|', chr(92) + '|')} |\n"
    for name, files in INNOCENT.items():
        record = verified(files, "--no-causes")
        yield f"| {name} | nothing | {'equal' if record['equal'] else 'NOT EQUAL'} |\n"


if __name__ == "__main__":
    lines = [HEAD]
    for line in rows():
        lines.append(line)
        sys.stdout.write(line)
        sys.stdout.flush()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text("".join(lines), "utf-8")
