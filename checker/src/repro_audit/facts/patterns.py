"""Qualified names against tables of names, some of them with a star."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MOST_TABLES = 1_000
# Answers by table of names: hashing a long table for each question would cost more than the answer.
TABLES: dict[int, tuple[Collection[str], dict[str, bool]]] = {}
ItemT = TypeVar("ItemT")


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a dotted name equals or matches one of `patterns`."""
    known = TABLES.get(id(patterns))
    if known is None or known[0] is not patterns:
        if not isinstance(patterns, (tuple, frozenset)):
            return matched(name, tuple(patterns))
        if len(TABLES) >= MOST_TABLES:
            TABLES.clear()
        # The table is kept beside its answers, so that its id stays its own.
        known = TABLES[id(patterns)] = (patterns, {})
    answers = known[1]
    answer = answers.get(name)
    if answer is None:
        answer = answers[name] = matched(name, tuple(known[0]))
    return answer


@lru_cache(maxsize=200_000)
def matched(name: str, patterns: tuple[str, ...]) -> bool:
    """Answer each question once: the same few names are asked of the same tables all the time."""
    exact, starred = compiled(patterns)
    return name in exact or (starred is not None and starred.match(name) is not None)


@lru_cache(maxsize=2_000)
def compiled(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """Split patterns into plain names and one expression for those with a star."""
    starred = [translate(pattern) for pattern in patterns if "*" in pattern]
    plain = frozenset(pattern for pattern in patterns if "*" not in pattern)
    return plain, re.compile("|".join(starred)) if starred else None


def chosen(named: dict[str, ItemT], patterns: tuple[str, ...]) -> list[ItemT]:
    """Return what is kept under the names that match one of `patterns`."""
    exact, starred = compiled(patterns)
    found = [named[name] for name in exact if name in named]
    if starred is not None:
        found += [item for name, item in named.items() if name not in exact and starred.match(name)]
    return found
