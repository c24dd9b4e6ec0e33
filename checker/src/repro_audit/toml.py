"""TOML with the standard library's parser, or its twin on Python 3.10."""

from __future__ import annotations

import sys
from typing import Any

from repro_audit import lazyre as re

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEEPEST = 100
# Read, and refused by Python when it is to be written.
LONG_NUMBER = re.compile(r"0[xob](?<![\w\"']0.)[\da-fA-F_]{3000}")
BRACKET = re.compile(r"[\[\]{}]")


def read_toml(text: str) -> dict[str, Any]:
    """Parse a document.

    Raises:
        ValueError: when it is not TOML.
    """
    if deep(text):
        raise ValueError("nested too deeply")
    if LONG_NUMBER.search(text):
        raise ValueError("a number of thousands of digits")
    document: dict[str, Any] = tomllib.loads(text)
    return document


def deep(text: str) -> bool:
    """Say whether brackets or dotted keys are nested deeper than any file for people is.

    The parser goes into brackets by recursion, and takes the square of a key's length.
    """
    depth = 0
    for found in BRACKET.finditer(text) if text.count("[") + text.count("{") > DEEPEST else ():
        depth = depth + 1 if found.group() in "[{" else max(depth - 1, 0)
        if depth > DEEPEST:
            return True
    keys = (line.partition("=")[0] for line in text.splitlines() if len(line) > DEEPEST)
    return any(key.count(".") > DEEPEST for key in keys)
