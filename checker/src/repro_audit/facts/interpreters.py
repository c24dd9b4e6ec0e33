"""Which versions of Python each kind of file states: metadata, recipes, CI, README, notebooks.

Each kind of source gives one set of admitted minor versions, however many files it has: a project
may well test on five versions and ship two images. Two kinds contradict each other when no version
is in both sets.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers
from repro_audit.facts.manifests import manifests
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.prose import Prose
from repro_audit.facts.requirement import standard
from repro_audit.facts.workflows import Workflows
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

FILES = {
    ".python-version": r"^\s*(?:cpython-?|python-?)?(\d+\.\d+(?:\.\d+)?)",
    "runtime.txt": r"^python-(\d+\.\d+(?:\.\d+)?)",
    ".tool-versions": r"^python\s+(\d+\.\d+(?:\.\d+)?)",
    "cog.yaml": r"^\s+python_version:\s*[\"']?(\d+\.\d+(?:\.\d+)?)",
    "mise.toml": r"^python\s*=\s*[\"'](\d+\.\d+(?:\.\d+)?)",
}
IMAGE = re.compile(r"(?:^|/)python:(\d+\.\d+)|[-:_]py(?:thon)?(3\.\d+)")
# Every minor version that a statement may mean; patch 99 stands for "the newest patch".
MINORS = ("2.7", *(f"3.{minor}" for minor in range(3, 30)))
SPOKEN = re.compile(
    r"\bpython[`*\]]{0,4}\s{0,3}[:=_-]{0,2}\s{0,3}(?:versions?\s{0,3})?[`*(]{0,4}"
    r"((?:[~^=]=?|>=?|≥)?)\s*v?([23]\.\d+)(?:\.\d+)?(\+?)",
    re.IGNORECASE,
)
# Beside these words a version is a bound or a remark, and no statement of the one that was used.
BOUND = re.compile(
    r"requir|need|minimum|at least|newer|later|above|higher|upward|greater|support|compat|recent|"
    r"upper|lower|drop|not\b|n't|deprecat|or \d|and \d|-?\d\.\d+\s*[-–|,/]",  # noqa: RUF001 - a dash
    re.IGNORECASE,
)
# Workflows of this name set up Python for a tool, not for the project.
TOOLS_ONLY = re.compile(
    r"(lint|format|style|black|flake8|pre-?commit|docs?|pages|publish|release|deploy|stale|spell)"
    r"[^/]*\.ya?ml$",
    re.IGNORECASE,
)
# `apt install python3.10`, `conda create python=3.7`, `uv python install 3.11` in a recipe.
INSTALLED = re.compile(r"^python=?=?(3\.\d+)(\.\d+|\.\*)?$")
# A notebook that shows how to use the project was run wherever its author was.
BESIDE = re.compile(r"(^|/)(docs?|examples?|demos?|tutorials?)/", re.IGNORECASE)
INSTALLS = re.compile(r"\b(install|create)\b")
OWN = {"", "docker", ".docker", ".devcontainer", "container", "containers"}


class Statement(NamedTuple):
    """What one kind of source admits, and the first place where it says so."""

    source: str
    minors: frozenset[str]
    seen: Evidence


def admitted(spec: str) -> frozenset[str]:
    """Return the minor versions that a specifier admits in some patch; nothing when unclear."""
    plain = spec.strip()
    bare = re.match(r"^={0,3}\s*(\d+\.\d+)(\.\d+|\.\*)*$", plain)
    if bare:
        return frozenset({bare.group(1)} & set(MINORS))
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - hardly any repository needs it

    try:
        wanted = SpecifierSet(standard(plain))
        return frozenset(
            minor
            for minor in MINORS
            if any(wanted.contains(f"{minor}.{patch}") for patch in (0, 1, 4, 9, 99))
        )
    except ValueError:
        # Not of the standard, or a number of more digits than Python reads.
        return frozenset()


def joined(source: str, found: list[tuple[frozenset[str], Evidence]]) -> Iterator[Statement]:
    """Join what the files of one kind admit; one that is unclear makes the kind unclear."""
    if found and all(minors for minors, _ in found):
        yield Statement(source, frozenset().union(*(minors for minors, _ in found)), found[0][1])


def small_files(repo: Repository) -> Iterator[tuple[frozenset[str], Evidence]]:
    """Yield the versions of files that say nothing else."""
    for name, pattern in FILES.items():
        for number, line in enumerate(repo.lines(name), 1):
            found = re.search(pattern, line)
            if found:
                yield admitted(found.group(1)), Evidence(name, number, f"Python {found.group(1)}")
                break


def declared(repo: Repository, kinds: set[str]) -> Iterator[tuple[frozenset[str], Evidence]]:
    """Yield what the root's manifests of some kinds say; classifiers are no bound of their own."""
    for manifest in manifests(repo):
        if "/" in manifest.path or manifest.kind not in kinds:
            continue
        for item in manifest.python:
            spec = re.sub(r"^python(?=[\s=<>~!])\s*", "", item.spec)
            if re.search(r"\d", spec) and not spec.startswith("the classifier"):
                # Conda's `python=3.9` with a build string behind it is 3.9 all the same.
                plain = re.sub(r"^=?(\d[\d.]*)(=\w+)?$", r"\1", spec)
                seen = Evidence(item.path, item.line, f"Python {spec.strip('= ')}")
                yield admitted(plain), seen


def images(repo: Repository) -> Iterator[tuple[frozenset[str], Evidence]]:
    """Yield the versions that base images name."""
    for recipe in repo.fact(Containers).recipes:
        if recipe.path.rpartition("/")[0] not in OWN:
            continue
        for image in recipe.images:
            found = IMAGE.search(image.name)
            if found:
                version = found.group(1) or found.group(2)
                yield admitted(version), image.evidence(f"the image holds Python {version}")


def installed(repo: Repository) -> Iterator[tuple[str, Evidence]]:
    """Yield the versions that the commands of recipes install."""
    for recipe in repo.fact(Containers).recipes:
        for command in recipe.commands:
            for word in command.words if INSTALLS.search(command.text) else ():
                if found := INSTALLED.match(word):
                    yield found.group(1), command.evidence(f"installs Python {found.group(1)}")


def tested(repo: Repository) -> Iterator[tuple[frozenset[str], Evidence]]:
    """Yield the versions that continuous integration sets up."""
    for workflow in repo.fact(Workflows).all:
        if TOOLS_ONLY.search(workflow.path):
            continue
        for entry in workflow.entries:
            parts = [part for part in entry.key.split(".") if not part.isdigit()]
            named = bool(parts) and re.fullmatch(r"python([-_]?versions?)?", parts[-1])
            text = str(entry.value)
            if named and re.fullmatch(r"[23]\.\d+(\.\d+)?", text):
                # YAML reads an unquoted 3.10 as 3.1.
                meant = "3.10" if text == "3.1" else text
                yield (
                    admitted(meant),
                    entry.evidence(f"continuous integration uses Python {meant}"),
                )


def spoken(repo: Repository) -> Iterator[tuple[frozenset[str], Evidence]]:
    """Yield the versions that the README names; a remark on bounds is read as a lower bound."""
    readme = repo.fact(Prose).readme
    for number, line in enumerate(readme.lines if readme else (), 1):
        for found in SPOKEN.finditer(line[:2000]):
            sign, version, more = found.groups()
            loose = bool(more) or sign in {">", ">=", "≥", "^", "~="} or BOUND.search(line[:2000])
            spec = f">={version}" if loose else version
            if readme is not None:
                yield admitted(spec), readme.at(number, f"the README names Python {spec}")


def kernels(repo: Repository) -> Iterator[tuple[frozenset[str], Evidence]]:
    """Yield the versions of the kernels that ran the notebooks."""
    for notebook in repo.fact(Notebooks).all:
        if BESIDE.search(notebook.path):
            continue
        found = re.match(r"^[23]\.\d+", notebook.python)
        if found:
            lines = repo.lines(notebook.path)
            wanted = f'"version": "{notebook.python}"'
            at = next((n for n, line in enumerate(lines, 1) if wanted in line), 1)
            seen = Evidence(notebook.path, at, f"the kernel was Python {notebook.python}")
            yield admitted(found.group(0)), seen


class Interpreters(NamedTuple):
    """All statements, one for each kind of source."""

    stated: tuple[Statement, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Interpreters:
        """Read every kind of source."""
        kinds = (
            ("a version file", small_files(repo)),
            ("metadata", declared(repo, {"pyproject", "setup.py", "setup.cfg"})),
            ("conda", declared(repo, {"conda", "pixi"})),
            ("a Pipfile", declared(repo, {"Pipfile"})),
            ("the image", images(repo)),
            ("continuous integration", tested(repo)),
            ("the README", spoken(repo)),
            ("a notebook", kernels(repo)),
        )
        return cls(tuple(item for name, found in kinds for item in joined(name, [*found])))

    def clashes(self) -> Iterator[tuple[Evidence, Evidence]]:
        """Yield the pairs of places that no one version satisfies."""
        for one, two in combinations(self.stated, 2):
            if not one.minors & two.minors:
                yield one.seen, two.seen
