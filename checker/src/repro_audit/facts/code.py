"""Python's parser within a bound: a tree takes a hundred times the room of its text."""

from __future__ import annotations

import ast
import string
from itertools import islice

from repro_audit import lazyre as re
from repro_audit.facts.pieces import NOWHERE
from repro_audit.facts.syntax import dotted

# No file that people wrote comes near; two megabytes of `a,` have ten times as many.
MOST_TOKENS = 200_000
SURELY_FEWER = 200_000
# What is parsed of all code together; the largest repositories of the field have a third of it.
MOST_CODE = 20_000_000
IN_ALL = "more code than is read in all"
WORDS = (string.ascii_letters + string.digits + "_ \t\r\n").encode()
# A call is kept with its name, its words and where it stands.
CALL = 10
# Python reads such a number and refuses to write it. In quotes it may stand for bytes.
LONG_NUMBER = re.compile(r"0[xXoObB](?<![\w\"']0.)[\da-fA-F_]{3000}")
# Before 3.12 Python takes the square of the number of fields of one f-string.
MOST_FIELDS = 1_000
# Comments and all strings, one after the other, so that none is taken for the beginning of another.
STRING = re.compile(
    r"#[^\n]*|(?P<prefix>\b[a-zA-Z]{1,2})?(?:"
    r"\"{3}[^\"\\]*(?:(?:\\.|\"(?!\"\"))[^\"\\]*)*\"{3}|'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}|"
    r"\"[^\"\\\n]*(?:\\.[^\"\\\n]*)*\"?|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?)",
    re.DOTALL,
)
TOKEN = re.compile(r"#[^\n]*|'[^'\n]*'|\"[^\"\n]*\"|\w+|[^\w\s]")


class TooMuchCodeError(ValueError):
    """The text holds more code than is read."""


def amount(source: str) -> int:
    """Return about how large the tree of a text is: a word or sign of it takes some 250 bytes."""
    signs = len(source.encode("utf-8", "replace").translate(None, WORDS))
    return signs + (CALL - 1) * source.count("(")


def parse(source: str) -> ast.Module:
    """Parse Python.

    Raises:
        SyntaxError, ValueError: when Python refuses it.
        TooMuchCodeError: when there is too much of it, or it is nested too deeply.
    """
    if LONG_NUMBER.search(source):
        raise TooMuchCodeError("a number of thousands of digits")
    if source.count("{") > MOST_FIELDS and most_fields(source) > MOST_FIELDS:
        raise TooMuchCodeError(f"a text with more than {MOST_FIELDS:,} fields")
    if len(source) > SURELY_FEWER:
        beyond = islice(TOKEN.finditer(source), MOST_TOKENS, None)
        if next(beyond, None) is not None:
            raise TooMuchCodeError(f"more than {MOST_TOKENS:,} words and signs of code")
    try:
        return ast.parse(source, NOWHERE)
    except (MemoryError, RecursionError) as problem:
        raise TooMuchCodeError("nested deeper than Python's parser goes") from problem


def most_fields(source: str) -> int:
    """Count the fields of the f-string that has most; two braces are one that is meant."""
    texts = (
        found.group() for found in STRING.finditer(source) if "f" in (found["prefix"] or "").lower()
    )
    return max((text.count("{") - 2 * text.count("{{") for text in texts), default=0)


def as_code(node: ast.AST) -> str:
    """Write an expression as code; nothing for one that is nested deeper than Python writes."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        # Most are names, which Python would take a visitor for.
        name = dotted(node)
        if name[0] != ".":
            return name
    try:
        return ast.unparse(node)
    except RecursionError:
        return ""
