"""Everything that is declared and locked, and which import needs which distribution."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers
from repro_audit.facts.locks import Lock, Locked, lock_files
from repro_audit.facts.manifests import manifests
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.requirement import Declared, canonical, from_pep508
from repro_audit.facts.requirementfiles import requirement_files
from repro_audit.facts.shell import Command, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.manifest import Manifest, PythonVersion
    from repro_audit.facts.requirementlines import RequirementsFile
    from repro_audit.repository import Repository

FREEZE_SIZE = 12
FREEZE_SHARE = 0.4
# Also the modules of Python 2, and those that later versions have left out.
STANDARD = sys.stdlib_module_names | {
    *("Tkinter", "tkMessageBox", "tkFileDialog", "cPickle", "ConfigParser", "Queue", "StringIO"),
    *("cStringIO", "urllib2", "urlparse", "httplib", "cookielib", "HTMLParser", "__builtin__"),
    *("SocketServer", "BaseHTTPServer", "SimpleHTTPServer", "xmlrpclib", "copy_reg", "UserDict"),
    *("imp", "distutils", "asyncore", "asynchat", "smtpd"),
}
WORKSHOP = {"setup.py", "noxfile.py", "conf.py", "tasks.py", "conftest.py", "fabfile.py"}
# What is locked here locks nothing of the work.
ASIDE = frozenset(
    {"test", "tests", "doc", "docs", "archive", "archived", "old", "legacy", "deprecated", "backup"}
)
PYTHON = re.compile(r"^([\w./-]*/)?python[\d.]*$")
OPTIONS_WITH_VALUE = {
    "-r",
    "-c",
    "-f",
    "-i",
    "-e",
    "--index-url",
    "--extra-index-url",
    "--find-links",
    "--requirement",
    "--constraint",
    "--target",
    "-t",
    "--editable",
}


@cache
def import_table() -> dict[str, tuple[str, ...]]:
    """Return import name -> distributions that provide it."""
    table: dict[str, tuple[str, ...]] = {}
    folder = Path(__file__).with_name("tables")
    for name in ("import_names.txt", "import_choices.txt"):
        for line in (folder / name).read_text("utf-8").splitlines():
            module, *found = line.split()
            table[module] = tuple(canonical(item) for item in found)
    return table


def providers(module: str) -> tuple[str, ...]:
    """Return the distributions that may provide an imported top package."""
    own = canonical(module)
    return tuple(dict.fromkeys((*import_table().get(module, ()), own, f"python-{own}", f"py{own}")))


# Names that stand for any package in a guide to pip.
PLACEHOLDERS = frozenset({"somepackage", "some-package", "packagename", "package-name"})


def installed_by(command: Command) -> Iterator[Declared]:
    """Yield what a `pip install` or `conda install` command names itself."""
    words = list(command.words)
    if words and PYTHON.match(words[0]) and words[1:2] == ["-m"]:
        words = words[2:]
    if words[:2] == ["uv", "pip"]:
        words = words[1:]
    if len(words) < 3 or words[1] not in {"install", "add"}:  # noqa: PLR2004 - pip install NAME
        return
    if not words[0].startswith(("pip", "uv", "conda", "mamba", "micromamba", "poetry")):
        return
    skip = False
    for word in words[2:]:
        if skip or word.startswith("-"):
            skip = not skip and word in OPTIONS_WITH_VALUE
            continue
        conda = "conda" in words[0] or "mamba" in words[0]
        spec = word.replace("=", "==", 1) if conda and "==" not in word else word
        item = from_pep508(spec, command.path, command.line, "command")
        if item is not None and item.name not in PLACEHOLDERS:
            yield item


class Dependencies(NamedTuple):
    """Manifests, requirements files, locks and install commands of the project."""

    manifests: tuple[Manifest, ...]
    requirements: dict[str, RequirementsFile]
    locks: tuple[Lock, ...]
    container: tuple[Declared, ...]
    told: tuple[Declared, ...]
    imports: dict[str, tuple[str, int]]
    optional: frozenset[str]
    python: tuple[PythonVersion, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Dependencies:
        """Read all of it."""
        found = tuple(manifests(repo))
        requirements = requirement_files(repo)
        imports, optional = third_party(repo)
        runs = [command for recipe in repo.fact(Containers).recipes for command in recipe.commands]
        notebooks = [
            Command(tuple(words_of(line)), notebook.path, number)
            for notebook in repo.fact(Notebooks).all
            for line, number in notebook.shell
        ]
        said = [*repo.fact(Prose).commands(), *notebooks]
        locks = [*lock_files(repo), *compiled(requirements, set(imports))]
        locks = [lock for lock in locks if not aside(lock.path)]
        return cls(
            manifests=found,
            requirements=requirements,
            locks=tuple(locks),
            container=tuple(item for command in runs for item in installed_by(command)),
            told=tuple(item for command in said if command.words for item in installed_by(command)),
            imports=imports,
            optional=optional,
            python=tuple(version for manifest in found for version in manifest.python),
        )

    def sources(self) -> Iterator[Declared]:
        """Yield what files written by hand declare; compiled files are locks of these."""
        for manifest in self.manifests:
            yield from manifest.declared
        compiled_paths = {lock.path for lock in self.locks}
        own = [item for path, item in self.requirements.items() if path not in compiled_paths]
        limits = {path for item in own for path in item.constraints}
        limits -= {path for item in own for path in item.includes}
        named = {entry.name for item in own if item.path not in limits for entry in item.declared}
        for item in own:
            # A limit installs nothing: it counts for what another file declares.
            yield from (
                entry for entry in item.declared if item.path not in limits or entry.name in named
            )
        if not own and not any(manifest.declared for manifest in self.manifests):
            for path in sorted(compiled_paths & self.requirements.keys()):
                yield from self.requirements[path].declared
            yield from self.locked()

    def locked(self) -> Iterator[Declared]:
        """Yield what locks of packaging tools fix, where nothing else declares anything."""
        for lock in self.locks:
            if lock.path not in self.requirements and not lock.problem:
                for name, versions in lock.versions().items():
                    exact = f"=={min(versions)}"
                    yield Declared(name, exact, exact=True, path=lock.path, line=1)

    def runtime(self) -> list[Declared]:
        """Return what running the code needs: extras and development groups left out."""
        mains = [item for item in self.sources() if item.group in {"", "conda"}]
        main = [item for item in mains if not development(item.path)]
        return main or mains

    def names(self) -> set[str]:
        """Return every declared or locked name."""
        listed = {item.name for item in (*self.sources(), *self.container)}
        listed |= {item.name for entry in self.requirements.values() for item in entry.declared}
        return listed

    def undeclared(self) -> dict[str, tuple[str, int]]:
        """Return the imports, each with its place, for which nothing is declared or told."""
        known = self.names() | {item.name for item in self.told}
        return {name: place for name, place in self.imports.items() if not covered(name, known)}

    def versions(self) -> dict[str, set[str]]:
        """Return the versions that all locks together fix, by name."""
        found: dict[str, set[str]] = {}
        for lock in self.locks:
            for name, versions in lock.versions().items():
                found.setdefault(name, set()).update(versions)
        return found


def covered(name: str, declared: set[str]) -> bool:
    """Say whether a declared distribution provides the import, namespaces included."""
    if any(provider in declared for provider in providers(name)):
        return True
    return any(item.startswith(f"{providers(name)[0]}-") for item in declared)


def development(path: str) -> bool:
    """Say whether a requirements file serves development only, by its name or folder."""
    name = path.rpartition("/")[2].lower()
    return aside(path) or any(word in name for word in ("dev", "test", "doc", "lint", "ci."))


def aside(path: str) -> bool:
    """Say whether a file stands in a folder that is not of the work itself."""
    return bool(ASIDE.intersection(path.lower().split("/")[:-1]))


def compiled(requirements: dict[str, RequirementsFile], imported: set[str]) -> Iterator[Lock]:
    """Yield the requirements files that lock a whole tree: compiled, hashed or frozen."""
    for path, item in requirements.items():
        if path.endswith(".in") or not item.declared:
            continue
        exact = all(entry.exact for entry in item.declared)
        unused = [entry for entry in item.declared if not used(entry.name, imported)]
        frozen = len(item.declared) >= FREEZE_SIZE and len(unused) >= FREEZE_SHARE * len(
            item.declared
        )
        if not (
            item.compiled or any(entry.hashes for entry in item.declared) or (exact and frozen)
        ):
            continue
        problem = ""
        if not exact:
            loose = next(entry for entry in item.declared if not entry.exact)
            problem = f"line {loose.line} does not fix the version of {loose.name}"
        elif 0 < sum(1 for entry in item.declared if entry.hashes) < len(item.declared):
            bare = next(entry for entry in item.declared if not entry.hashes)
            problem = f"line {bare.line} has no hash, so pip refuses the whole file"
        packages = tuple(
            Locked(entry.name, entry.version or "", bool(entry.hashes)) for entry in item.declared
        )
        yield Lock(path, "requirements", packages, problem)


def used(name: str, imported: set[str]) -> bool:
    """Say whether a distribution provides one of the imported packages."""
    return any(name in providers(module) for module in imported)


def third_party(repo: Repository) -> tuple[dict[str, tuple[str, int]], frozenset[str]]:
    """Return the imported packages that are neither standard nor local, and the optional ones."""
    index = repo.fact(PythonIndex)
    local = {
        part
        for file in repo.files
        if file.suffix == ".py"
        for part in own_names(repo.imported_as(file.path))
    }
    needed: dict[str, tuple[str, int]] = {}
    guarded: set[str] = set()
    for module in index.live():
        if module.path.rpartition("/")[2] in WORKSHOP:
            continue
        for item in module.imports:
            top = item.module.partition(".")[0]
            if not top or top in STANDARD or top in local or hosted(item.module, module.path):
                continue
            if item.optional:
                guarded.add(top)
            else:
                needed.setdefault(top, (module.path, item.line))
    return dict(sorted(needed.items())), frozenset(guarded - needed.keys())


def hosted(name: str, path: str) -> bool:
    """Say whether a module is there where the code can run: Colab's own, a notebook's IPython."""
    return name.startswith("google.colab") or (
        path.endswith(".ipynb") and name.partition(".")[0] == "IPython"
    )


def own_names(path: str) -> Iterator[str]:
    """Yield the names by which a file of the repository can be imported at the top."""
    *folders, name = path.split("/")
    yield name.removesuffix(".py")
    yield from folders
