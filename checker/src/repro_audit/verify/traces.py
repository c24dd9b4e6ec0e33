"""What traced runs left behind, and where two of them part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

MOST_PROCESSES, MOST_BYTES = 64, 200_000_000


@dataclass(frozen=True)
class Place:
    """A place in the code at which values are seen; `key` names it across runs."""

    key: str
    path: str
    line: int
    kind: str
    text: str = ""


@dataclass(frozen=True)
class Parting:
    """The first place at which two runs see different values, and the values."""

    place: Place
    first: str
    second: str


@dataclass(frozen=True)
class Opened:
    """A file of the tree that the project opened."""

    path: str
    line: int
    mode: str
    there: bool
    file: str


@dataclass(frozen=True)
class Traced:
    """The trace of one process."""

    events: tuple[tuple[str, str], ...]
    places: dict[str, Place]
    chance: tuple[tuple[str, Place], ...]
    opened: tuple[Opened, ...]


def place_of(key: str, text: str = "") -> Place:
    """Read the key of a place."""
    path, line, _, kind = key.rsplit(":", 3)
    return Place(key, path, int(line), kind, text)


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file that the child wrote; the child is not trusted with much memory."""
    if not path.is_file() or path.is_symlink() or path.stat().st_size > MOST_BYTES:
        return
    with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
        for line in stream:
            yield line.rstrip("\n")


def read_process(folder: Path) -> Traced:
    """Read the trace of one process; a line that was cut off is passed over."""
    numbered: list[str] = []
    places: dict[str, Place] = {}
    for line in lines(folder / "places"):
        key, _, text = line.partition("\t")
        numbered.append(key)
        try:
            places[key] = place_of(key, text)
        except ValueError:
            continue
    events = []
    for line in lines(folder / "events"):
        number, _, told = line.partition("\t")
        if number.isdecimal() and int(number) < len(numbered):
            events.append((numbered[int(number)], told))
    by_line = {(item.path, item.line): item for item in places.values()}
    chance = []
    for line in lines(folder / "chance"):
        name, _, key = line.partition("\t")
        try:
            place = place_of(key)
            # The entropy of the system knows the line alone; the widest call there is shown.
            known = places.get(key) or by_line.get((place.path, place.line), place)
            chance.append((name, known))
        except ValueError:
            continue
    opened = []
    for line in lines(folder / "opened"):
        fields = line.split("\t")
        if len(fields) == 5 and fields[1].isdecimal():  # noqa: PLR2004 - as they are written
            path, number, mode, there, file = fields
            opened.append(Opened(path, int(number), mode, there == "there", file))
    return Traced(tuple(events), places, tuple(chance), tuple(opened))


def read_trace(folder: Path | None) -> tuple[Traced, ...]:
    """Read the traces of all processes of a run, in the order in which they began."""
    if folder is None or not folder.is_dir():
        return ()
    inside = sorted(path for path in folder.iterdir() if path.name.isdecimal() and path.is_dir())
    return tuple(read_process(path) for path in inside[:MOST_PROCESSES])


def parting(
    first: tuple[Traced, ...], second: tuple[Traced, ...], skip: Collection[str]
) -> Parting | None:
    """Return where two runs first see different values, apart from the places in `skip`."""
    for one, other in zip(first, second, strict=False):
        left = [event for event in one.events if event[0] not in skip]
        right = [event for event in other.events if event[0] not in skip]
        for before, after in zip(left, right, strict=False):
            if before == after:
                continue
            if before[0] == after[0]:
                return Parting(one.places[before[0]], before[1], after[1])
            return Parting(one.places[before[0]], before[1], "the other run went another way")
        if len(left) != len(right):
            # One of them saw more: the first thing that the other did not.
            longer = one if len(left) > len(right) else other
            rest = (left if longer is one else right)[min(len(left), len(right))]
            return Parting(longer.places[rest[0]], rest[1], "the other run did not get here")
    return None


def unsteady(first: tuple[Traced, ...], second: tuple[Traced, ...]) -> frozenset[str]:
    """Return the places whose values differ between two runs."""
    found: set[str] = set()
    for one, other in zip(first, second, strict=False):
        left, right = by_place(one), by_place(other)
        found |= {key for key in left.keys() | right.keys() if left.get(key) != right.get(key)}
    return frozenset(found)


def by_place(process: Traced) -> dict[str, list[str]]:
    """Return the values that each place saw."""
    found: dict[str, list[str]] = {}
    for key, told in process.events:
        found.setdefault(key, []).append(told)
    return found
