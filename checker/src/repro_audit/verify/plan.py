"""What is asked of a verification: the command, what to vary, what to compare, and the limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

CONTROL, SEED, CPU_CAPABILITY = "control", "seed", "cpu-capability"
NAMES = (
    CONTROL,
    "hash-seed",
    "time-zone",
    "locale",
    "home",
    "user",
    "path",
    "tmpdir",
    "listing-order",
    "threads",
    "cpus",
    "clock",
    "network",
    "leftovers",
    "gpu",
    CPU_CAPABILITY,
    SEED,
)
# What is expected to move the result says nothing against it.
APART = (SEED, CPU_CAPABILITY)
MEGABYTE = 1_000_000
SEED_OPTION = re.compile(r"(?P<name>[-\w.+]*seed)(?P<sep>=)?(?P<value>\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """What one run may use; None is no limit of ours."""

    seconds: float = 3600.0
    memory: int | None = None
    processes: int = 2048
    disk: int = 20_000 * MEGABYTE


@dataclass(frozen=True)
class Tolerance:
    """How far numbers may lie apart whose name matches the pattern, or that they do not count."""

    pattern: str = "*"
    relative: float = 0.0
    absolute: float = 0.0
    ignore: bool = False


# Another processor moved the last bits of small nets by 1e-7 of the loss (measured with PyTorch).
PROCESSOR = Tolerance("*", 1e-4, 1e-6)


def unaltered(tree: Path) -> None:
    """Leave the copy of a commit as it is."""


@dataclass(frozen=True)
class Plan:
    """One verification.

    A run that is made again has its own `commit`, `variables`, folder of `python`, and changes:
    `alter` makes them in the copy.
    """

    root: Path
    command: tuple[str, ...]
    vary: tuple[str, ...] = NAMES
    expect: tuple[str, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    data: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    network: bool = False
    isolate: bool = True
    explain: bool = True
    limits: Limits = field(default_factory=Limits)
    commit: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    alter: Callable[[Path], None] = unaltered


def chosen_variations(given: Sequence[str]) -> tuple[str, ...]:
    """Return the variations to make, in their order; the control belongs to all of them.

    Raises:
        ReproAuditError: for a name that none has.
    """
    wanted = {name.strip() for item in given for name in item.split(",") if name.strip()}
    for name in sorted(wanted - {*NAMES}):
        raise ReproAuditError(f"There is no variation {name!r}; there are {', '.join(NAMES)}.")
    return tuple(name for name in NAMES if not wanted or name in wanted or name == CONTROL)


def read_tolerance(text: str) -> Tolerance:
    """Read `0.001`, `loss=0.001` or `loss=0.001,1e-9`: relative, then absolute.

    Raises:
        ReproAuditError: when it is none of these.
    """
    pattern, equals, numbers = text.rpartition("=")
    try:
        relative, _, absolute = numbers.partition(",")
        found = Tolerance(pattern if equals else "*", float(relative), float(absolute or 0))
    except ValueError:
        found = Tolerance("", -1)
    if not found.pattern or not (0 <= found.relative <= 1 and 0 <= found.absolute < float("inf")):
        raise ReproAuditError(
            f"{text!r} is no tolerance; write NAME=RELATIVE or NAME=RELATIVE,ABSOLUTE."
        )
    return found


def reseeded(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command with its seed raised by one: `--seed 1`, `--seed=1`, `seed=1`."""
    found: list[str] = []
    waiting = False
    for word in command:
        match = SEED_OPTION.fullmatch(word)
        if waiting and word.isdecimal():
            found.append(str(int(word) + 1))
        elif match and match["sep"] and match["value"]:
            found.append(f"{match['name']}={int(match['value']) + 1}")
        else:
            found.append(word)
        waiting = bool(match and word.startswith("-") and not match["sep"])
    return tuple(found)
