"""Where two files of one project contradict each other: packages, locks, the seed.

Files are compared when they are used together: they stand in one folder and their names state the
same purpose, or one includes the other. `requirements-dev.txt` beside `requirements.txt`, a list
for a processor beside one for an accelerator, and ranges that overlap contradict nothing.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.dependencies import Dependencies, development
from repro_audit.facts.prose import Prose
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.worth import State
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.facts.locks import Lock
    from repro_audit.facts.requirement import Declared
    from repro_audit.repository import Repository

PLAIN = {"requirements", "requirement", "environment", "env", "conda", "pip", "pyproject", "setup"}
PLAIN |= {"pipfile", "constraints", "dependencies", "deps", "base", "main", "lock", "uv", "poetry"}
PLAIN |= {"pdm", "pylock", "pixi", "all", "linux", "64"}
FOLDERS = {"requirements", "reqs", "envs"}
OTHER_NAMES = {"pytorch": "torch", "tensorflow-gpu": "tensorflow", "tensorflow-cpu": "tensorflow"}
SEED = re.compile(
    r"\bseeds?\b\s*(?:(?:is|was|of|set|fixed|to|at|value|default|defaults|[:=(])\s*){0,4}`?"
    r"(\d{1,10})\b(?!\s*(?:[,;]\s*\d|and\b|or\b|to\b|[-–.]\s*\d|seeds|runs|times))",  # noqa: RUF001
    re.IGNORECASE,
)
Pair = tuple[Evidence, Evidence]


class Consistency(NamedTuple):
    """Pairs of places that contradict each other, by what they speak of."""

    packages: tuple[Pair, ...]
    locks: tuple[Pair, ...]
    seeds: tuple[Pair, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Consistency:
        """Compare the files that are used together."""
        deps = repo.fact(Dependencies)
        return cls(tuple(packages(deps)), (*stale(deps), *rivals(deps)), tuple(seeds(repo)))


def purpose(path: str) -> tuple[str, frozenset[str]]:
    """Return the folder of a file and the words of its name that say what it is for."""
    folder, _, name = path.rpartition("/")
    parent, _, last = folder.rpartition("/")
    words = re.split(r"[^a-z0-9]+", name.lower().rpartition(".")[0] or name.lower())
    home = parent if last.lower() in FOLDERS else folder
    return home, frozenset(words) - PLAIN - {""}


def shared_name(item: Declared) -> str:
    """Return the name under which conda's and PyPI's packages are the same."""
    return OTHER_NAMES.get(item.name, item.name)


def public(version: str) -> str:
    """Return a version without its local part: 2.1.0+cu118 is another build of 2.1.0."""
    from packaging.version import Version  # noqa: PLC0415 - only where two pins are compared

    try:
        return str(Version(Version(version).public)).removesuffix(".0")
    except ValueError:
        return version


def agree(one: Declared, two: Declared) -> bool:
    """Say whether some version may satisfy both; two ranges count as agreeing."""
    first, second = one.version, two.version
    if one.url or two.url:
        return True
    if first is not None and second is not None:
        return public(first) == public(second)
    if first is not None:
        return two.admits(first)
    return second is None or one.admits(second)


def by_name(items: Iterable[Declared]) -> dict[str, list[Declared]]:
    """Group what is declared by name."""
    found: dict[str, list[Declared]] = {}
    for item in items:
        found.setdefault(shared_name(item), []).append(item)
    return found


def differing(one: Iterable[Declared], two: Iterable[Declared]) -> Iterator[Pair]:
    """Yield the packages of two sources of which no statement agrees with one of the other."""
    first, second = by_name(one), by_name(two)
    for name in sorted(first.keys() & second.keys()):
        here, there = first[name], second[name]
        if not any(agree(a, b) for a in here for b in there):
            yield tuple_of(here[0], there[0])


def tuple_of(one: Declared, two: Declared) -> Pair:
    """Point at both declarations."""
    left = one.evidence(f"{one.name}{one.spec} here, and {two.spec} in {two.path}")
    return left, two.evidence(f"{two.name}{two.spec} here, and {one.spec} in {one.path}")


def packages(deps: Dependencies) -> Iterator[Pair]:
    """Yield the contradictions between files written by hand, and with what documents install."""
    made = {lock.path for lock in deps.locks}
    sources = {
        item.path: [entry for entry in item.declared if entry.group in {"", "conda"}]
        for item in deps.manifests
    }
    sources |= {
        path: [*item.declared] for path, item in deps.requirements.items() if path not in made
    }
    for one, two in used_together(deps, sorted(sources)):
        yield from differing(sources[one], sources[two])
    # Commands for everybody: alternatives in one document agree as soon as one of them does.
    general = [
        entry
        for path, items in sources.items()
        if purpose(path) == ("", frozenset()) and not development(path)
        for entry in items
    ]
    said = [item for item in deps.told if "/" not in item.path and item.path.endswith("md")]
    for commands in (said, [item for item in deps.container if "/" not in item.path]):
        yield from differing(general, [item for item in commands if item.spec])


def used_together(deps: Dependencies, paths: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of files for one purpose, or of which one reads the other, in order."""
    alike: dict[tuple[str, frozenset[str]], list[str]] = {}
    for path in paths:
        alike.setdefault(purpose(path), []).append(path)
    found = {pair for group in alike.values() for pair in combinations(group, 2)}
    for one in paths:
        file = deps.requirements.get(one)
        reads = {*file.includes, *file.constraints} if file is not None else set()
        found |= {(min(one, two), max(one, two)) for two in reads & set(paths) if one != two}
    return sorted(found)


SOURCES = {
    "uv": "pyproject.toml",
    "poetry": "pyproject.toml",
    "pdm": "pyproject.toml",
    "pipenv": "Pipfile",
    "pylock": "pyproject.toml",
}


def stale(deps: Dependencies) -> Iterator[Pair]:
    """Yield what a manifest declares and the lock made of it lacks or contradicts."""
    for lock in deps.locks:
        folder, slash, _ = lock.path.rpartition("/")
        wanted = folder + slash + SOURCES.get(lock.kind, "")
        items = [
            item
            for manifest in deps.manifests
            if manifest.path == wanted
            for item in manifest.declared
            if item.group == "" and not item.marker and not item.url
        ]
        beside = deps.requirements.get(lock.path.removesuffix(".txt") + ".in")
        if lock.kind == "requirements" and beside is not None:
            items = [item for item in beside.declared if not item.marker and not item.url]
        if lock.packages:
            yield from uncovered(lock, items)


def uncovered(lock: Lock, items: list[Declared]) -> Iterator[Pair]:
    """Yield the declarations that one lock does not satisfy."""
    versions = lock.versions()
    for item in items:
        held = versions.get(item.name)
        seen = item.evidence(f"{item.name}{item.spec} is declared")
        if held is None:
            yield seen, Evidence(lock.path, 1, f"locks no {item.name}")
        elif item.spec and not any(item.admits(version) for version in held):
            yield seen, Evidence(lock.path, 1, f"locks {item.name} {', '.join(sorted(held))}")


def rivals(deps: Dependencies) -> Iterator[Pair]:
    """Yield the declared packages that two locks for one purpose fix at different versions."""
    direct = {item.name for item in deps.runtime()}
    for one, two in combinations(deps.locks, 2):
        if purpose(one.path) != purpose(two.path):
            continue
        first, second = one.versions(), two.versions()
        for name in sorted(direct & first.keys() & second.keys()):
            left, right = first[name], second[name]
            if not {*map(public, left)} & {*map(public, right)}:
                seen = Evidence(one.path, 1, f"locks {name} {', '.join(sorted(left))}")
                yield seen, Evidence(two.path, 1, f"locks {name} {', '.join(sorted(right))}")


def seeds(repo: Repository) -> Iterator[Pair]:
    """Yield the README's seed beside the default of the setting that is used, when they differ.

    Only a statement in prose counts: `--seed 2` in a command chooses another value on purpose, and
    a README that names several seeds speaks of several runs.
    """
    readme = repo.fact(Prose).readme
    if readme is None:
        return
    named = [
        (int(found.group(1)), number)
        for line, number in readme.prose
        for found in SEED.finditer(line[:2000])
        if "--" not in line and not re.search(r"\bseeds\b", line[:2000], re.IGNORECASE)
    ]
    used = [
        item.value
        for item in repo.fact(Randomness).seedings()
        if item.value.setting and item.value.state is State.FIXED
    ]
    if len({seed for seed, _ in named}) != 1 or not used:
        return
    said, number = named[0]
    if all(isinstance(value.value, int) and value.value != said for value in used):
        seen = readme.at(number, f"the README names the seed {said}")
        value = used[0]
        yield seen, Evidence(value.path, value.line, f"the seed is {value.value} here")
