"""The pieces of one file's code that somebody may ask for: where each stands, parsed when asked.

The trees of all files take three times the room of all else that is known of them, and of twenty
calls one is looked into. A piece is parsed from its own text, on its own lines.
"""

from __future__ import annotations

import ast
import sys
from array import array
from contextlib import contextmanager
from functools import lru_cache
from itertools import accumulate, chain
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.repository import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# For the text of an error Python opens the file of this name, be it a pipe of the stranger's called
# `<unknown>` in the current folder; nothing can stand below a device.
NOWHERE = "/dev/null/code"

# The numbers of what stands nowhere: "only when something failed" among the conditions of a call,
# and what the variable of `range` begins with.
FAILED, ZERO = 0, 1
MADE: dict[int, ast.expr] = {FAILED: ast.Constant(value=False), ZERO: ast.Constant(value=0)}

PLACE = attrgetter("lineno", "col_offset", "end_lineno", "end_col_offset")
# How many expressions are kept for whoever asks next.
MOST_PARSED = 1_000
# How much of a file is parsed again at most: so many times its length, and a little.
MOST_TIMES, SHORT = 10, 100_000
# Empty lines above a piece give its nodes their lines, until to count on costs less.
FEW_LINES = 2_000

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


class Span(NamedTuple):
    """Lines count from 1, columns from 0 in bytes of UTF-8, as Python gives them."""

    first: int
    left: int
    last: int
    right: int

    @classmethod
    def of(cls, node: ast.expr) -> Span:
        """Return where a node stands that was parsed on its own lines."""
        return cls(
            node.lineno,
            node.col_offset,
            node.end_lineno or node.lineno,
            node.end_col_offset or node.col_offset,
        )

    def holds(self, other: Span) -> bool:
        """Say whether `other` stands inside."""
        return self[:2] <= other[:2] and other[2:] <= self[2:]


class Pieces:
    """The expressions and functions of one text, by number.

    Nodes are kept that cannot be parsed from their text alone, or that have no place of their own,
    as before Python 3.12 in f-strings. All are kept once so much was parsed that to parse and walk
    the whole costs less: `again` does. Each call of a long chain holds those before it.
    """

    __slots__ = ("again", "apart", "kept", "left", "places", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text = compact(text)
        self.starts = array("I")
        self.places = array("I", [0] * 4 * len(MADE))
        self.kept: dict[int, ast.AST] = {**MADE}
        self.left = MOST_TIMES * len(text) + SHORT
        self.again: Callable[[str], Iterable[ast.AST]] = lambda _: ()
        # First and last line of each function and class of the file's own block.
        self.apart = array("I")

    def place(self, nodes: Iterable[ast.AST]) -> None:
        """Note where the pieces stand, in the order of their numbers."""
        self.places.extend(chain.from_iterable(map(PLACE, nodes)))

    def span(self, number: int) -> Span:
        """Return where a piece stands."""
        return Span(*self.places[4 * number : 4 * number + 4])

    def lines(self) -> array[int]:
        """Return where each line begins, in bytes; Python ends lines at carriage returns too."""
        if not self.starts:
            text = self.text.encode() if isinstance(self.text, str) else self.text
            if b"\r" in text:
                self.text = text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            lines = text.splitlines(keepends=True)
            self.starts = array("I", accumulate(map(len, lines), initial=0))
        return self.starts

    def known(self, number: int) -> ast.AST | None:
        """Return a node that is kept."""
        if self.left < 0:
            self.left = sys.maxsize
            self.kept = dict(enumerate(self.again(self.between(0))))
        return self.kept.get(number)

    def excerpt(self, number: int) -> str:
        """Return a piece as it is written."""
        lines = self.lines()
        first, left, last, right = self.places[4 * number : 4 * number + 4]
        return self.between(lines[first - 1] + left, lines[last - 1] + right)

    def between(self, begin: int, end: int | None = None) -> str:
        """Return a part of the text by its bytes."""
        found = self.text[begin:end]
        return found if isinstance(found, str) else found.decode()

    def expression(self, number: int) -> ast.expr:
        """Return an expression."""
        found = self.known(number) or expression(self, number)
        assert isinstance(found, ast.expr)  # noqa: S101 - by its number it is one
        return found

    def function(self, number: int) -> AnyFunction:
        """Return a function, which may have been written as a lambda."""
        found = self.known(number)
        if isinstance(found, ast.Lambda):
            return as_function("named", found)
        if isinstance(found, AnyFunction):
            return found
        lines, span = self.lines(), self.span(number)
        end = lines[span.last - 1] + span.right
        return self.definition(self.between(lines[span.first - 1], end), span)

    def header(self, number: int) -> AnyFunction:
        """Return a function without what it does, of which its first statement is noted."""
        if self.known(number) is not None:
            return self.function(number)
        lines, span, inner = self.lines(), self.span(number), self.span(number + 1)
        head = self.between(lines[span.first - 1], lines[inner.first - 1] + inner.left)
        try:
            return self.definition(f"{head}pass", span)
        except SyntaxError:
            # It begins with a decorator.
            return self.function(number)

    def definition(self, part: str, span: Span) -> AnyFunction:
        """Parse the lines of a function."""
        self.left -= len(part)
        inside = span.left > 0
        found = statements(f"if 1:\n{part}" if inside else part, span.first - 1 - inside)[0]
        found = found.body[0] if inside and isinstance(found, ast.If) else found
        assert isinstance(found, AnyFunction)  # noqa: S101 - what stands there
        return found

    def body(self) -> list[ast.stmt]:
        """Return the statements of the file; for each of its functions and classes a `pass`."""
        self.lines()
        text = self.between(0)
        lines = text.split("\n")
        for first, last in zip(self.apart[::2], self.apart[1::2], strict=True):
            lines[first - 1 : last] = ["pass", *[""] * (last - first)]
        try:
            return statements("\n".join(lines))
        except SyntaxError:
            # The sign of a decorator stood alone on its line.
            return statements(text)


@lru_cache(maxsize=MOST_PARSED)
def expression(pieces: Pieces, number: int) -> ast.expr:
    """Parse an expression; brackets around it may have let it go over several lines."""
    part, above = pieces.excerpt(number), pieces.places[4 * number] - 1
    pieces.left -= len(part)
    try:
        found = parsed(part, "eval", above)
    except SyntaxError:
        found = parsed(f"({part})", "eval", above)
    assert isinstance(found, ast.Expression)  # noqa: S101 - what was asked for
    return found.body


def as_function(name: str, node: ast.Lambda) -> ast.FunctionDef:
    """Return the function that a lambda of this name is; parsed, to fit any version of Python."""
    made = ast.parse("def named(): return").body[0]
    assert isinstance(made, ast.FunctionDef)  # noqa: S101 - what was just written
    made.name, made.args = name, node.args
    made.body = [ast.copy_location(ast.Return(node.body), node.body)]
    return ast.copy_location(made, node)


def statements(part: str, above: int = 0) -> list[ast.stmt]:
    """Parse statements below so many lines."""
    found = parsed(part, "exec", above)
    assert isinstance(found, ast.Module)  # noqa: S101 - what was asked for
    return found.body


def parsed(part: str, mode: str, above: int) -> ast.AST:
    """Parse what is a part of a text that was parsed, however deep whoever asks has come."""
    few = above <= FEW_LINES
    text = "\n" * above + part if few else part
    try:
        found: ast.AST = compile(text, NOWHERE, mode, ast.PyCF_ONLY_AST)
    except (RecursionError, MemoryError):
        with deeper():
            found = compile(text, NOWHERE, mode, ast.PyCF_ONLY_AST)
    return found if few else ast.increment_lineno(found, above)


@contextmanager
def deeper() -> Iterator[None]:
    """Let Python go twice as deep as otherwise."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(2 * limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
