"""The list of hostile trees: each is a function that builds one below an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Build = Callable[[Path], None]


@dataclass(frozen=True)
class Tree:
    """One hostile tree; `listed` are paths that the report has to name as skipped."""

    name: str
    build: Build
    listed: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What is hostile in it, in one sentence."""
        return (self.build.__doc__ or "").strip().splitlines()[0]


TREES: dict[str, Tree] = {}


def tree(*listed: str) -> Callable[[Build], Build]:
    """Register a builder under its own name."""

    def keep(build: Build) -> Build:
        name = build.__name__.replace("_", "-")
        TREES[name] = Tree(name, build, listed)
        return build

    return keep


def plant(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, with the folders that they need."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def sparse(path: Path, size: int, start: bytes = b"") -> None:
    """Make a file of `size` bytes that takes no room on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(start)
        stream.truncate(size)
