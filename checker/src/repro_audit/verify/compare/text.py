"""Text and unknown bytes: the first line or byte that differs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repro_audit.verify.compare.difference import Difference
from repro_audit.verify.compare.numbers import allowed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from repro_audit.verify.plan import Tolerance

MOST = 20_000_000
SHOWN = 60
SAMPLE = 8000
NUMBER = re.compile(rb"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")


def shortened(text: str) -> str:
    """Return a text that fits a line of a report."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def first_byte(one: bytes, other: bytes) -> int:
    """Return the offset of the first differing byte."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def around(line: str, place: int) -> str:
    """Return the part of a long line around a place."""
    start = max(0, place - SHOWN // 3)
    return shortened(("..." if start else "") + line[start:])


def numbers_close(one: bytes, other: bytes, tolerances: Sequence[Tolerance]) -> bool:
    """Say whether two texts differ in numbers alone, and those lie as close as they may."""
    if not tolerances or NUMBER.sub(b"#", one) != NUMBER.sub(b"#", other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(
        left == right or allowed("text", float(left), float(right), tolerances)
        for left, right in pairs
    )


def compare_text(one: Path, other: Path, path: str, tolerances: Sequence[Tolerance]) -> Difference:
    """Name the first line that differs, or the first byte where there is no text."""
    with one.open("rb") as left, other.open("rb") as right:
        first, second = left.read(MOST), right.read(MOST)
    at = first_byte(first, second)
    if b"\0" in first[:SAMPLE] or b"\0" in second[:SAMPLE]:
        return Difference(path, f"other bytes from offset {at}")
    line = first.count(b"\n", 0, at) + 1
    start = first.rfind(b"\n", 0, at) + 1
    texts = [
        part[start : end if (end := part.find(b"\n", start)) >= 0 else len(part)].decode(
            "utf-8", "replace"
        )
        for part in (first, second)
    ]
    shown = [around(text, at - start) for text in texts]
    within = numbers_close(first, second, tolerances)
    return Difference(path, f"line {line}: {shown[0]!r} became {shown[1]!r}", within)
