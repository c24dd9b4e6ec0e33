"""Versions of packages that people are told, or that code asserts, where no tool can read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.dependencies import Dependencies, providers
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

ASSERTED = re.compile(
    r"(\w+)\.__version__(\[:\d+\])? == '|version\('([\w.-]+)'\) == '|'[\w.-]+==\d"
)
# What follows a name that is given one version; `1.4+` and "1.4 or newer" are ranges.
ONE = (
    r"(?:\]\([^)]*\))?[`*_]*[ :(]{0,3}\[?(?:version )?(?:={1,2} ?)?v?"
    r"\d+(?:\.\d+)+(?![\d.]*(?:\+|x| or | and ))"
)
MOST_NAMES = 200
# Elsewhere a version is one of the history, or of a feature.
SETTING_UP = r"require|install|depend|environment|set-?up|prerequisite|versions|package"

# What was done with a version says it too, wherever it stands.
DONE = re.compile(
    r"\b(trained|tested|developed|implemented|written|run|ran|built|evaluated|obtained)\b"
    r"[^.]{0,40}\b(using|with|in|on|under)\b",
    re.IGNORECASE,
)


class ToldVersions(NamedTuple):
    """Lines of documents and tests of the code that name one version of an imported package."""

    prose: tuple[Evidence, ...]
    asserted: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> ToldVersions:
        """Look for the imported packages only."""
        imports = sorted(repo.fact(Dependencies).imports)[:MOST_NAMES]
        if not imports:
            return cls((), ())
        return cls(tuple(told(repo, imports)), tuple(asserted(repo)))


def told(repo: Repository, imports: list[str]) -> Iterator[Evidence]:
    """Yield the lines of the guide that name a package with one version."""
    names = {name for item in imports for name in (item, *providers(item))}
    wanted = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w/.-])({wanted}){ONE}", re.IGNORECASE)
    for document in repo.fact(Prose).guide():
        sections = [range(item.line, item.end + 1) for item in document.section(SETTING_UP)]
        for line, number in document.prose:
            found = pattern.search(line[:1000])
            here = any(number in lines for lines in sections)
            if found and (here or DONE.search(line[: found.start()])):
                yield document.at(number, f"tells the reader: {quoted(found.group(0))}")


def asserted(repo: Repository) -> Iterator[Evidence]:
    """Yield the tests of a package's version that stop the run."""
    index = repo.fact(PythonIndex)
    for module in index.live():
        for check in module.checks:
            if ASSERTED.search(as_code(check.test)[:300]):
                yield Evidence(module.path, check.line, "stops when a package has another version")
    for call in index.calls("pkg_resources.require"):
        if "==" in str(call.literal("requirements", 0)):
            yield call.evidence("stops when a package has another version")
