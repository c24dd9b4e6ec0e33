"""TOML with the standard library's parser, or its twin on Python 3.10."""

from __future__ import annotations

import sys
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_toml(text: str) -> dict[str, Any]:
    """Parse a document.

    Raises:
        ValueError: when it is not TOML.
    """
    document: dict[str, Any] = tomllib.loads(text)
    return document
