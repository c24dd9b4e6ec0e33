"""Which code runs from which entry point, in about the order in which it would run."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.callgraph import NOWHERE, CallGraph
from repro_audit.facts.calls import Calls
from repro_audit.facts.closure import Closure
from repro_audit.facts.configs import Configs
from repro_audit.facts.python import LIVE, Place, PythonIndex
from repro_audit.facts.starts import Starts
from repro_audit.facts.syntax import MAIN
from repro_audit.facts.tracer import Tracer
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


@dataclass
class Trace:
    """What an entry point reaches: the places entered, and the calls of chance, each in order.

    Of the calls of a large package hardly one in a hundred has to do with chance, and nothing
    else asks for their order; any other is reached when the place it stands in was entered.
    """

    entry: str
    graph: CallGraph
    own: array[int]
    chance: list[Call]
    # What it has in common with other entry points.
    common: Closure | None = None

    @property
    def paths(self) -> set[str]:
        """The files in which something was entered."""
        own = set(map(self.graph.paths.__getitem__, self.own))
        return own if self.common is None else own | self.common.paths

    def reaches(self, numbers: set[int]) -> bool:
        """Say whether one of the places of these numbers was entered."""
        if self.common is not None and not self.common.places.keys().isdisjoint(numbers):
            return True
        return not numbers.isdisjoint(self.own)


class Tracing:
    """Follows the graph from each entry point; what several have in common is done once."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.loaded: dict[int, Tracer] = {}
        self.bases: dict[frozenset[int], Closure] = {}

    def run(self, entry: str, *, starts: Iterable[Place] = (), offers: bool = False) -> Trace:
        """Return the trace of the module at `entry`, run, or used for what it offers.

        `starts` are the functions that a tool calls by name.
        """
        number, index = self.graph.number, self.graph.index
        tracer = self.begun(number(Place(entry, "")))
        tracer.enter(tracer.start, 0)
        tracer.enter(number(Place(entry, MAIN)), 0)
        for started in starts:
            tracer.enter(number(started), 0)
        for name in index.modules[entry].aliases if offers else ():
            place = index.locate(name, entry) or index.symbol(entry, name, 0)
            if place is not None and place.name:
                tracer.later.append(number(place))
                methods = index.modules[place.path].functions.items()
                owned = [item for item, function in methods if function.owner == place.name]
                tracer.later += [number(Place(place.path, item)) for item in owned]
        tracer.finish()
        return self.completed(entry, tracer)

    def begun(self, start: int) -> Tracer:
        """Return a trace that has loaded what a script loads first, as many others do."""
        first = next(iter(self.graph.step(start)[0]), NOWHERE)
        tracer = self.loaded.get(first)
        if tracer is None:
            tracer = self.loaded[first] = Tracer(self.graph)
            if first != NOWHERE:
                tracer.enter(first, 1)
        # What leads back to the script is another matter.
        tracer = tracer.copy() if start not in tracer.entered else Tracer(self.graph)
        # To copy is work as well, and takes room.
        self.graph.left -= len(tracer.entered)
        tracer.start = start
        return tracer

    def completed(self, entry: str, tracer: Tracer) -> Trace:
        """Add what is made at an unknown moment, of which most follows from what is loaded."""
        graph, own = self.graph, tracer.entered
        if not tracer.last:
            return Trace(entry, graph, array("l", own), tracer.chance)
        modules = frozenset(graph.modules & own.keys()) - {tracer.start}
        base = self.bases.get(modules)
        if base is None:
            base = self.bases[modules] = Closure(graph)
            base.add(number for number in own if number in modules)
        rest = Closure(graph, base)
        waiting = {
            name: [graph.methods[name][at] for at in found]
            for name, found in tracer.waiting.items()
            if found
        }
        rest.resume(own, tracer.asked, waiting)
        rest.add(tracer.last)
        later = [call for at, call in (*rest.chance, *base.chance) if at not in own]
        places = array("l", (n for n in rest.places if n not in base.places))
        return Trace(entry, graph, places, tracer.chance + later, base)


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
        graph = CallGraph(index, targets)
        tracing = Tracing(graph)
        starts = repo.fact(Starts).by_path
        entries = sorted({*entry_points(index), *starts})
        traces = {}
        for number, path in enumerate(entries, 1):
            repo.tell(f"following program {number} of {len(entries)}")
            traces[path] = tracing.run(path, starts=starts.get(path, ()))
        if graph.left < 0:
            repo.skips[CALLS] = "too many calls from too many scripts to follow all of them"
        training = {graph.number(site(call, index)) for call in fitting(index.made)}
        trained = [path for path, trace in traces.items() if trace.reaches(training)]
        offered = (path not in starts and only_offered(path, index) for path in trained)
        if trained and all(offered):
            # Nobody runs a package's own modules: its users call what it offers.
            traces |= {path: tracing.run(path, offers=True) for path in packages(index)}
        numbers: dict[int, None] = {}
        for trace in traces.values():
            numbers |= dict.fromkeys(trace.own)
            numbers |= trace.common.places if trace.common is not None else {}
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
