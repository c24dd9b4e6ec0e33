"""All hostile trees."""

from __future__ import annotations

from . import doublings, folders, formats, gitformats, gits, labels, sizes, texts
from .registry import TREES, Tree

__all__ = [
    "TREES",
    "Tree",
    "doublings",
    "folders",
    "formats",
    "gitformats",
    "gits",
    "labels",
    "sizes",
    "texts",
]
