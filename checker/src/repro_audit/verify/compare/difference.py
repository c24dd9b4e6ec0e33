"""What is said of two files that differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One output that differs; `within` says that declared tolerances cover it.

    `same` marks files of other bytes whose content is equal all the same, such as an archive
    with the time of its making in it; they do not count as different.
    """

    path: str
    what: str
    within: bool = False
    same: bool = False
