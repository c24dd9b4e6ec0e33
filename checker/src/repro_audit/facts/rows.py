"""Which rows a name holds: all of a data set, or its training, validation or test part."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.model import Evidence  # noqa: TC001 - the dataclass below names it

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMED_TRAIN = re.compile(r"(^|[^a-z])(x|y)?(tr|trn|train|training|trainset|trainloader)([^a-z]|$)")
NAMED_TEST = re.compile(r"(^|[^a-z])(x|y)?(te|tst|test|testing|testset|testloader)([^a-z]|$)")
# In learning by reward, `q_val` and `next_val` are values.
NAMED_VAL = re.compile(
    r"(^|[^a-z])(x|y)?((?<!q_)(?<!state_)(?<!next_)(?<!action_)(?<!target_)val|vld|valid|validation|dev|valset|valloader|cv|eval)([^a-z]|$)"
)
# What such a parameter holds are settings, never rows.
SETTINGS = frozenset(
    {"args", "opt", "opts", "options", "cfg", "config", "conf", "hparams", "flags", "settings"}
    | {"gpu", "ngpus", "ngpus_per_node", "rank", "local_rank", "world_size", "device"}
)
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Part(Enum):
    """Part of a data set; NONE holds no rows, MIXED holds rows of parts that reading confuses."""

    NONE = "no rows"
    ALL = "all rows"
    TRAIN = "the training part"
    VAL = "the validation part"
    TEST = "the test part"
    MIXED = "several parts"


HELD_OUT = (Part.VAL, Part.TEST)


class Learnt(Enum):
    """What something learnt from all rows before they were parted."""

    STATISTIC = "fit"
    VOCABULARY = "vocabulary"
    SELECTION = "selection"
    COPIES = "copies"
    BALANCE = "balance"
    CORRELATION = "correlation"
    LAG = "lag"


class Mark(NamedTuple):
    """Something that was computed from all rows, and where."""

    learnt: Learnt
    path: str
    line: int
    what: str


class Columns(NamedTuple):
    """Which columns are there: all but `names`, or only `names`."""

    only: bool
    names: frozenset[str]

    def holds(self, name: str) -> bool:
        """Say whether a column is among these."""
        return (name in self.names) is self.only


WHOLE = Columns(only=False, names=frozenset())
NO_MARKS: frozenset[Mark] = frozenset()
NO_ROOTS: frozenset[int] = frozenset()


class Missing:
    """Stands for a value that is no known constant."""


MISSING = Missing()


@dataclass(eq=False)
class Tool:
    """An estimator, transformer or sampler: what it can learn, and what it was fitted on."""

    name: str
    abilities: frozenset[str]
    single: bool = False
    fitted: Value | None = None
    learnt: frozenset[Mark] = NO_MARKS
    trained: Evidence | None = None


@dataclass(eq=False)
class Instance:
    """An object of a class of the repository."""

    path: str
    name: str
    attributes: dict[str, Value] = field(default_factory=dict)


class Value(NamedTuple):
    """What a name may hold.

    `marks` is what was learnt from all rows and has gone into it; `cut` says that the rows were
    cut out of others and the name they get may tell which part they are; `sure` is false when
    only a name tells the part; `official` marks the training file of a ready split.
    """

    part: Part = Part.NONE
    roots: frozenset[int] = NO_ROOTS
    marks: frozenset[Mark] = NO_MARKS
    sure: bool = True
    cut: bool = False
    official: bool = False
    subset: bool = False
    columns: Columns | None = None
    items: tuple[Value, ...] | None = None
    keys: tuple[str, ...] = ()
    tool: Tool | None = None
    instance: Instance | None = None
    constant: object = MISSING
    name: str = ""
    choice: bool = False
    grouped: str = ""
    swept: bool = False
    folds: Part = Part.NONE

    @property
    def rows(self) -> bool:
        """Say whether this holds rows of data."""
        return self.part is not Part.NONE

    def marked(self, *marks: Mark) -> Value:
        """Add marks."""
        return self._replace(marks=self.marks | frozenset(marks)) if marks else self

    def item(self, key: object) -> Value | None:
        """Return one item of a tuple, a list or a dictionary."""
        if self.items is None:
            return None
        if isinstance(key, str):
            return self.items[self.keys.index(key)] if key in self.keys else None
        fits = isinstance(key, int) and not self.keys and -len(self.items) <= key < len(self.items)
        return self.items[key] if fits and isinstance(key, int) else None


NOTHING = Value()


def part_named(name: str) -> Part:
    """Return the part that a name speaks of; NONE when it speaks of none or of several."""
    text = CAMEL.sub("_", name).lower().replace("0", "_").replace("1", "_").replace("2", "_")
    found = [
        part
        for part, pattern in (
            (Part.TRAIN, NAMED_TRAIN),
            (Part.VAL, NAMED_VAL),
            (Part.TEST, NAMED_TEST),
        )
        if pattern.search(text)
    ]
    return found[0] if len(found) == 1 else Part.NONE


def flat(values: Iterable[Value], depth: int = 0) -> list[Value]:
    """Return values with the items of tuples and lists in their place."""
    found: list[Value] = []
    for value in values:
        if value.items is not None and depth < 4:  # noqa: PLR2004 - nested tuples of a call
            found += flat(value.items, depth + 1)
        found.append(value)
    return found


def mixed(values: Iterable[Value]) -> Value:
    """Return what a computation on `values` holds: their rows, and everything they learnt."""
    parts: set[Part] = set()
    roots: set[int] = set()
    marks: set[Mark] = set()
    sure = True
    subset = official = False
    for value in flat(values):
        if value is NOTHING:
            continue
        marks |= value.marks
        if value.rows:
            parts.add(value.part)
            roots |= value.roots
            sure = sure and value.sure
            subset = subset or value.subset or value.cut
            official = official or value.official
    if not parts and not marks:
        return NOTHING
    part = Part.NONE if not parts else parts.pop() if len(parts) == 1 else Part.MIXED
    return Value(
        part, frozenset(roots), frozenset(marks), sure=sure, subset=subset, official=official
    )


def joined(one: Value | None, other: Value | None) -> Value:
    """Return what a name holds after two ways through the code meet."""
    if one is None or other is None or one is other or one == other:
        return one or other or NOTHING
    both = mixed((one._replace(items=None), other._replace(items=None)))
    same = one.items is not None and other.items is not None and one.keys == other.keys
    items: tuple[Value, ...] | None = None
    if same and one.items and other.items and len(one.items) == len(other.items):
        items = tuple(joined(a, b) for a, b in zip(one.items, other.items, strict=True))
    return both._replace(
        items=items,
        keys=one.keys if items else (),
        columns=one.columns if one.columns == other.columns else None,
        tool=other.tool or one.tool,
        instance=other.instance or one.instance,
        swept=one.swept or other.swept,
    )
