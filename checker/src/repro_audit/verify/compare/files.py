"""Compares two folders of outputs, file by file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from repro_audit.verify.compare.difference import Difference
from repro_audit.verify.compare.text import compare_text
from repro_audit.verify.outputs import REMOVED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from repro_audit.verify.outputs import Written
    from repro_audit.verify.plan import Tolerance

KINDS: dict[str, Callable[[Path, Path, str, Sequence[Tolerance]], Difference]] = {}
LARGEST = 2_000_000_000


def compare(
    first: Written, second: Written, tolerances: Sequence[Tolerance]
) -> tuple[Difference, ...]:
    """Return how the second differs from the first, in the order of the paths."""
    found: list[Difference] = []
    for path in sorted({*first.files, *second.files}):
        one, other = first.files.get(path), second.files.get(path)
        if one == other:
            continue
        # A committed file that only one of them changed is there in the other, unchanged.
        both = (first.folder / path).is_file() and (second.folder / path).is_file()
        if both:
            found.append(by_kind(first.folder / path, second.folder / path, path, tolerances))
        elif one is None:
            found.append(Difference(path, "is written here and not in the first run"))
        elif other is None:
            found.append(Difference(path, "is not written here"))
        elif REMOVED in (one, other):
            found.append(Difference(path, "is removed in one run and not in the other"))
        else:
            found.append(Difference(path, f"{one} became {other}"))
    return tuple(found)


def by_kind(one: Path, other: Path, path: str, tolerances: Sequence[Tolerance]) -> Difference:
    """Compare two files of other bytes by what they hold."""
    if one.is_symlink() or other.is_symlink() or not (one.is_file() and other.is_file()):
        return Difference(path, "is another kind of file, or a link to something else")
    if max(one.stat().st_size, other.stat().st_size) > LARGEST:
        return Difference(path, "other bytes (too large to look into)")
    reader = KINDS.get(PurePosixPath(path).suffix.lower(), compare_text)
    try:
        return reader(one, other, path, tolerances)
    except Exception as problem:  # noqa: BLE001 - a broken output is an output all the same
        return Difference(path, f"other bytes ({type(problem).__name__} while looking into them)")
