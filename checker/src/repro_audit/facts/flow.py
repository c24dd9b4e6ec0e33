"""Which code runs from which entry point, in about the order in which it would run."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from repro_audit.facts.configs import Configs
from repro_audit.facts.python import LIVE, Place, PythonIndex
from repro_audit.facts.training import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Import, Module, Reference
    from repro_audit.repository import Repository

    Scope = tuple[list[Import], list[Reference]]

LIBRARY_FOLDERS = {"__init__.py", "setup.py", "conftest.py", "noxfile.py", "tasks.py"}
# Modules of a package that are programs: `python -m study.train`.
RUN = re.compile(
    r"(__main__|main|train|run|fit|cli|app|reproduce|experiments?|evaluate)(_\w+)?\.py$"
)
PLAIN_BASES = {"object", "ABC", "abc.ABC", "Protocol", "typing.Protocol", "Enum", "enum.Enum"}
HYDRA = ("hydra.main", "hydra.utils.instantiate", "hydra.utils.call", "hydra.compose")


@dataclass(frozen=True)
class Step:
    """One used name on the way."""

    path: str
    reference: Reference

    @property
    def call(self) -> Call | None:
        """The call that is made, if the name is called."""
        return self.reference.call


@dataclass
class Trace:
    """What an entry point reaches: steps in order, and the places that were entered."""

    entry: str
    steps: list[Step] = field(default_factory=list)
    places: set[Place] = field(default_factory=set)
    made: list[Call] = field(default_factory=list)

    def calls(self) -> Iterator[Call]:
        """Yield the reached calls in order."""
        return iter(self.made)


class Tracer:
    """Follows references from one entry point; what a framework calls later comes last."""

    def __init__(self, index: PythonIndex, targets: list[str]) -> None:
        self.index = index
        self.targets = targets
        self.trace = Trace("")
        self.later: deque[Place] = deque()
        # What a configuration names is made somewhere on the way, at an unknown moment: it is
        # taken last, so that nothing is called late without a sign of it.
        self.last: deque[Place] = deque()
        # Methods by name, each with the class that must have been made.
        self.methods: dict[str, list[tuple[Place, tuple[str, str]]]] = {}
        self.made: set[tuple[str, str]] = set()
        self.scopes: dict[str, dict[str, Scope]] = {}
        for module in index.live():
            for name, function in module.functions.items():
                if function.owner:
                    owner, _, method = name.rpartition(".")
                    found = (Place(module.path, name), (module.path, owner))
                    self.methods.setdefault(method, []).append(found)

    def run(self, entry: str, *, offers: bool = False) -> Trace:
        """Return the trace of the module at `entry`, run, or used for what it offers."""
        self.trace = Trace(entry)
        self.made = set()
        self.enter(Place(entry, ""), 0)
        for name in self.index.modules[entry].aliases if offers else ():
            place = self.index.locate(name, entry) or self.index.symbol(entry, name, 0)
            if place is not None and place.name:
                self.later.append(place)
                methods = self.index.modules[place.path].functions.items()
                owned = [item for item, function in methods if function.owner == place.name]
                self.later += [Place(place.path, item) for item in owned]
        while self.later or self.last:
            self.enter((self.later or self.last).popleft(), 0)
        return self.trace

    def enter(self, place: Place, depth: int) -> None:
        """Run the code of one scope, or make one class."""
        module = self.index.modules.get(place.path)
        if module is None or place in self.trace.places or depth > 200:  # noqa: PLR2004 - recursion
            return
        self.trace.places.add(place)
        self.made.add((place.path, place.name))
        if place.name in module.classes:
            self.make(module, place, depth)
            return
        imports, references = self.scope(module, place.name)
        for item in imports:
            self.load(item.module, item.name, place.path, depth)
        for reference in references:
            self.follow(module, reference, depth)

    def scope(self, module: Module, name: str) -> Scope:
        """Return the imports and references of one scope; a module is sorted by scope once."""
        if module.path not in self.scopes:
            found = self.scopes[module.path] = {}
            for item in module.imports:
                found.setdefault(item.scope, ([], []))[0].append(item)
            for reference in module.references:
                found.setdefault(reference.scope, ([], []))[1].append(reference)
        return self.scopes[module.path].get(name, ([], []))

    def load(self, name: str, symbol: str, importer: str, depth: int) -> None:
        """Run the module that an import names, and the package it stands in."""
        joint = "" if name.endswith(".") else "."
        for candidate in (name, f"{name}{joint}{symbol}" if symbol else ""):
            path = self.index.module_path(candidate, importer) if candidate else None
            if path is not None and path != importer:
                self.enter(Place(path, ""), depth + 1)

    def follow(self, module: Module, reference: Reference, depth: int) -> None:
        """Note one reference and go where it leads."""
        self.trace.steps.append(Step(module.path, reference))
        if reference.call is not None:
            self.trace.made.append(reference.call)
        place = self.index.locate(reference.name, module.path, reference.scope)
        if place is not None and place.name:
            if reference.call is None:
                self.later.append(place)
            else:
                self.enter(place, depth + 1)
                if reference.name.startswith("self."):
                    self.through_object(reference, depth)
        elif place is None and reference.call is not None:
            self.through_object(reference, depth)
        if reference.name in HYDRA:
            self.hydra(module.path)

    def through_object(self, reference: Reference, depth: int) -> None:
        """Follow `thing.method()` to the methods of that name of classes already made."""
        _, dot, method = reference.name.rpartition(".")
        for place, owner in self.methods.get(method, ()) if dot else ():
            if owner in self.made:
                self.enter(place, depth + 1)

    def make(self, module: Module, place: Place, depth: int) -> None:
        """Run a class's constructor; its other methods are a framework's to call, if it has one."""
        kind = module.classes[place.name]
        for base in kind.bases:
            found = self.index.locate(base, module.path)
            if found is not None:
                self.enter(found, depth + 1)
        foreign = any(self.foreign(base, module.path) for base in kind.bases)
        for name, function in module.functions.items():
            if function.owner != place.name:
                continue
            method = name.rpartition(".")[2]
            if method in {"__init__", "__post_init__", "__new__"}:
                self.enter(Place(module.path, name), depth + 1)
            elif method.startswith("__") or foreign:
                self.later.append(Place(module.path, name))

    def foreign(self, base: str, path: str, depth: int = 0) -> bool:
        """Say whether a base class leads to a class of another distribution."""
        found = self.index.locate(base, path)
        if found is None or depth > 10:  # noqa: PLR2004 - a loop of bases
            return found is None and base not in PLAIN_BASES
        kind = self.index.modules[found.path].classes.get(found.name)
        return kind is not None and any(
            self.foreign(name, found.path, depth + 1) for name in kind.bases
        )

    def hydra(self, path: str) -> None:
        """Reach what the configuration names: Hydra makes it from `_target_`."""
        for target in self.targets:
            place = self.index.locate(target, path)
            if place is not None:
                self.last.append(Place(place.path, ""))
                self.last.append(place)


@dataclass(frozen=True)
class Flow:
    """Traces of all entry points."""

    traces: dict[str, Trace]

    @classmethod
    def collect(cls, repo: Repository) -> Flow:
        """Trace every script, notebook and console script of the live code."""
        index = repo.fact(PythonIndex)
        targets = sorted({str(entry.value) for entry in repo.fact(Configs).entries("_target_")})
        tracer = Tracer(index, targets)
        traces = {path: tracer.run(path) for path in entry_points(index)}
        fitting = [path for path, trace in traces.items() if any(map(fits, trace.calls()))]
        if fitting and all(only_offered(path, index) for path in fitting):
            # Nobody runs a package's own modules: its users call what it offers.
            traces |= {path: tracer.run(path, offers=True) for path in packages(index)}
        return cls(traces)

    def reached(self) -> set[Place]:
        """Return every place that some entry point enters."""
        return {place for trace in self.traces.values() for place in trace.places}

    def live_calls(self) -> Iterator[Call]:
        """Yield each call that some entry point reaches, once."""
        return iter(self.live)

    @cached_property
    def live(self) -> tuple[Call, ...]:
        """The calls that some entry point reaches, in order."""
        every = (call for trace in self.traces.values() for call in trace.made)
        return tuple({id(call): call for call in every}.values())


def only_offered(path: str, index: PythonIndex) -> bool:
    """Say whether a file is a module of a package that nobody would run as a program."""
    return in_package(path, index) and not RUN.match(path.rpartition("/")[2])


def in_package(path: str, index: PythonIndex) -> bool:
    """Say whether a file is a module of a package rather than a script."""
    folder = path.rpartition("/")[0]
    return path.endswith(".py") and f"{folder}/__init__.py" in index.modules


def packages(index: PythonIndex) -> list[str]:
    """Return the `__init__.py` of the packages that stand in no other package."""
    return [
        path
        for path in index.modules
        if path.endswith("/__init__.py")
        and index.roles[path] in LIVE
        and not in_package(path.rpartition("/")[0] + ".py", index)
    ]


def entry_points(index: PythonIndex) -> list[str]:
    """Return the files that are run: guarded scripts, notebooks, and scripts nobody imports."""
    imported: set[str] = set()
    for module in index.live():
        for item in module.imports:
            joint = "" if item.module.endswith(".") else "."
            for name in (item.module, f"{item.module}{joint}{item.name}"):
                path = index.module_path(name, module.path)
                if path is not None and path != module.path:
                    imported.add(path)
    found: list[str] = []
    for path, module in index.modules.items():
        if index.roles[path] not in LIVE or path.rpartition("/")[2] in LIBRARY_FOLDERS:
            continue
        acts = any(call.scope == "" for call in module.calls)
        if module.runs_itself or path.endswith(".ipynb") or (acts and path not in imported):
            found.append(path)
    return sorted(found)
