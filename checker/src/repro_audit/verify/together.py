"""Variations that are harmless one by one and not together: tried at once, then narrowed down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from repro_audit.verify.conditions import VARIATIONS, Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repro_audit.verify.conditions import Setting

MOST_RUNS = 20


@dataclass(frozen=True)
class Combined:
    """A run under several variations at once, as few as still make it differ."""

    names: tuple[str, ...]
    condition: Condition
    equal: bool


def condition_of(setting: Setting, names: Sequence[str]) -> Condition:
    """Return the reference with several variations made one after the other."""
    found = setting.base
    for name in names:
        made = VARIATIONS[name](replace(setting, base=found))
        if isinstance(made, Condition):
            found = made
    return replace(found, told=" + ".join(names))


def together(
    setting: Setting, names: Sequence[str], differs: Callable[[Condition], bool]
) -> Combined:
    """Try variations at once; where that differs, leave out what it differs without.

    This is the minimising delta debugging of Zeller and Hildebrandt (2002), in steps of half.
    """
    kept = list(names)
    if not differs(condition_of(setting, kept)):
        return Combined(tuple(kept), condition_of(setting, kept), equal=True)
    size, left = max(1, len(kept) // 2), MOST_RUNS
    while size >= 1 and left > 0:
        at, shrunk = 0, False
        while at < len(kept) and len(kept) > 1 and left > 0:
            rest = kept[:at] + kept[at + size :]
            left -= 1
            if rest and differs(condition_of(setting, rest)):
                kept, shrunk = rest, True
            else:
                at += size
        size = size if shrunk and size > 1 else size // 2
    return Combined(tuple(kept), condition_of(setting, kept), equal=False)
