"""Numbers and nested values: how far they lie apart, and whether that is allowed."""

from __future__ import annotations

import fnmatch
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_audit.verify.plan import Tolerance

MOST_NAMED, LONGEST_NAME = 3, 60
INDEX = re.compile(r"\[\d+\]")
Found = tuple[str, str, bool]


def allowed(name: str, one: float, other: float, tolerances: Sequence[Tolerance]) -> bool:
    """Say whether the tolerance declared for a name covers a difference; the first match counts."""
    short = name.rpartition(".")[2]
    for item in tolerances:
        if item.ignore:
            continue
        if fnmatch.fnmatchcase(name, item.pattern) or fnmatch.fnmatchcase(short, item.pattern):
            if not (math.isfinite(one) and math.isfinite(other)):
                return False
            bound = max(item.absolute, item.relative * max(abs(one), abs(other)))
            return abs(one - other) <= bound
    return False


def left_out(name: str, tolerances: Sequence[Tolerance]) -> bool:
    """Say whether a value does not count, by its whole name or the last part of it."""
    bare = INDEX.sub("", name)
    names = (bare, bare.rpartition(".")[2])
    return any(
        fnmatch.fnmatchcase(item, rule.pattern)
        for rule in tolerances
        if rule.ignore
        for item in names
    )


def is_number(value: object) -> bool:
    """Say whether a value is a number; a truth value is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(one: object, other: object) -> bool:
    """Compare two plain values; what is no number equals itself."""
    if (
        isinstance(one, float)
        and isinstance(other, float)
        and math.isnan(one)
        and math.isnan(other)
    ):
        return True
    return type(one) is type(other) and one == other


def differences(
    one: Any, other: Any, tolerances: Sequence[Tolerance], name: str = ""
) -> Iterator[Found]:
    """Yield name, what became of what, and whether it is allowed, of every differing value."""
    waiting = [(name, one, other)]
    while waiting:
        at, left, right = waiting.pop()
        if at and left_out(at, tolerances):
            continue
        if isinstance(left, dict) and isinstance(right, dict):
            inside = {key: f"{at}.{key}" if at else str(key) for key in {*left, *right}}
            for key in sorted(left.keys() ^ right.keys(), key=str):
                if not left_out(inside[key], tolerances):
                    yield inside[key], "is new" if key in right else "is missing", False
            both = sorted(left.keys() & right.keys(), key=str, reverse=True)
            waiting += [(inside[key], left[key], right[key]) for key in both]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                yield at or "the list", f"{len(left)} items became {len(right)}", False
            pairs = list(zip(left, right, strict=False))
            waiting += [(f"{at}[{i}]", *pairs[i]) for i in range(len(pairs) - 1, -1, -1)]
        elif not same(left, right):
            close = is_number(left) and is_number(right)
            fine = close and allowed(INDEX.sub("", at), left, right, tolerances)
            yield at or "the value", f"{shown(left)} became {shown(right)}", fine


def shown(value: object) -> str:
    """Write a value briefly."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004 - fits a line


def clipped(name: str) -> str:
    """Shorten a long name in its middle: its end says most."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[: half - 3]}...{name[-half:]}"


def summary(found: Sequence[Found]) -> tuple[str, bool]:
    """Say the first difference that is not allowed, else the first, and how many there are."""
    first = next((item for item in found if not item[2]), found[0])
    others = [clipped(item[0]) for item in found if item is not first]
    dots = ", ..." if len(others) > MOST_NAMED else ""
    listed = f" ({', '.join(others[:MOST_NAMED])}{dots})"
    more = f", and {len(others)} more{listed}" if others else ""
    note = " (within tolerance)" if first[2] else ""
    return f"{clipped(first[0])}: {first[1]}{note}{more}", all(item[2] for item in found)
