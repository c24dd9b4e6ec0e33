"""Builds one hostile tree, audits it in a process of its own, and checks what must be true."""

from __future__ import annotations  # noqa: I001

import json
import os
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TYPE_CHECKING

import jsonschema


if TYPE_CHECKING:
    from .registry import Tree

SECONDS = 5.0
MEGABYTES = 500
# A tree that hangs is stopped; a busy machine may take several times the processor's seconds.
PROCESSOR, CLOCK = 30, 120
# What the sum below takes on the machine of the published table when nothing else runs there.
ALONE = 0.09
MEASURED = Path(__file__).with_name("measured.py")
SCHEMA = json.loads((files("repro_audit") / "schemas" / "report-v1.schema.json").read_text("utf-8"))


@dataclass(frozen=True)
class Outcome:
    """What one audit took, and its report; the seconds are those of an idle machine."""

    status: int
    seconds: float
    megabytes: int
    report: dict[str, Any]
    said: str


def slowness() -> float:
    """Say how much slower than alone this machine is just now."""
    started = time.process_time()
    sum(number * number for number in range(2_000_000))
    return max(1.0, (time.process_time() - started) / ALONE)


def contents(root: Path) -> list[tuple[str, int, int, int, int]]:
    """List what stands below `root` without opening any of it."""
    found = []
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = os.path.join(folder, name)  # noqa: PTH118 - names that are no text
            with suppress(OSError):  # a path may be longer than the system takes
                seen = os.lstat(path)
                kind = stat.S_IFMT(seen.st_mode)
                found.append((path, kind, seen.st_size, seen.st_mtime_ns, seen.st_ino))
    return sorted(found)


def audit(root: Path, scratch: Path, *more: str) -> Outcome:
    """Audit `root` from a folder beside it, under limits."""
    output, screen = scratch / "report.json", scratch / "screen.txt"
    command = [
        sys.executable, str(MEASURED), str(PROCESSOR), str(CLOCK), str(screen),
        sys.executable, "-m", "repro_audit", "check", str(root), "--format", "json",
        "--output", str(output), "--untrusted", "--no-cache", *more,
    ]  # fmt: skip
    before = slowness()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=scratch)
    slower = max(before, slowness())  # another program may have come or gone meanwhile
    used = json.loads(done.stdout)
    said = screen.read_text("utf-8", "replace")[-2_000:]
    report = json.loads(output.read_text("utf-8")) if output.is_file() else {}
    return Outcome(used["status"], used["seconds"] / slower, used["megabytes"], report, said)


def build(tree: Tree, place: Path) -> tuple[Path, Path]:
    """Build a tree in `place`; return its root and a folder to work in."""
    root, scratch = place / "tree", place / "scratch"
    root.mkdir()
    scratch.mkdir()
    tree.build(root)
    return root, scratch


def faults(tree: Tree, place: Path, outcome: Outcome) -> list[str]:
    """Say what is not as it must be; nothing when all is well."""
    found: list[str] = []
    if outcome.status != 0 or not outcome.report:
        return [f"ended with {outcome.status}: {outcome.said}"]
    jsonschema.validate(outcome.report, SCHEMA)
    found += [
        f"{item['id']}: {item['summary']}"
        for item in outcome.report["practices"]
        if item["status"] == "error"
    ]
    skipped = {item["path"] for item in outcome.report["skipped"]}
    found += [f"{path} is not listed as skipped" for path in tree.listed if path not in skipped]
    if "hunter2" in json.dumps(outcome.report):
        found.append("the report holds something from outside the tree")
    if (place / "ran").exists():
        found.append("something of the tree was run")
    if outcome.seconds > SECONDS:
        found.append(f"took {outcome.seconds:.2f} s of processor time")
    if outcome.megabytes > MEGABYTES:
        found.append(f"took {outcome.megabytes} MB")
    return found
