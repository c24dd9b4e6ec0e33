"""Judges one tree by all practices, and says what must not be: an exception, a lie, a long time."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING

from repro_audit import Status, catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

from .held import Held

# A tree of 60 kB a file; far below this on an idle machine, far above it when something explodes.
SECONDS = 3.0
NEEDS_EVIDENCE = (Status.PASS, Status.PARTIAL, Status.FAIL)


def faults(contents: Mapping[str, bytes], root: Path, *, again: bool = True) -> list[str]:
    """Return what is wrong with the verdicts on a tree; nothing when all is well."""
    found: list[str] = []
    repo = Held(contents, root)
    started = time.process_time()
    for rule in catalogue.rules():
        try:
            verdict = rule.check(repo)
        except Exception as problem:  # noqa: BLE001 - that is what is looked for
            frames = traceback.extract_tb(problem.__traceback__)
            own = [frame for frame in frames if "repro_audit" in frame.filename]
            place = f"{own[-1].filename.rpartition('repro_audit/')[2]}:{own[-1].lineno}"
            found.append(f"{type(problem).__name__} at {place}: {problem}"[:300])
            continue
        if verdict.status in NEEDS_EVIDENCE and not verdict.evidence:
            found.append(f"{rule.practice.id} says {verdict.status.value} without evidence")
        if any(item.line < 0 for item in verdict.evidence):
            found.append(f"{rule.practice.id} points at a negative line")
    taken = time.process_time() - started
    if taken > SECONDS and again:
        # A pause of the whole process is no property of the tree: what is slow is slow twice.
        return faults(contents, root, again=False)
    if taken > SECONDS:
        found.append(f"slow: {taken:.1f} s")
    return found
