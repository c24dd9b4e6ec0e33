"""Whether a list of requirements is a lock: every package of it at one version, or by digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_audit.plainfile import Folder

LARGEST, MOST_INCLUDED = 10_000_000, 20


def pins_all(folder: Folder, path: str, depth: int = 0) -> bool:
    """Say whether a list, with those that it includes, leaves no version open and names some."""
    # Most trees have a lock of another kind.
    from repro_audit.facts.requirementlines import read_requirements  # noqa: PLC0415

    try:
        listed = read_requirements(path, folder.read(path, LARGEST).decode("utf-8-sig"))
    except (OSError, ValueError):
        return False
    fixed = all(item.exact or item.hashes for item in listed.declared)
    if not fixed or listed.unread or depth > MOST_INCLUDED:
        return False
    included = [pins_all(folder, name, depth + 1) for name in listed.includes]
    return all(included) and bool(listed.declared or included)
