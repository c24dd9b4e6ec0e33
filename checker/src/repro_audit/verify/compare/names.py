"""Pairs files whose names hold a time or an identity that is another in each run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHANGING = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T_ -]\d\d[-:.]?\d\d(?:[-:.]?\d\d)?)?|(?<!\d)\d\d-\d\d-\d\d(?!\d)"
    r"|(?<!\d)20\d{6}(?:[-_T]?\d{4,6})?(?!\d)|(?<!\d)1\d{9}(?:\.\d+)?(?!\d)"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<![0-9a-f])(?:m-)?[0-9a-f]{32}(?![0-9a-f])"
)


def general(path: str) -> str:
    """Return a path without what changes in it."""
    return CHANGING.sub("*", path)


def renamed(files: Iterable[str]) -> dict[str, str]:
    """Return general name and real path; several of one general name are numbered in order."""
    found: dict[str, str] = {}
    for path in sorted(files):
        name = base = general(path)
        number = 1
        while name in found:
            number += 1
            name = f"{base} ({number})"
        found[name] = path
    return found


def paired(one: Mapping[str, str], other: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return name, first path and second path; a path is empty where there is none."""
    left, right = renamed(one), renamed(other)
    return [(name, left.get(name, ""), right.get(name, "")) for name in sorted({*left, *right})]
