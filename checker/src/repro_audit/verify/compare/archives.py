"""Archives in the zip format, which `torch.save` and `numpy.savez` write too: member by member."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from repro_audit.verify.compare.difference import Difference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from repro_audit.verify.plan import Tolerance


def members(path: Path) -> dict[str, tuple[int, int]]:
    """Return size and checksum of each member; the first folder of a name is left out.

    PyTorch names that folder after the file.
    """
    with zipfile.ZipFile(path) as archive:
        return {
            item.filename.partition("/")[2] or item.filename: (item.file_size, item.CRC)
            for item in archive.infolist()
        }


def compare_archive(
    one: Path,
    other: Path,
    path: str,
    tolerances: Sequence[Tolerance],  # noqa: ARG001 - one signature for all kinds
) -> Difference:
    """Name the first member that differs; times and order of members do not count."""
    first, second = members(one), members(other)
    moved = [name for name in sorted({*first, *second}) if first.get(name) != second.get(name)]
    if not moved:
        return Difference(path, "times of the archive only", same=True)
    more = f", and {len(moved) - 1} more" if len(moved) > 1 else ""
    return Difference(path, f"member {moved[0]} differs{more}")
