"""Calls in their order, found by their name, by its last part, or by what they are given."""

from __future__ import annotations

from array import array
from collections import defaultdict
from functools import cached_property, partial
from typing import TYPE_CHECKING

from repro_audit.facts.patterns import chosen

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from repro_audit.facts.syntax import Call

LONGEST = 200
# Of hundreds of thousands of numbers each would be an object of its own in a list.
EMPTY = partial(array, "I")


class Calls:
    """A sequence of calls; few names stand for many calls, so that names are looked through."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self.all = tuple(calls)
        self.answers: dict[tuple[str, ...], list[Call]] = {}

    def named(self, *patterns: str) -> list[Call]:
        """Return the calls whose qualified name matches one of `patterns`."""
        if patterns not in self.answers:
            every = "*" in patterns
            self.answers[patterns] = list(self.all) if every else self.any_of(names=patterns)
        return self.answers[patterns]

    def any_of(
        self,
        *,
        names: Iterable[str] = (),
        methods: Iterable[str] = (),
        keywords: Iterable[str] = (),
        like: re.Pattern[str] | None = None,
    ) -> list[Call]:
        """Return the calls of such a name, of such a last part of it, or given such a keyword.

        `like` is searched in the end of a name.
        """
        found = chosen(self.by_name, tuple(names))
        if like is not None:
            named = self.by_name.items()
            found += [numbers for name, numbers in named if like.search(name[-LONGEST:])]
        found += [self.by_method[method] for method in methods if method in self.by_method]
        found += [self.by_keyword[word] for word in keywords if word in self.by_keyword]
        # Back in the order of the files and of their lines.
        return [self.all[number] for number in sorted({n for numbers in found for n in numbers})]

    @cached_property
    def by_name(self) -> dict[str, array[int]]:
        """The numbers of the calls by their qualified name."""
        return numbered(enumerate(call.name for call in self.all))

    @cached_property
    def by_method(self) -> dict[str, array[int]]:
        """The numbers of the calls by the last part of their name."""
        found: defaultdict[str, array[int]] = defaultdict(EMPTY)
        for name, numbers in self.by_name.items():
            found[name.rpartition(".")[2]].extend(numbers)
        return found

    @cached_property
    def by_keyword(self) -> dict[str, array[int]]:
        """The numbers of the calls by the keywords that they are given."""
        return numbered(
            (number, word) for number, call in enumerate(self.all) for word in call.words if word
        )


def numbered(pairs: Iterable[tuple[int, str]]) -> dict[str, array[int]]:
    """Gather numbers under what they are paired with."""
    found: defaultdict[str, array[int]] = defaultdict(EMPTY)
    for number, key in pairs:
        found[key].append(number)
    return found
