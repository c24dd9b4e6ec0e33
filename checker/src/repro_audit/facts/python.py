"""All Python code of the repository, and which name means which function of it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from heapq import merge
from itertools import accumulate
from operator import itemgetter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts import patterns
from repro_audit.facts.calls import Calls, numbered
from repro_audit.facts.languages import unread_languages
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.patterns import chosen
from repro_audit.facts.reading import Source, affordable, read_all
from repro_audit.facts.walker import read_module
from repro_audit.roles import Role

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from repro_audit.facts.syntax import Assignment, Call, Module
    from repro_audit.repository import Repository

ROLES = (Role.SOURCE, Role.EXAMPLE, Role.TEST)
LIVE = (Role.SOURCE, Role.EXAMPLE, Role.PROSE)
REEXPORTS = 6
# Whoever asks for calls asks for their names.
matches = patterns.matches


class Place(NamedTuple):
    """A function or class of the repository; an empty name is the module's own code."""

    path: str
    name: str


def module_names(path: str) -> Iterator[str]:
    """Yield every dotted name by which a file may be imported, longest first."""
    pure = PurePosixPath(path)
    parts = list(pure.with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    for start in range(len(parts)):
        yield ".".join(parts[start:])


@dataclass(frozen=True)
class PythonIndex:
    """Modules by path, with their roles, and the names under which they are imported."""

    modules: dict[str, Module]
    roles: dict[str, Role]
    names: dict[str, tuple[str, ...]]
    located: dict[tuple[str, str, str], Place | None] = field(default_factory=dict, compare=False)
    stars: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict, compare=False)
    found: dict[tuple[str, str], str | None] = field(default_factory=dict, compare=False)

    @classmethod
    def collect(cls, repo: Repository) -> PythonIndex:
        """Parse every Python file and notebook once."""
        unread_languages(repo)
        listed: list[Source] = []
        for file in repo.with_role(*ROLES):
            text = repo.text(file.path) if file.suffix in {".py", ".pyw"} else None
            if text is not None:
                listed.append(Source(file.path, text, None))
        listed += [
            Source(notebook.path, notebook.source, list(notebook.lines))
            for notebook in repo.fact(Notebooks).all
        ]
        sources = list(affordable(repo, listed))
        modules = dict(parsed(repo, sources))
        names: dict[str, list[str]] = {}
        for path in modules:
            if path.endswith(".py"):
                for name in module_names(repo.imported_as(path)):
                    names.setdefault(name, []).append(path)
        roles = {path: role_in(repo, module) for path, module in modules.items()}
        found = cls(modules, roles, {name: tuple(paths) for name, paths in names.items()})
        for source in sources:
            if source.path in modules and modules[source.path].starred:
                found.bind_stars(*source)
        return found

    def bind_stars(self, path: str, text: str, lines: list[int] | None) -> None:
        """Read a file again with the names that star imports bring, if there are any."""
        module = self.modules[path]
        own = {*module.functions, *module.classes}
        own |= {item.target for item in module.assignments if not item.scope}
        inherited = {name: source for name, source in self.starred(path).items() if name not in own}
        if inherited:
            self.modules[path] = read_module(path, text, lines, inherited)

    @cached_property
    def tops(self) -> frozenset[str]:
        """The first parts of all names under which modules are imported."""
        return frozenset(name.partition(".")[0] for name in self.names)

    def starred(self, path: str, depth: int = 0) -> dict[str, str]:
        """Return what `from module import *` of the repository's own modules binds in a file."""
        # Modules that import all of each other would otherwise be gone through on every way.
        known = self.stars.get((path, depth))
        if known is None:
            known = self.stars[path, depth] = self.bound_by_stars(path, depth)
        return known

    def bound_by_stars(self, path: str, depth: int) -> dict[str, str]:
        """Work out what `starred` keeps."""
        bound: dict[str, str] = {}
        for item in self.modules[path].imports:
            other = self.module_path(item.module, path) if item.name == "*" else None
            if other is None or other == path or depth > REEXPORTS:
                continue
            module, joint = self.modules[other], "" if item.module.endswith(".") else "."
            bound.update(self.starred(other, depth + 1))
            own = (*module.functions, *module.classes)
            bound.update({name: item.module + joint + name for name in own if "." not in name})
            for name, source in module.aliases.items():
                local = source.startswith(".")
                bound[name] = item.module + joint + name if local else source
        return bound

    def live(self) -> Iterator[Module]:
        """Yield the modules that are neither tests nor anything made or borrowed."""
        return (module for path, module in self.modules.items() if self.roles[path] in LIVE)

    def tests(self) -> Iterator[Module]:
        """Yield the test modules."""
        return (module for path, module in self.modules.items() if self.roles[path] is Role.TEST)

    def calls(self, *patterns: str) -> list[Call]:
        """Return the calls in live modules whose qualified name matches one of `patterns`."""
        return self.made.named(*patterns)

    @cached_property
    def made(self) -> Calls:
        """All calls in live modules, in the order of the files."""
        return Calls(call for module in self.live() for call in module.calls)

    def assignments(self, *patterns: str) -> Iterator[tuple[str, Assignment]]:
        """Yield path and assignment in live modules whose target matches one of `patterns`."""
        if "*" in patterns:
            return ((module.path, item) for module in self.live() for item in module.assignments)
        made, begins, paths = self.assigned
        found = sorted(number for same in chosen(self.by_target, patterns) for number in same)
        return ((paths[bisect_right(begins, number) - 1], made[number]) for number in found)

    @cached_property
    def assigned(self) -> tuple[list[Assignment], list[int], list[str]]:
        """The assignments in live modules, with where those of each file begin."""
        modules = list(self.live())
        lengths = (len(module.assignments) for module in modules)
        made = [item for module in modules for item in module.assignments]
        return made, list(accumulate(lengths, initial=0)), [module.path for module in modules]

    @cached_property
    def by_target(self) -> dict[str, array[int]]:
        """The numbers of the assignments in live modules by their target."""
        return numbered((number, item.target) for number, item in enumerate(self.assigned[0]))

    def imported(self, *packages: str) -> Iterator[tuple[str, int, str]]:
        """Yield path, line and top package of imports of `packages` in live modules."""
        found = (self.imports_by_top.get(top, ()) for top in dict.fromkeys(packages))
        return (seen for _, seen in merge(*found, key=itemgetter(0)))

    @cached_property
    def imports_by_top(self) -> dict[str, list[tuple[int, tuple[str, int, str]]]]:
        """The imports in live modules by their top package, numbered in their order."""
        found: dict[str, list[tuple[int, tuple[str, int, str]]]] = {}
        every = ((module.path, item) for module in self.live() for item in module.imports)
        for number, (path, item) in enumerate(every):
            top = item.module.partition(".")[0]
            found.setdefault(top, []).append((number, (path, item.line, top)))
        return found

    def module_path(self, name: str, importer: str) -> str | None:
        """Return the file that `name` (maybe relative) means when imported by `importer`."""
        # All files of a folder get the same answer.
        key = (name, importer.rpartition("/")[0])
        if key not in self.found:
            self.found[key] = self.find_module(name, importer)
        return self.found[key]

    def find_module(self, name: str, importer: str) -> str | None:
        """Look for what `module_path` keeps."""
        if name.startswith("."):
            level = len(name) - len(name.lstrip("."))
            base = PurePosixPath(importer).parent
            for _ in range(level - 1):
                base = base.parent
            rest = name.lstrip(".").replace(".", "/")
            stem = (base / rest).as_posix() if rest else base.as_posix()
            return next(
                (p for p in (f"{stem}.py", f"{stem}/__init__.py") if p in self.modules), None
            )
        found = self.names.get(name, ())
        if len(found) <= 1:
            return found[0] if found else None
        # Of several files of this name, the one nearest to the importer is the one Python finds.
        return max(found, key=lambda path: (shared(path, importer), -len(path), path))

    def locate(self, name: str, importer: str, scope: str = "", depth: int = 0) -> Place | None:
        """Return the function or class of the repository that `name` means, through re-exports."""
        if not name or depth > REEXPORTS:
            return None
        if depth:
            return self.search(name, importer, scope, depth)
        # Every trace asks the same questions again.
        key = (name, importer, scope)
        if key not in self.located:
            self.located[key] = self.search(name, importer, scope, depth)
        return self.located[key]

    def search(self, name: str, importer: str, scope: str, depth: int) -> Place | None:
        """Look for what `locate` keeps."""
        # Most names are variables, which mean nothing of the kind.
        if name.rpartition(".")[2] in self.modules[importer].tails:
            own = self.local(name, importer, scope)
            if own is not None:
                return own
        if name[0] != "." and name.partition(".")[0] not in self.tops:
            return None
        head, _, symbol = name.rpartition(".")
        tail = symbol
        while head.strip("."):
            path = self.module_path(head, importer)
            if path is not None:
                return self.symbol(path, tail, depth)
            head, _, symbol = head.rpartition(".")
            tail = f"{symbol}.{tail}"
        if name.startswith("."):
            package = self.module_path(name[: len(name) - len(name.lstrip("."))], importer)
            return self.symbol(package, name.lstrip("."), depth) if package else None
        path = self.module_path(name, importer)
        return Place(path, "") if path is not None else None

    def symbol(self, path: str, tail: str, depth: int) -> Place | None:
        """Find `tail` in the module at `path`, following what that module imported."""
        module = self.modules[path]
        if tail in module.functions or tail in module.classes:
            return Place(path, tail)
        first, dot, rest = tail.partition(".")
        if first in module.classes:
            return Place(path, first)
        if first in module.aliases:
            return self.locate(module.aliases[first] + dot + rest, path, depth=depth + 1)
        return None

    def local(self, name: str, path: str, scope: str) -> Place | None:
        """Find `name` among the functions and classes of its own file, innermost scope first."""
        module = self.modules[path]
        if name.startswith(("self.", "cls.")):
            owner = module.functions[scope].owner if scope in module.functions else ""
            method = f"{owner}.{name.partition('.')[2]}"
            return Place(path, method) if method in module.functions else None
        base = scope
        while True:
            candidate = f"{base}.{name}".lstrip(".")
            if candidate in module.functions or candidate in module.classes:
                return Place(path, candidate)
            if not base:
                return None
            base = base.rpartition(".")[0]


def role_in(repo: Repository, module: Module) -> Role:
    """Return a module's role; `copy_test.py` outside a test folder may be an experiment."""
    role = repo.by_path[module.path].role
    # A function called `test` alone evaluates a model in many training scripts.
    tested = any(name.rpartition(".")[2].startswith("test_") for name in module.functions)
    framework = any(
        item.module.partition(".")[0] in {"pytest", "unittest"} for item in module.imports
    )
    folder = {"tests", "testing"} & set(module.path.lower().split("/")[:-1])
    named = module.path.rpartition("/")[2].startswith(("conftest", "test_"))
    if role is Role.TEST and not (tested or framework or folder or named):
        return Role.SOURCE
    return role


def parsed(repo: Repository, sources: Sequence[Source]) -> Iterator[tuple[str, Module]]:
    """Yield the modules by path; those of a project of a monorepo were parsed with the whole."""
    before = repo.whole.fact(PythonIndex).modules if repo.whole is not None else {}
    known = {
        source.path: module
        for source in sources
        if (module := before.get(repo.origin(source.path))) is not None and not module.starred
    }
    new = [source for source in sources if source.path not in known]
    read = dict(zip((source.path for source in new), read_all(repo, new), strict=True))
    for source in sources:
        old = known.get(source.path)
        module = read[source.path] if old is None else old.moved(source.path)
        if module is not None:
            yield source.path, module


def shared(one: str, other: str) -> int:
    """Count the leading folders that two paths share."""
    count = 0
    for left, right in zip(
        PurePosixPath(one).parent.parts, PurePosixPath(other).parent.parts, strict=False
    ):
        if left != right:
            break
        count += 1
    return count
