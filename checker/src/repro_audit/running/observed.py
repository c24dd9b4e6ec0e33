"""What the processes of a run noted about themselves: opened files, seeds, unseeded generators."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from repro_audit.running.snapshot import PASSED_OVER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_PROCESSES, MOST_LINES, MOST_SEEDS = 5_000, 1_000_000, 500


@dataclass
class Observed:
    """The notes of all Python processes of a run, put together."""

    processes: list[dict[str, Any]] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    before: dict[str, str] = field(default_factory=dict)
    seeds: list[dict[str, Any]] = field(default_factory=list)
    unseeded: list[dict[str, Any]] = field(default_factory=list)
    # By executable its version, and how much it did.
    pythons: dict[str, tuple[str, int]] = field(default_factory=dict)


def notes(folder: Path) -> Iterator[list[Any]]:
    """Yield every note, process by process; a line that was cut off is passed over."""
    left = MOST_LINES
    for path in sorted(folder.glob("*.jsonl"), key=by_time)[:MOST_PROCESSES]:
        with path.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                left -= 1
                if left < 0:
                    return
                try:
                    told = json.loads(line)
                except ValueError:
                    continue
                if isinstance(told, list) and told:
                    yield told


def by_time(path: Path) -> int:
    """Return when a process began its notes."""
    number = path.stem.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def read_notes(folder: Path) -> Observed:
    """Put together what was noted."""
    found, executable = Observed(), ""
    for told in notes(folder):
        add(found, told)
        match told:
            case ["process", *_, str(version), bool(), str(executable)] if executable:
                found.pythons.setdefault(executable, (version, 0))
            case ["read" | "write", str(path), *_] if not PASSED_OVER.isdisjoint(path.split("/")):
                continue
            case _ if executable:
                version, done = found.pythons[executable]
                found.pythons[executable] = version, done + 1
    return found


def add(found: Observed, told: list[Any]) -> None:
    """Add one note; what is none is passed over."""
    match told:
        case ["process", pid, parent, argv, version, hashed, executable]:
            found.processes.append(
                {
                    "pid": pid,
                    "parent": parent,
                    "python": version,
                    "argv": argv,
                    "hash_random": hashed,
                    "executable": executable,
                }
            )
        case ["read", str(path)]:
            found.read.add(source_of(path))
        case ["write", str(path), before]:
            found.written.add(path)
            if before is not None:
                found.before.setdefault(path, before)
        case ["seed", library, function, value, path, line, used]:
            if len(found.seeds) < MOST_SEEDS:
                found.seeds.append(
                    {
                        "library": library,
                        "function": function,
                        "value": value,
                        "path": path,
                        "line": line,
                        "used_before": used,
                    }
                )
        case ["unseeded", library, bool(used)]:
            found.unseeded.append({"library": library, "used": used})


def source_of(path: str) -> str:
    """Return the source of a compiled module, and any other path as it is."""
    if path.endswith(".pyc"):
        try:
            source = importlib.util.source_from_cache(path)
        except ValueError:
            return path
        return source if os.path.isfile(source) else path  # noqa: PTH113
    return path
