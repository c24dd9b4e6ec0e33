"""Qualified names against tables of names, some of them with a star."""

from __future__ import annotations

from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from repro_audit import lazyre as re

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MOST_TABLES = 1_000
MOST_ANSWERS = 4_000
# Answers by table of names: hashing a long table for each question would cost more than the answer.
TABLES: dict[int, tuple[Collection[str], Patterns, dict[str, bool]]] = {}
ItemT = TypeVar("ItemT")


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Say whether a dotted name equals or matches one of `patterns`."""
    known = TABLES.get(id(patterns))
    if known is None or known[0] is not patterns:
        if not isinstance(patterns, (tuple, frozenset)):
            return compiled(tuple(patterns)).match(name)
        if len(TABLES) >= MOST_TABLES:
            TABLES.clear()
        # The table is kept beside its answers, so that its id stays its own.
        known = TABLES[id(patterns)] = (patterns, compiled(tuple(patterns)), {})
    _, table, answers = known
    answer = answers.get(name)
    if answer is None:
        if len(answers) >= MOST_ANSWERS:
            answers.clear()
        answer = answers[name] = table.match(name)
    return answer


class Patterns(NamedTuple):
    """Names by where their star stands; expressions only for those that have several.

    Most stars stand at one end, and hundreds of expressions take longer to compile than all else.
    """

    exact: frozenset[str]
    ends: tuple[str, ...]
    starts: tuple[str, ...]
    opens: tuple[str, ...]
    around: tuple[tuple[str, str], ...]
    rest: re.Pattern[str] | None

    def match(self, name: str) -> bool:
        """Say whether a name is one of these, or matches one."""
        return name in self.exact or self.starred(name)

    def starred(self, name: str) -> bool:
        """Say whether a name matches a pattern with a star."""
        if name.endswith(self.ends) or name.startswith(self.starts):
            return True
        for start, end in self.around if name.startswith(self.opens) else ():
            long = len(name) >= len(start) + len(end)
            if long and name.startswith(start) and name.endswith(end):
                return True
        return self.rest is not None and self.rest.match(name) is not None


@lru_cache(maxsize=2_000)
def compiled(patterns: tuple[str, ...]) -> Patterns:
    """Sort patterns by their stars."""
    exact: list[str] = []
    around: list[tuple[str, str]] = []
    rest: list[str] = []
    for pattern in patterns:
        start, star, end = pattern.partition("*")
        if "*" in end or "?" in pattern or "[" in pattern:
            rest.append(translate(pattern))
        elif star:
            around.append((start, end))
        else:
            exact.append(pattern)
    return Patterns(
        frozenset(exact),
        tuple(end for start, end in around if not start),
        tuple(start for start, end in around if not end and start),
        tuple(start for start, end in around if start and end),
        tuple((start, end) for start, end in around if start and end),
        re.compile("|".join(rest)) if rest else None,
    )


def chosen(named: dict[str, ItemT], patterns: tuple[str, ...]) -> list[ItemT]:
    """Return what is kept under the names that match one of `patterns`."""
    table = compiled(patterns)
    found = [named[name] for name in table.exact if name in named]
    if any(table[1:]):
        heads, ends = (*table.starts, *table.opens), table.ends
        every = table.rest is not None
        found += [
            item
            for name, item in named.items()
            if (every or name.startswith(heads) or name.endswith(ends))
            and table.starred(name)
            and name not in table.exact
        ]
    return found
