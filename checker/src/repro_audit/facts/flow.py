"""Which code runs from which entry point, in about the order in which it would run."""

from __future__ import annotations

from array import array
from bisect import bisect_right, insort
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.callgraph import HYDRA, NOWHERE, CallGraph
from repro_audit.facts.calls import Calls
from repro_audit.facts.configs import Configs
from repro_audit.facts.python import LIVE, Place, PythonIndex
from repro_audit.facts.starts import Starts
from repro_audit.facts.syntax import MAIN
from repro_audit.facts.training import fitting
from repro_audit.unread import CALLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

LIBRARY_FOLDERS = {"__init__.py", "setup.py", "conftest.py", "noxfile.py", "tasks.py"}
# Modules of a package that are programs: `python -m study.train`.
RUN = re.compile(
    r"(__main__|main|train|run|fit|cli|app|reproduce|experiments?|evaluate)(_\w+)?\.py$"
)
DEEPEST = 200
# Some hundred times what the largest repositories of the field need.
MOST_ACTS = 20_000_000


@dataclass
class Trace:
    """What an entry point reaches: the places entered, and the calls of chance, each in order.

    Of the calls of a large package hardly one in a hundred has to do with chance, and nothing
    else asks for their order; any other is reached when the place it stands in was entered.
    """

    entry: str
    graph: CallGraph
    entered: array[int]
    chance: list[Call]

    @property
    def paths(self) -> set[str]:
        """The files in which something was entered."""
        return set(map(self.graph.paths.__getitem__, self.entered))

    def reaches(self, numbers: set[int]) -> bool:
        """Say whether one of the places of these numbers was entered."""
        return not numbers.isdisjoint(self.entered)


class Tracer:
    """Follows the graph from one entry point; what a framework calls later comes last."""

    def __init__(self, graph: CallGraph, targets: list[str]) -> None:
        self.graph = graph
        self.steps = graph.steps
        self.index = graph.index
        self.targets = targets
        self.entered: dict[int, None] = {}
        self.chance: list[Call] = []
        self.left = MOST_ACTS
        self.later: deque[int] = deque()
        # What a configuration names is made somewhere on the way, at an unknown moment: it is
        # taken last, so that nothing is called late without a sign of it.
        self.last: deque[int] = deque()
        # The methods of classes already made that may not have been entered yet, by name.
        self.waiting: dict[str, list[int]] = {}
        self.start = NOWHERE
        # The methods that were called on objects of unknown class, by name.
        self.asked: set[str] = set()
        self.inherited: dict[int, list[tuple[str, int]]] = {}

    def run(self, entry: str, *, starts: Iterable[Place] = (), offers: bool = False) -> Trace:
        """Return the trace of the module at `entry`, run, or used for what it offers.

        `starts` are the functions that a tool calls by name.
        """
        self.entered, self.chance, self.waiting, self.asked = {}, [], {}, set()
        number = self.graph.number
        self.start = number(Place(entry, ""))
        self.enter(self.start, 0)
        self.enter(number(Place(entry, MAIN)), 0)
        for started in starts:
            self.enter(number(started), 0)
        for name in self.index.modules[entry].aliases if offers else ():
            place = self.index.locate(name, entry) or self.index.symbol(entry, name, 0)
            if place is not None and place.name:
                self.later.append(number(place))
                methods = self.index.modules[place.path].functions.items()
                owned = [item for item, function in methods if function.owner == place.name]
                self.later += [number(Place(place.path, item)) for item in owned]
        while self.later or self.last:
            next_one = (self.later or self.last).popleft()
            if next_one not in self.entered:
                self.enter(next_one, 0)
                if next_one in self.graph.made:
                    self.answer(next_one)
        return Trace(entry, self.graph, array("l", self.entered), self.chance)

    def enter(self, number: int, depth: int) -> None:  # noqa: C901, PLR0912 - see below
        """Run the code of one scope, or make one class."""
        entered, waiting, asked = self.entered, self.waiting, self.asked
        if number in entered or depth > DEEPEST or self.left < 0:
            return
        entered[number] = None
        first, acts, owned = self.steps.get(number) or self.graph.step(number)
        self.left -= len(acts)
        # These few lines run millions of times in a large repository: no call that does nothing.
        for method, place in owned:
            ready = waiting.get(method)
            if ready is None:
                waiting[method] = [place]
            elif not ready or ready[-1] < place:
                ready.append(place)
            else:
                insort(ready, place)
        for target in first:
            if target not in entered:
                self.enter(target, depth + 1)
        leaves = self.graph.leaves
        for call, target, now, method in acts:
            if call is not None:
                self.chance.append(call)
            if target != NOWHERE and target not in entered:
                if not now:
                    self.put_off(target, number)
                elif target in leaves and depth < DEEPEST:
                    entered[target] = None
                else:
                    self.enter(target, depth + 1)
            if method:
                ready = waiting.get(method)
                if ready:
                    self.through_object(method, depth)
                elif ready is None and method not in asked:
                    self.ask(method, number)

    def put_off(self, target: int, number: int) -> None:
        """Keep a place for later that another one only names."""
        # What an imported module names at its top is kept for use: `MODELS = {"small": small}`.
        aside = not self.graph.places[number].name and number != self.start
        (self.last if aside else self.later).append(target)

    def ask(self, method: str, number: int) -> None:
        """Keep in mind a method that no class made so far has, or let Hydra make its objects."""
        if method in HYDRA:
            self.hydra(self.graph.places[number].path)
        else:
            self.asked.add(method)

    def through_object(self, method: str, depth: int) -> None:
        """Follow `thing.method()` to the methods of that name of classes already made."""
        waiting, places = self.waiting[method], self.graph.methods[method]
        position = -1
        # More may come to wait while one is entered: those behind it in order are taken too.
        while (next_one := bisect_right(waiting, position)) < len(waiting):
            position = waiting[next_one]
            if places[position] in self.entered:
                del waiting[next_one]
            else:
                self.enter(places[position], depth + 1)

    def answer(self, number: int) -> None:
        """Follow what was called before on a class that was only named: `kind = Net; kind.fit()`.

        Its bases have waited with it; their methods are its own.
        """
        asked, entered = self.asked, self.entered
        methods = self.inherited.get(number) or self.methods_of(number)
        self.later += [place for name, place in methods if name in asked and place not in entered]

    def methods_of(self, number: int) -> list[tuple[str, int]]:
        """Return the methods of a class and of its bases; kept once all of these are known."""
        chain, found = [number], list[tuple[str, int]]()
        for kind in chain:
            if kind in self.graph.made:
                first, _, owned = self.graph.step(kind)
                chain += [base for base in first if base not in chain]
                found += [(name, self.graph.methods[name][at]) for name, at in owned]
        if all(kind in self.steps for kind in chain):
            self.inherited[number] = found
        return found

    def hydra(self, path: str) -> None:
        """Reach what the configuration names: Hydra makes it from `_target_`."""
        for target in self.targets:
            place = self.index.locate(target, path)
            if place is not None:
                self.last.append(self.graph.number(Place(place.path, "")))
                self.last.append(self.graph.number(place))


@dataclass(frozen=True)
class Flow:
    """Traces of all entry points, the places entered from any of them, and the calls made there."""

    graph: CallGraph
    traces: dict[str, Trace]
    entered: frozenset[Place]
    live: tuple[Call, ...]

    @cached_property
    def calls(self) -> Calls:
        """The calls made there, found by name, method or keyword."""
        return Calls(self.live)

    @classmethod
    def collect(cls, repo: Repository) -> Flow:
        """Trace every script, notebook and console script of the live code."""
        index = repo.fact(PythonIndex)
        targets = sorted({str(entry.value) for entry in repo.fact(Configs).entries("_target_")})
        graph = CallGraph(index)
        tracer = Tracer(graph, targets)
        starts = repo.fact(Starts).by_path
        entries = sorted({*entry_points(index), *starts})
        traces = {path: tracer.run(path, starts=starts.get(path, ())) for path in entries}
        if tracer.left < 0:
            repo.skips[CALLS] = "too many calls from too many scripts to follow all of them"
        training = {graph.number(site(call, index)) for call in fitting(index.made)}
        trained = [path for path, trace in traces.items() if trace.reaches(training)]
        offered = (path not in starts and only_offered(path, index) for path in trained)
        if trained and all(offered):
            # Nobody runs a package's own modules: its users call what it offers.
            traces |= {path: tracer.run(path, offers=True) for path in packages(index)}
        numbers: dict[int, None] = {}
        for trace in traces.values():
            numbers |= dict.fromkeys(trace.entered)
        places = tuple(graph.places[number] for number in numbers)
        made = tuple(call for place in places for call in made_in(place, index))
        return cls(graph, traces, frozenset(places), made)

    def entries(self, calls: Iterable[Call]) -> set[str]:
        """Return the entry points that reach one of `calls`."""
        numbers = {self.graph.number(site(call, self.graph.index)) for call in calls}
        return {path for path, trace in self.traces.items() if trace.reaches(numbers)}


def made_in(place: Place, index: PythonIndex) -> Iterator[Call]:
    """Yield the calls that stand in a place; a class has none of its own."""
    module = index.modules[place.path]
    if place.name not in module.classes:
        references = module.by_scope.get(place.name, ())
        yield from (item.call for item in references if item.call is not None)


def site(call: Call, index: PythonIndex) -> Place:
    """Return the place in which a call stands; what only a run of its file makes stands apart."""
    guarded = not call.scope and id(call) in index.modules[call.path].guarded
    return Place(call.path, MAIN if guarded else call.scope)


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
