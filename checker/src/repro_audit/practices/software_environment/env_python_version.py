"""Judge whether the interpreter is fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.interpreters import FILES, IMAGE, TOOLS_ONLY, Interpreters, installed
from repro_audit.facts.nix import by_nix
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.rcode import RCode
from repro_audit.facts.workflows import Workflows

if TYPE_CHECKING:
    from repro_audit.facts.documents import Document

# A badge, a heading, a list: `Python 3.8`, `Python >= 3.5`, `python=3.10`, `Python-3.9-blue`.
SAID = (
    r"\bpython[`*\]]{0,4}\s{0,3}[:-]?\s{0,3}(versions?\s{0,3})?[`*(]{0,4}"
    r"([=~^]=?|>=?|≥|v)?\s{0,3}[23]\.\d+"
)


def env_python_version(repo: Repository) -> Verdict:
    """A file that tools read states the version of Python: best one minor version, else a range."""
    if version := repo.fact(RCode).version:
        seen = Evidence("renv.lock", 1, f"the version of R is {version}")
        return passed("The version of R is fixed.", seen)
    if not any(repo.fact(PythonIndex).live()):
        return not_applicable("There is no Python code.")
    clashes = [seen for pair in repo.fact(Interpreters).clashes() for seen in pair]
    if clashes:
        summary = "Two files state versions of Python that exclude each other."
        return partial(summary, *dict.fromkeys(clashes), fix="State one version in all of them")
    fixed = fixed_versions(repo)
    if fixed:
        return passed("The minor version of Python is fixed.", *fixed)
    fix = "Write the version in .python-version, for example: 3.11"
    ranges = [
        Evidence(item.path, item.line, f"{item.spec} admits several versions of Python")
        for item in repo.fact(Dependencies).python
        if re.search(r"\d", item.spec)
    ]
    if ranges:
        return passed("Python's version is stated for tools, as a range.", *ranges)
    said = [
        document.at(line, "the version is stated in prose")
        for document in guides(repo)
        for line, _ in document.find(SAID)
    ]
    if said:
        return partial("Python's version is stated in prose only.", *said[:5], fix=fix)
    if (made := by_nix(repo)) is not None:
        return made
    first = next(iter(sorted(module.path for module in repo.fact(PythonIndex).live())))
    return failed(
        "No file states the version of Python.",
        Evidence(first, 1, "Python code of no stated version"),
        fix=fix,
    )


def guides(repo: Repository) -> tuple[Document, ...]:
    """Return the README with what it links, and the README of each folder that holds code."""
    prose, index = repo.fact(Prose), repo.fact(PythonIndex)
    folders = {module.path.rpartition("/")[0] for module in index.live()}
    own = [
        item
        for item in prose.documents
        if re.search(r"(^|/)readme\.\w+$", item.path, re.IGNORECASE)
        and item.path.rpartition("/")[0] in folders
    ]
    return tuple(dict.fromkeys((*prose.guide(), *own)))


def fixed_versions(repo: Repository) -> list[Evidence]:
    """Return every statement of one minor version in a file that a tool reads."""
    seen: list[Evidence] = []
    for name, pattern in FILES.items():
        for number, line in enumerate(repo.lines(name), 1):
            found = re.search(pattern, line)
            if found:
                seen.append(Evidence(name, number, f"Python {found.group(1)}"))
                break
    seen += [
        Evidence(item.path, item.line, f"Python {item.spec}")
        for item in repo.fact(Dependencies).python
        if item.fixed
    ]
    seen += [
        Evidence(lock.path, 1, f"Python {package.version} is locked")
        for lock in repo.fact(Dependencies).locks
        for package in lock.packages
        if package.name == "python" and package.version
    ]
    for recipe in repo.fact(Containers).recipes:
        for image in recipe.images:
            found = IMAGE.search(image.name)
            if found:
                seen.append(
                    image.evidence(f"the image holds Python {found.group(1) or found.group(2)}")
                )
    seen += [item for _, item in installed(repo)]
    for workflow in repo.fact(Workflows).all:
        if TOOLS_ONLY.search(workflow.path):
            continue
        for entry in workflow.entries:
            one = re.fullmatch(r"3\.\d+(\.\d+)?", str(entry.value))
            if entry.key.endswith(".with.python-version") and one:
                seen.append(entry.evidence(f"continuous integration uses Python {entry.value}"))
    return seen
