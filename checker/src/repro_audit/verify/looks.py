"""How outputs are compared: with which tolerances, and by whose libraries."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from repro_audit.verify import process, tree
from repro_audit.verify.compare.files import Comparison
from repro_audit.verify.plan import CPU_CAPABILITY, PROCESSOR
from repro_audit.verify.sandbox import Fence, wrapped

if TYPE_CHECKING:
    from pathlib import Path

    from repro_audit.verify.lab import Lab

MOST_ANSWER = 50_000_000


def comparison(lab: Lab, name: str = "") -> Comparison:
    """Return how outputs are compared; an imitated processor has a tolerance of its own."""
    given = lab.plan.tolerances
    if name == CPU_CAPABILITY:
        given = (*given, PROCESSOR)
    return Comparison(given, partial(look, lab), named=bool(lab.plan.expect))


def look(lab: Lab, kind: str, one: Path, other: Path, rules: list[Any]) -> dict[str, Any]:
    """Let the project's Python look into two outputs, isolated as a run is."""
    if lab.interpreter is None:
        return {}
    base = replace(lab.base(), network=False)
    folder = lab.work / "look"
    for path in (folder, base.home, base.tmp):
        path.mkdir(exist_ok=True)
    script = lab.work / "agent" / "look.py"
    words = (lab.interpreter.executable, str(script), kind, str(one), str(other))
    fence = Fence(
        lab.source.root, lab.around.needed(), (lab.work / "agent", one, other),
        (base.home, base.tmp), lab.work / "system",
    )  # fmt: skip
    argv = wrapped(base, lab.tools, fence, (*words, json.dumps(rules)), base.tmp)
    start = process.Start(argv, base.environment, base.tmp, folder / "out", folder / "err")
    ended = process.run(start, lab.plan.limits)
    for path in (base.home, base.tmp):
        tree.remove(path)
    try:
        with (folder / "out").open("rb") as stream:
            lines = stream.read(MOST_ANSWER).decode("utf-8", "replace").strip().splitlines()
        found = json.loads(lines[-1]) if lines and not ended.failed else {}
    except (OSError, ValueError):
        found = {}
    return found if isinstance(found, dict) else {}
