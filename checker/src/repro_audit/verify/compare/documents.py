"""JSON, tables in text, and notebooks: compared value by value."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from repro_audit.verify.compare.difference import Difference
from repro_audit.verify.compare.numbers import Found, allowed, differences, left_out, summary
from repro_audit.verify.compare.text import compare_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from repro_audit.verify.plan import Tolerance

LARGEST = 100_000_000
REORDERED = "the same values, written otherwise (order of keys, spaces or digits)"


def told(path: str, found: Sequence[Found], tolerances: Sequence[Tolerance]) -> Difference:
    """Turn what differs into one difference; nothing that differs is another way of writing."""
    if not found and any(item.ignore for item in tolerances):
        return Difference(path, "only what does not count differs", same=True)
    if not found:
        return Difference(path, REORDERED, within=True)
    what, within = summary(found)
    return Difference(path, what, within)


def too_large(one: Path, other: Path) -> bool:
    """Say whether files are not read as a whole."""
    return max(one.stat().st_size, other.stat().st_size) > LARGEST


def compare_json(one: Path, other: Path, path: str, tolerances: Sequence[Tolerance]) -> Difference:
    """Compare two JSON documents."""
    if too_large(one, other):
        return compare_text(one, other, path, tolerances)
    first, second = (json.loads(item.read_text("utf-8")) for item in (one, other))
    return told(path, list(differences(first, second, tolerances)), tolerances)


def compare_json_lines(
    one: Path, other: Path, path: str, tolerances: Sequence[Tolerance]
) -> Difference:
    """Compare two files of JSON documents, line by line."""
    if too_large(one, other):
        return compare_text(one, other, path, tolerances)
    both = [
        [json.loads(line) for line in item.read_text("utf-8").splitlines() if line.strip()]
        for item in (one, other)
    ]
    return told(path, list(differences(both[0], both[1], tolerances, "line")), tolerances)


def compare_csv(one: Path, other: Path, path: str, tolerances: Sequence[Tolerance]) -> Difference:
    """Compare two tables, cell by cell."""
    if too_large(one, other):
        return compare_text(one, other, path, tolerances)
    mark = "\t" if path.endswith((".tsv", ".tab")) else ","
    with (
        one.open(encoding="utf-8", newline="") as left,
        other.open(encoding="utf-8", newline="") as right,
    ):
        first, second = (list(csv.reader(item, delimiter=mark)) for item in (left, right))
    head = first[0] if first else []
    found: list[Found] = []
    if len(first) != len(second):
        found.append(("the table", f"{len(first)} rows became {len(second)}", False))
    for number, (before, after) in enumerate(zip(first, second, strict=False), 1):
        if len(before) != len(after):
            found.append((f"row {number}", f"{len(before)} cells became {len(after)}", False))
        for column, (cell, new) in enumerate(zip(before, after, strict=False)):
            name = head[column] if column < len(head) else str(column + 1)
            if cell != new and not left_out(name, tolerances):
                fine = cells_close(name, cell, new, tolerances)
                found.append((f"{name}, row {number}", f"{cell!r} became {new!r}", fine))
    return told(path, found, tolerances)


def cells_close(name: str, one: str, other: str, tolerances: Sequence[Tolerance]) -> bool:
    """Say whether two cells are numbers that lie as close as they may."""
    try:
        return allowed(name, float(one), float(other), tolerances)
    except ValueError:
        return False


def outputs(document: Any) -> list[Any]:
    """Return what a notebook's cells put out, without counters and identities."""
    found = []
    for cell in document.get("cells", []):
        kept = []
        for item in cell.get("outputs", []):
            fields = ("output_type", "name", "text", "data", "ename", "evalue")
            kept.append({key: item[key] for key in fields if key in item})
        found.append({"source": cell.get("source"), "outputs": kept})
    return found


def compare_notebook(
    one: Path, other: Path, path: str, tolerances: Sequence[Tolerance]
) -> Difference:
    """Compare the cells of two notebooks and what they put out."""
    first, second = (json.loads(item.read_text("utf-8")) for item in (one, other))
    found = list(differences(outputs(first), outputs(second), tolerances, "cell"))
    if not found:
        return Difference(path, "counters and identities only", same=True)
    return told(path, found, tolerances)
