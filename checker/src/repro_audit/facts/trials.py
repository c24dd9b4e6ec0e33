"""Tests one by one: what each reaches, whether it trains, what it compares, whether it is run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.errands import Errands
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import Place, PythonIndex
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Module
    from repro_audit.repository import Repository

DEEPEST = 8
MOST_PLACES = 400
SKIPPED = re.compile(r"(^|\.)(skip|skipif|xfail|skipUnless|skipIf|RunIf|require\w*)$")
MARKED = re.compile(r"\bmark\.(\w+)$")
LEFT_OUT = re.compile(r"-m\s*[\"'\\]*\s*not \(?(\w+)( or \w+)*|--?skip[-_](slow|gpu)")
QUICK = "fast_dev_run"
KINDS = {"isinstance", "issubclass"}


class Trial(NamedTuple):
    """One test function; `texts` are the strings of its scope."""

    path: str
    line: int
    name: str
    arguments: tuple[str, ...]
    trains: bool
    skipped: bool
    quick: bool
    checks: int
    calls: tuple[str, ...]
    texts: tuple[str, ...]

    def evidence(self, message: str) -> Evidence:
        """Point at the test."""
        return Evidence(self.path, self.line, message)


class Reach:
    """Says whether a function leads to training, through the functions that it calls."""

    def __init__(self, repo: Repository) -> None:
        self.index = repo.fact(PythonIndex)
        self.known: dict[Place, tuple[Place, ...]] = {}
        self.training = {(call.path, call.scope) for call in training_calls(repo)}
        reached = repo.fact(Flow).traces.items()
        paths = {path for path, _ in self.training}
        self.scripts = {
            entry.rpartition("/")[2]
            for entry, trace in reached
            # Every package has an `__init__.py`, and nobody starts one by that name.
            if not entry.endswith("__.py") and not paths.isdisjoint(trace.paths)
        }

    def trains(self, start: Place) -> bool:
        """Follow calls from `start`, not deeper and not further than a bound."""
        seen: set[Place] = set()
        layer = [start]
        for _ in range(DEEPEST):
            following: list[Place] = []
            for place in layer:
                if (place.path, place.name) in self.training:
                    return True
                new = [item for item in self.called(place) if item not in seen]
                following += new
                seen.update(new)
            layer = following
            if not layer or len(seen) > MOST_PLACES:
                return False
        return False

    def called(self, place: Place) -> tuple[Place, ...]:
        """Return the functions of the repository that a function calls; looked up once."""
        if place not in self.known:
            self.known[place] = tuple(dict.fromkeys(self.following(place)))
        return self.known[place]

    def following(self, place: Place) -> Iterator[Place]:
        """Yield the functions of the repository that a function calls."""
        module = self.index.modules.get(place.path)
        if module is None:
            return
        if place.name in module.classes:
            for name in module.functions:
                if name.startswith(f"{place.name}."):
                    yield Place(place.path, name)
            return
        # What is asked for its class is not made.
        asked = {item.line for item in module.calls_in.get(place.name, ()) if item.name in KINDS}
        for reference in module.by_scope.get(place.name, ()):
            if reference.call is None and reference.line in asked:
                continue
            found = self.index.locate(reference.name, place.path, reference.scope)
            if found is not None and found.name:
                yield found

    def starts(self, texts: tuple[str, ...]) -> bool:
        """Say whether texts of a test name a script that trains, as a command does."""
        words = {word.rpartition("/")[2] for text in texts for word in text[:300].split()}
        return bool(words & self.scripts)


class Trials(NamedTuple):
    """All tests."""

    all: tuple[Trial, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Trials:
        """Look at each test function of the test modules."""
        index = repo.fact(PythonIndex)
        reach = Reach(repo)
        out = left_out(repo)
        return cls(tuple(item for module in index.tests() for item in trials(module, reach, out)))


def left_out(repo: Repository) -> frozenset[str]:
    """Return the marks whose tests pytest is told to leave out."""
    files = repo.matching("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini", "conftest.py")
    lines = [line for file in files for line in repo.lines(file.path)]
    lines += [text for item in repo.fact(Errands).all for text in item.texts]
    found = (LEFT_OUT.search(line[:500]) for line in lines)
    return frozenset(word for item in found if item for word in re.findall(r"\w+", item.group()))


def skips(decorator: str, out: frozenset[str]) -> bool:
    """Say whether a decorator leaves a test out, always or by the options of pytest."""
    mark = MARKED.search(decorator)
    return bool(SKIPPED.search(decorator)) or (mark is not None and mark.group(1) in out)


def trials(module: Module, reach: Reach, out: frozenset[str]) -> Iterator[Trial]:
    """Yield the test functions of one module."""
    everywhere = tuple(text.value for text in module.texts_in.get("", ()))
    checks = Counter(check.scope for check in module.checks)
    for name, function in module.functions.items():
        if not name.rpartition(".")[2].startswith("test"):
            continue
        texts = tuple(text.value for text in module.texts_in.get(name, ()))
        assigned = [item.target for item in module.assigned_in.get(name, ())]
        made = module.calls_in.get(name, ())
        keywords = {word for call in made for word in call.words if word}
        yield Trial(
            path=module.path,
            line=function.line,
            name=name,
            arguments=function.parameters,
            trains=reach.trains(Place(module.path, name)) or reach.starts((*texts, *everywhere)),
            skipped=any(skips(item, out) for item in function.decorators),
            quick=QUICK in name or any(QUICK in text for text in (*keywords, *texts, *assigned)),
            checks=checks[name],
            calls=tuple(call.name for call in made),
            texts=texts,
        )
