"""What the steps of the data flow share: noting, making rows, taking columns away."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from itertools import count
from typing import TYPE_CHECKING

from repro_audit.facts.frames import Frame, Sight
from repro_audit.facts.learners import CHOOSERS, CHOOSING_KEYWORDS
from repro_audit.facts.python import Place
from repro_audit.facts.rows import (
    WHOLE,
    Columns,
    Instance,
    Learnt,
    Mark,
    Part,
    Value,
    flat,
    mixed,
)
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_audit.facts.pieces import Span
    from repro_audit.facts.python import PythonIndex
    from repro_audit.facts.site import Site
    from repro_audit.facts.syntax import Module

NO_LEAK = (Learnt.LAG, Learnt.CORRELATION)


class Ground(ABC):
    """Sights, fresh rows, objects of the repository's classes."""

    def __init__(self, index: PythonIndex, targets: dict[str, frozenset[str]]) -> None:
        self.index = index
        self.targets = targets
        self.sights: dict[Sight, None] = {}
        self.objects: dict[Place, Value] = {}
        self.roots = count(1)
        # What scripts hand to each other: the file that a call reads or writes, by the call, and
        # the rows that were written to a file.
        self.files: dict[tuple[str, Span], str] = {}
        self.written: dict[str, Value] = {}
        # Where settings were searched on all rows, by the origin of the rows.
        self.searched: dict[int, Evidence] = {}
        self.repeated: dict[int, Evidence] = {}
        self.choosers_in: dict[str, bool] = {}
        self.choosing: bool | None = None
        self.steps = 0
        self.depth = 0

    @abstractmethod
    def value(self, node: ast.expr | None, frame: Frame) -> Value:
        """Return what an expression holds."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a target."""

    @abstractmethod
    def rebind(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a target again, whatever it is called."""

    @abstractmethod
    def enter(self, place: Place, given: dict[str, Value], owner: Value | None = None) -> Value:
        """Run a function of the repository."""

    @abstractmethod
    def module(self, path: str) -> dict[str, Value]:
        """Run a module's own code once and return its names."""

    def see(self, kind: str, path: str, line: int, message: str, *, sure: bool = True) -> None:
        """Note something; what was seen for certain stays certain."""
        certain, doubtful = (
            Sight(kind, Evidence(path, line, message), know) for know in (True, False)
        )
        if sure:
            self.sights.pop(doubtful, None)
            self.sights[certain] = None
        elif certain not in self.sights:
            self.sights[doubtful] = None

    def leak(self, mark: Mark, path: str, line: int) -> None:
        """Note that what was learnt from all rows is in a part of them."""
        if mark.learnt not in NO_LEAK:
            place = f"line {line}" if path == mark.path else f"{path}:{line}"
            message = f"{mark.what}, which are parted at {place}"
            self.see(f"leak-{mark.learnt.value}", mark.path, mark.line, message)

    def parted(
        self, values: Iterable[Value], path: str, line: int, message: str, kind: str = "split"
    ) -> None:
        """Note that rows are parted, and everything that was learnt from them before."""
        for value in flat(values):
            if value.part is Part.ALL:
                for mark in sorted(value.marks, key=lambda item: (item.path, item.line, item.what)):
                    self.leak(mark, path, line)
        if message:
            self.see(kind, path, line, message)

    def halves(self, values: Iterable[Value], line: int) -> None:
        """Note that rows by which settings were chosen before are now parted to judge the model."""
        for value in flat(values):
            for root in sorted(value.roots) if value.part is Part.ALL and value.sure else ():
                if root in self.searched:
                    seen = self.searched[root]
                    message = f"{seen.message} on all rows, which are parted at line {line}"
                    self.see("chosen-on-test", seen.path, seen.line, message)

    def fresh(self, part: Part = Part.ALL, *, sure: bool = True) -> Value:
        """Return rows that come from nowhere that was seen before."""
        return Value(part, frozenset({next(self.roots)}), sure=sure, columns=WHOLE)

    def instance_of(self, place: Place, site: Site) -> Value:
        """Make an object of a class of the repository."""
        made = Value(instance=Instance(place.path, place.name))
        self.objects[place] = made
        init = self.method(place, "__init__")
        if init is not None:
            self.enter(init, site.given(), made)
        return made

    def invoke(self, owner: Value, name: str, site: Site) -> Value:
        """Call a method of an object; one that is not in the repository mixes its arguments."""
        instance = owner.instance
        place = (
            self.method(Place(instance.path, instance.name), name) if instance is not None else None
        )
        if place is None:
            return mixed(site.values())._replace(items=None)
        return self.enter(place, site.given(), owner)

    def method(self, place: Place, name: str, depth: int = 0) -> Place | None:
        """Find a method of a class or of its bases in the repository."""
        module = self.index.modules[place.path]
        if f"{place.name}.{name}" in module.functions:
            return Place(place.path, f"{place.name}.{name}")
        kind = module.classes.get(place.name)
        for base in kind.bases if kind is not None and depth < 4 else ():  # noqa: PLR2004 - bases
            found = self.index.locate(base, place.path)
            inner = self.method(found, name, depth + 1) if found is not None else None
            if inner is not None:
                return inner
        return None

    def chooses(self, site: Site) -> bool:
        """Say whether something stops or keeps by what is watched, at this call or in the file."""
        if any(keyword in site.keywords for keyword in CHOOSING_KEYWORDS):
            return True
        path = site.frame.path
        if path not in self.choosers_in:
            self.choosers_in[path] = chooses(self.index.modules[path])
        return self.choosers_in[path]

    def choosers(self) -> bool:
        """Say whether anything in the live code stops or keeps by what is watched."""
        if self.choosing is None:
            self.choosing = any(chooses(module) for module in self.index.live())
        return self.choosing

    def target_among(self, site: Site, rows: Value, target: Value) -> None:
        """Note whether the features still hold the column that is predicted."""
        if not (rows.rows and target.rows and rows.roots & target.roots):
            return
        columns, wanted = rows.columns, target.columns
        if columns is None or wanted is None or not wanted.only or len(wanted.names) != 1:
            return
        name = next(iter(wanted.names))
        last_by_name = name == "#last" and not columns.only and "#last" not in columns.names
        unclear = (name == "#last") is not any(n == "#last" for n in columns.names)
        if unclear and columns.names and not (last_by_name and not columns.names):
            return
        label = "the last column" if name == "#last" else f"the column {name!r}"
        if columns.holds(name):
            site.see("target-inside", f"the features still hold {label}, which is the target")
        else:
            site.see("target-outside", f"{label} is the target and is not among the features")

    def drop_columns(self, site: Site, names: set[str]) -> Value:
        """`drop(columns=...)`; columns that reading cannot name leave the rest unknown."""
        base = site.base._replace(items=None)
        return without(base, names) if names else base._replace(columns=None)

    def pop_column(self, site: Site, name: str) -> Value:
        """`pop` takes a column out of its frame and returns it."""
        func = site.node.func
        if name and isinstance(func, ast.Attribute):
            self.rebind(func.value, without(site.base, {name}), site.frame)
        only = Columns(only=True, names=frozenset({name})) if name else None
        return site.base._replace(columns=only, items=None)


def chooses(module: Module) -> bool:
    """Say whether a file makes an early stopper, a keeper of the best or the like."""
    return any(
        call.method in CHOOSERS
        or any(call.argument(keyword) is not None for keyword in CHOOSING_KEYWORDS)
        for call in module.calls
    )


def without(value: Value, names: set[str]) -> Value:
    """Take columns away."""
    columns = value.columns
    if columns is None:
        return value
    left = columns.names - names if columns.only else columns.names | names
    return value._replace(columns=Columns(columns.only, frozenset(left)))


def with_column(columns: Columns, name: str) -> Columns:
    """Add a column."""
    names = columns.names | {name} if columns.only else columns.names - {name}
    return Columns(columns.only, frozenset(names))
