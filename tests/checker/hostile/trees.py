"""All hostile trees."""

from __future__ import annotations

from . import folders, gits, sizes, texts
from .registry import TREES, Tree

__all__ = ["TREES", "Tree", "folders", "gits", "sizes", "texts"]
