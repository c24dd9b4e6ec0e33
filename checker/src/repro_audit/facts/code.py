"""Python's parser within a bound: a tree takes a hundred times the room of its text."""

from __future__ import annotations

import ast
import re
from itertools import islice

# No file that people wrote comes near; two megabytes of `a,` have ten times as many.
MOST_TOKENS = 200_000
SURELY_FEWER = 200_000
# For the text of an error Python opens the file of this name, be it a pipe of the stranger's called
# `<unknown>` in the current folder; nothing can stand below a device.
NOWHERE = "/dev/null/code"
# Python reads such a number and refuses to write it. In quotes it may stand for bytes.
LONG_NUMBER = re.compile(r"0[xXoObB](?<![\w\"']0.)[\da-fA-F_]{3000}")
TOKEN = re.compile(r"#[^\n]*|'[^'\n]*'|\"[^\"\n]*\"|\w+|[^\w\s]")


class TooMuchCodeError(ValueError):
    """The text holds more code than is read."""


def parse(source: str) -> ast.Module:
    """Parse Python.

    Raises:
        SyntaxError, ValueError: when Python refuses it.
        TooMuchCodeError: when there is too much of it, or it is nested too deeply.
    """
    if LONG_NUMBER.search(source):
        raise TooMuchCodeError("a number of thousands of digits")
    if len(source) > SURELY_FEWER:
        beyond = islice(TOKEN.finditer(source), MOST_TOKENS, None)
        if next(beyond, None) is not None:
            raise TooMuchCodeError(f"more than {MOST_TOKENS:,} words and signs of code")
    try:
        return ast.parse(source, NOWHERE)
    except (MemoryError, RecursionError) as problem:
        raise TooMuchCodeError("nested deeper than Python's parser goes") from problem
