"""Which code runs from which entry point, in about the order in which it would run."""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

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


@dataclass
class Trace:
    """What an entry point reaches: calls in order, and the places that were entered."""

    entry: str
    places: set[Place] = field(default_factory=set)
    made: list[Call] = field(default_factory=list)

    def calls(self) -> Iterator[Call]:
        """Yield the reached calls in order."""
        return iter(self.made)


class Act(NamedTuple):
    """What one used name does: the call that is made, and where it leads.

    `method` is the bare name of a method that is called on an object of unknown class.
    """

    call: Call | None
    place: Place | None
    method: str
    hydra: bool


class Tracer:
    """Follows references from one entry point; what a framework calls later comes last.

    What a scope or a class does is worked out once and then followed from every entry point.
    """

    def __init__(self, index: PythonIndex, targets: list[str]) -> None:
        self.index = index
        self.targets = targets
        self.trace = Trace("")
        self.later: deque[Place] = deque()
        # What a configuration names is made somewhere on the way, at an unknown moment: it is
        # taken last, so that nothing is called late without a sign of it.
        self.last: deque[Place] = deque()
        # Methods by name; and by class, the numbers under which its methods stand there.
        self.methods: dict[str, list[Place]] = {}
        self.owned: dict[Place, list[tuple[str, int]]] = {}
        # The methods of classes already made that may not have been entered yet, by name.
        self.waiting: dict[str, list[int]] = {}
        self.scopes: dict[str, dict[str, Scope]] = {}
        self.acts: dict[Place, tuple[list[Place], list[Act]]] = {}
        self.classes: dict[Place, tuple[list[Place], list[tuple[Place, bool]]]] = {}
        for module in index.live():
            for name, function in module.functions.items():
                if function.owner:
                    owner, _, method = name.rpartition(".")
                    same = self.methods.setdefault(method, [])
                    number = (method, len(same))
                    self.owned.setdefault(Place(module.path, owner), []).append(number)
                    same.append(Place(module.path, name))

    def run(self, entry: str, *, offers: bool = False) -> Trace:
        """Return the trace of the module at `entry`, run, or used for what it offers."""
        self.trace = Trace(entry)
        self.waiting = {}
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
        entered = self.trace.places
        if place in entered or depth > 200:  # noqa: PLR2004 - recursion
            return
        module = self.index.modules.get(place.path)
        if module is None:
            return
        entered.add(place)
        for method, number in self.owned.get(place, ()):
            insort(self.waiting.setdefault(method, []), number)
        if place.name in module.classes:
            self.make(module, place, depth)
            return
        found = self.acts.get(place)
        if found is None:
            found = self.acts[place] = self.scope(module, place.name)
        loads, acts = found
        for target in loads:
            if target not in entered:
                self.enter(target, depth + 1)
        for act in acts:
            self.follow(act, module.path, depth)

    def scope(self, module: Module, name: str) -> tuple[list[Place], list[Act]]:
        """Return what the imports of one scope load, and what its references do."""
        imports, references = self.by_scope(module).get(name, ([], []))
        loads = [
            place for item in imports for place in self.loads(item.module, item.name, module.path)
        ]
        acts = [self.act(item, module.path) for item in references]
        return loads, [act for act in acts if any(act)]

    def by_scope(self, module: Module) -> dict[str, Scope]:
        """Return the imports and references of a module by scope; it is sorted once."""
        if module.path not in self.scopes:
            found = self.scopes[module.path] = {}
            for item in module.imports:
                found.setdefault(item.scope, ([], []))[0].append(item)
            for reference in module.references:
                found.setdefault(reference.scope, ([], []))[1].append(reference)
        return self.scopes[module.path]

    def loads(self, name: str, symbol: str, importer: str) -> Iterator[Place]:
        """Yield the module that an import names, and the package it stands in."""
        joint = "" if name.endswith(".") else "."
        for candidate in (name, f"{name}{joint}{symbol}" if symbol else ""):
            path = self.index.module_path(candidate, importer) if candidate else None
            if path is not None and path != importer:
                yield Place(path, "")

    def act(self, reference: Reference, path: str) -> Act:
        """Say what one reference does."""
        place = self.index.locate(reference.name, path, reference.scope)
        named = place if place is not None and place.name else None
        called = reference.call is not None
        own = reference.name.startswith("self.")
        free = called and (place is None or (named is not None and own))
        _, dot, method = reference.name.rpartition(".")
        target = method if free and dot and method in self.methods else ""
        return Act(reference.call, named, target, reference.name in HYDRA)

    def follow(self, act: Act, path: str, depth: int) -> None:
        """Note one reference and go where it leads."""
        call, place, method, hydra = act
        if call is not None:
            self.trace.made.append(call)
        if place is not None and place not in self.trace.places:
            if call is None:
                self.later.append(place)
            else:
                self.enter(place, depth + 1)
        if method and method in self.waiting:
            self.through_object(method, depth)
        if hydra:
            self.hydra(path)

    def through_object(self, method: str, depth: int) -> None:
        """Follow `thing.method()` to the methods of that name of classes already made."""
        waiting, places = self.waiting[method], self.methods[method]
        number = -1
        # More may come to wait while one is entered: those behind it in order are taken too.
        while (next_one := bisect_right(waiting, number)) < len(waiting):
            number = waiting[next_one]
            if places[number] in self.trace.places:
                del waiting[next_one]
            else:
                self.enter(places[number], depth + 1)

    def make(self, module: Module, place: Place, depth: int) -> None:
        """Run a class's constructor; its other methods are a framework's to call, if it has one."""
        if place not in self.classes:
            self.classes[place] = self.parts(module, place)
        bases, methods = self.classes[place]
        for base in bases:
            self.enter(base, depth + 1)
        for method, now in methods:
            if now:
                self.enter(method, depth + 1)
            else:
                self.later.append(method)

    def parts(self, module: Module, place: Place) -> tuple[list[Place], list[tuple[Place, bool]]]:
        """Return a class's bases, and the methods that are called: now, or later."""
        kind = module.classes[place.name]
        found = [self.index.locate(base, module.path) for base in kind.bases]
        foreign = any(self.foreign(base, module.path) for base in kind.bases)
        methods: list[tuple[Place, bool]] = []
        for name, function in module.functions.items():
            if function.owner != place.name:
                continue
            method = name.rpartition(".")[2]
            now = method in {"__init__", "__post_init__", "__new__"}
            if now or method.startswith("__") or foreign:
                methods.append((Place(module.path, name), now))
        return [base for base in found if base is not None], methods

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
        return self.entered

    @cached_property
    def entered(self) -> set[Place]:
        """Every place that some entry point enters."""
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
