"""The module `re` for hundreds of expressions: compiled when needed, searched where it is worth it.

An audit holds some six hundred expressions against each sentence of all documents, and hardly one
in a hundred is found. To compile them all takes as long as to audit a small repository, so each is
compiled when it is first needed. To search for one takes ten times longer than to look for a plain
text: for an expression that is asked often it is worked out what every match must contain
(`telltales`), and a text without any of that is not searched. The answers are those of `re`.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from re import DOTALL, IGNORECASE, MULTILINE, Match, RegexFlag, escape
from typing import TYPE_CHECKING, Any

from repro_audit.telltales import telltales

if sys.version_info >= (3, 11):
    from re import _parser as parser  # type: ignore[attr-defined]  # no stubs
else:
    import sre_parse as parser

if TYPE_CHECKING:
    from collections.abc import Callable

# After so many searches it has paid to work out the tell-tale texts.
PATIENCE = 200
# So short a text is searched as fast as it is looked through; so long a one may be searched from
# many places on, and is not looked through for each.
SHORT, LONG = 20, 10_000
# What each method answers for a text in which nothing is found.
NOTHING: dict[str, Callable[..., Any]] = {
    "search": lambda _text, *_: None,
    "findall": lambda _text, *_: [],
    "finditer": lambda _text, *_: iter(()),
    "split": lambda text, *_: [text],
    "sub": lambda _new, text, *_: text,
}


class Expression:
    """Stands for a `re.Pattern`; each method is made when it is first asked for."""

    __slots__ = ("compiled", "flags", "fullmatch", "left", "match", "pattern", "tells", *NOTHING)

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags
        self.left = PATIENCE

    def __getattr__(self, name: str) -> Any:
        """Make what is not there yet, and keep it where it is looked for first."""
        if name == "compiled":
            self.compiled = re.compile(self.pattern, self.flags)
            return self.compiled
        if name == "tells":
            parsed: Any = parser.parse(self.pattern, self.flags)
            self.tells = telltales(parsed)
            return self.tells
        made = getattr(self.compiled, name)
        if name in NOTHING:
            made = self.counted(name, made)
        if name in self.__slots__:
            setattr(self, name, made)
        return made

    def counted(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `method`, which gives way to a guarded one when it is asked often."""

        def ask(*given: Any) -> Any:
            self.left -= 1
            if self.left <= 0:
                setattr(self, name, self.guarded(name, method) if self.tells else method)
            return method(*given)

        return ask

    def guarded(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `method`, asked only for a text that has one of the tell-tale texts."""
        tells, nothing = self.tells, NOTHING[name]
        place = 1 if name == "sub" else 0

        def ask(*given: Any) -> Any:
            text = given[place]
            # Which letters are the same but for their case is simple only for those of ASCII.
            if SHORT < len(text) < LONG and text.isascii():
                low = text.lower()
                for tell in tells:
                    if tell in low:
                        break
                else:
                    return nothing(*given)
            return method(*given)

        return ask


@lru_cache(maxsize=4_000)
def made(pattern: str | Expression, flags: int = 0) -> Expression:
    """As `re.compile`, but later."""
    return pattern if isinstance(pattern, Expression) else Expression(pattern, flags)


def hopeless(pattern: str, flags: int, low: str) -> bool:
    """Say whether nothing of ASCII can match in a text, given in lower case."""
    expression = made(pattern, flags)
    tells = expression.tells if expression.left <= 0 else ()
    return bool(tells) and not any(tell in low for tell in tells)


def of_text(name: str) -> Callable[..., Any]:
    """Return the function of `re` that is called like a method of an expression."""

    def ask(pattern: str, text: str, flags: int = 0) -> Any:
        return getattr(made(pattern, flags), name)(text)

    return ask


def replaced(pattern: str, new: Any, text: str, flags: int = 0) -> Any:
    """As `re.sub`."""
    return made(pattern, flags).sub(new, text)


if TYPE_CHECKING:
    from re import Pattern, compile, findall, finditer, fullmatch, match, search, split, sub  # noqa: A004 - as there
else:
    Pattern, compile, sub = Expression, made, replaced  # noqa: A001 - as there
    search, match, fullmatch = of_text("search"), of_text("match"), of_text("fullmatch")
    findall, finditer, split = of_text("findall"), of_text("finditer"), of_text("split")

__all__ = [
    "DOTALL",
    "IGNORECASE",
    "MULTILINE",
    "Match",
    "Pattern",
    "RegexFlag",
    "compile",
    "escape",
    "findall",
    "finditer",
    "fullmatch",
    "hopeless",
    "match",
    "search",
    "split",
    "sub",
]
