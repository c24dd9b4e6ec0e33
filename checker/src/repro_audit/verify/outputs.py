"""What a run wrote: every new, changed or removed file of the tree, with its digest."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.plainfile import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Caches of tools and environments; they hold no results.
PASSED_OVER = frozenset({
    ".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".ipynb_checkpoints",
    ".venv", "venv", ".nox", ".tox", "node_modules", ".cache",
})  # fmt: skip
STDOUT = "<stdout>"
REMOVED = "removed"
# Dates, times of day and counts of seconds, in the forms that programs print.
TIMES = re.compile(
    rb"\d{4}-\d\d-\d\d([T_ ]\d\d[:-]\d\d([:-]\d\d)?([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?"
    rb"|\d{1,2}:\d\d(:\d\d)?([.,]\d+)?"
    rb"|\d+(\.\d+)? ?(ms|us|s|sec|secs|seconds?|min|minutes|it/s|s/it)\b"
)
FRAME = re.compile(r'File "(?P<path>[^"\n]+)", line (?P<line>\d+)')
MOST_STDOUT = 5_000_000


@dataclass(frozen=True)
class Written:
    """The files that a run left, each with its digest; `folder` is where they lie.

    `older` were there already when the last of several runs in one place began.
    """

    folder: Path
    files: dict[str, str]
    older: frozenset[str] = frozenset()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or what a link points to."""
    try:
        if path.is_symlink():
            return f"link to {path.readlink()}"
        if not stat.S_ISREG(path.stat().st_mode):
            return "no regular file"
        found = hashlib.sha256()
        with path.open("rb") as stream:
            for block in blocks(stream):
                found.update(block)
    except OSError as problem:
        return f"cannot be read ({problem.strerror})"
    return found.hexdigest()


def files_of(root: Path) -> Iterator[str]:
    """Yield the paths of all files that may be results."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in PASSED_OVER)
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118
        for name in sorted([*names, *links]):
            yield (Path(folder) / name).relative_to(root).as_posix()


def untouched(old: Path, new: Path) -> bool:
    """Say by size and time that a file is the one that was copied."""
    try:
        before, after = old.lstat(), new.lstat()
    except OSError:
        return False
    return before.st_size == after.st_size and before.st_mtime_ns == after.st_mtime_ns


def written(pristine: Path, tree: Path, expect: Sequence[str]) -> dict[str, str]:
    """Compare a tree with the one it was copied from; only what matches `expect`, if anything."""
    found: dict[str, str] = {}
    before = set(files_of(pristine))
    after = set(files_of(tree))
    for path in sorted(after):
        old = pristine / path
        if path in before and untouched(old, tree / path):
            continue
        if expect and not matches(path, expect):
            continue
        seen = digest(tree / path)
        # A committed result that is named counts also where it is written again as it was.
        if expect or path not in before or digest(old) != seen:
            found[path] = seen
    for path in sorted(before - after):
        if not expect or matches(path, expect):
            found[path] = REMOVED
    return found


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Say whether a path is one of those that were named; a folder stands for what is in it."""
    return any(
        fnmatch.fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/") + "/")
        for pattern in (item.removeprefix("./") for item in patterns)
    )


def said(stdout: Path) -> bytes:
    """Return standard output without times of day, dates and durations."""
    with stdout.open("rb") as stream:
        text = stream.read(MOST_STDOUT)
    return TIMES.sub(b"<time>", text)


def last_place(path: Path, root: Path) -> tuple[str, int] | None:
    """Return the innermost line of the project that the last traceback of a log names."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 40_000))
            text = stream.read().decode("utf-8", "replace").rpartition("Traceback (most recent")[2]
    except OSError:
        return None
    for match in reversed(list(FRAME.finditer(text))):
        full = os.path.normpath(root / match["path"])
        if full.startswith(f"{root}/") and "site-packages" not in full:
            return full[len(str(root)) + 1 :], int(match["line"])
    return None


def last_line(path: Path) -> str:
    """Return the last line of a log, shortened."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 4000))
            lines = [line for line in stream.read().decode("utf-8", "replace").splitlines() if line]
    except OSError:
        return ""
    return lines[-1].strip()[:300] if lines else ""
