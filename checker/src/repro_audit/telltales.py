"""Plain texts of which every match of a regular expression contains one, worked out from it.

An expression is given as Python's own parser leaves it, in a form that it has kept since Python 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# To look for more takes as long as to search.
MOST = 60
# To be followed at the same time, where letters may be left out or differ.
MOST_RUNS = 8
# Letters of a text: each further one makes it so many times rarer.
RARER = 20.0
# They take no room in what matches, or say nothing of what stands there.
NO_ROOM = frozenset({"AT", "ASSERT", "ASSERT_NOT"})
REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def telltales(parsed: Any) -> tuple[str, ...]:
    """Return texts in lower case of which a match in a text of ASCII has one; none if unknown."""
    if anchored(parsed):
        return ()
    found = of_sequence(parsed) or frozenset()
    # Whatever has a text has those inside of it.
    short = [text for text in found if not any(part in text for part in found - {text})]
    return tuple(sorted(short, key=len)) if len(short) <= MOST else ()


def anchored(items: Iterable[tuple[Any, Any]]) -> bool:
    """Say whether only the beginning of a line can match: that is looked at as fast as can be."""
    nothing: tuple[Any, Any] = (None, None)
    kind, value = next(iter(items), nothing)
    name = kind.name if kind is not None else ""
    if name == "SUBPATTERN":
        return anchored(value[3])
    if name == "BRANCH":
        return all(anchored(way) for way in value[1])
    return name == "AT" and value.name.startswith("AT_BEGINNING")


def cost(texts: Iterable[str]) -> float:
    """Say how often one of `texts` is about to be found."""
    return sum(RARER ** -len(text) for text in texts)


def of_sequence(items: Iterable[tuple[Any, Any]]) -> frozenset[str] | None:
    """Return the tell-tale texts of parts that follow each other: those of the rarest part."""
    best: frozenset[str] | None = None
    runs = [""]
    for kind, value in (*items, (None, None)):
        name = kind.name if kind is not None else ""
        if name in NO_ROOM:
            continue
        letters = few(name, value)
        if letters and len(runs) * len(letters) <= MOST_RUNS:
            runs = [run + letter for run in runs for letter in letters]
            continue
        for found in (frozenset(runs) if all(runs) else None, of_part(name, value)):
            if found is not None and (best is None or cost(found) < cost(best)):
                best = found
        runs = [""]
    return best


def few(name: str, value: Any) -> list[str]:
    """Return what a part can be when that is nothing or one of a few letters of ASCII."""
    if name == "LITERAL":
        return [chr(value).lower()] if value < 128 else []  # noqa: PLR2004 - ASCII
    if name == "IN":
        found = [few(kind.name, letter) for kind, letter in value]
        return [letters[0] for letters in found] if all(found) else []
    if name in REPEATS and value[0] == 0 and value[1] == 1 and len(value[2]) == 1:
        ((kind, inner),) = value[2]
        letters = few(kind.name, inner) if kind.name in {"LITERAL", "IN"} else []
        return [*letters, ""] if letters else []
    return []


def of_part(name: str, value: Any) -> frozenset[str] | None:
    """Return the tell-tale texts of one part."""
    if name == "LITERAL":
        # No text of ASCII has it, unless a letter of ASCII is the same but for its case.
        letter = chr(value)
        cases = letter.lower() + letter.upper() + letter.casefold()
        return None if any(case.isascii() for case in cases) else frozenset()
    if name == "SUBPATTERN":
        return of_sequence(value[3])
    if name == "ATOMIC_GROUP":
        return of_sequence(value)
    if name in REPEATS and value[0] > 0:
        return of_sequence(value[2])
    if name == "BRANCH":
        found = [of_sequence(way) for way in value[1]]
        known = [texts for texts in found if texts is not None]
        return frozenset().union(*known) if len(known) == len(found) else None
    return None
