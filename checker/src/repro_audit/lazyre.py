"""The module `re` for hundreds of expressions: compiled when needed, searched where it is worth it.

An audit holds some six hundred expressions against each sentence of all documents, and hardly one
in a hundred is found. To compile them all takes longer than to audit a small repository, so each
is compiled when it is first needed. To search for one takes a hundred times longer than to look
for a plain text, so what every match must contain is worked out (`telltales`), and a text without
any of that is not searched. The answers are those of `re`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import DOTALL, IGNORECASE, MULTILINE, Match, RegexFlag, escape
from typing import TYPE_CHECKING, Any

from repro_audit.telltales import telltales

if TYPE_CHECKING:
    from collections.abc import Callable

# So short a text is searched as fast as it is looked through.
SHORT = 20
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

    __slots__ = ("compiled", "flags", "pattern", *NOTHING)

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        """Make what is not there yet, and keep it where it is looked for first."""
        if name == "compiled":
            self.compiled = re.compile(self.pattern, self.flags)
            return self.compiled
        if name not in NOTHING:
            return getattr(self.compiled, name)
        tells = telltales(self.pattern, self.flags)
        made = self.guarded(name, tells) if tells else getattr(self.compiled, name)
        setattr(self, name, made)
        return made

    def guarded(self, name: str, tells: tuple[str, ...]) -> Callable[..., Any]:
        """Return a method that looks for the tell-tale texts first."""
        nothing = NOTHING[name]
        place = 1 if name == "sub" else 0
        method: Callable[..., Any] | None = None

        def ask(*given: Any) -> Any:
            nonlocal method
            text = given[place]
            # Which letters are the same but for their case is simple only for those of ASCII.
            if len(text) > SHORT and text.isascii():
                low = text.lower()
                for tell in tells:
                    if tell in low:
                        break
                else:
                    return nothing(*given)
            if method is None:
                method = getattr(self.compiled, name)
            return method(*given)

        return ask


@lru_cache(maxsize=4_000)
def made(pattern: str | Expression, flags: int = 0) -> Expression:
    """As `re.compile`, but later."""
    return pattern if isinstance(pattern, Expression) else Expression(pattern, flags)


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
    "match",
    "search",
    "split",
    "sub",
]
