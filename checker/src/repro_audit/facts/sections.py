"""What the sections of documents say: enough words, or a scaffold and no words."""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import SCAFFOLD
from repro_audit.facts.tables import plain
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_audit.facts.documents import Document, Heading
    from repro_audit.repository import Repository

ABOUT_PEOPLE = re.compile(
    r"(^|/)(code[-_]of[-_]conduct|contributing|security|changelog|changes|history|governance|"
    r"licen[cs]e|authors|pull_request_template|issue_template)|(^|/)\.github/",
    re.IGNORECASE,
)
DEEP = 2
FEW_WORDS = 30
TOP = 15
PAPER = r"(arxiv\.org/(abs|pdf)|doi\.org/10|openreview\.net|aclanthology|proceedings|\.pdf\b)"
WRITTEN = re.compile(r"(^|/)(paper|manuscript|thesis|report|article|main)\.(tex|pdf|md)$")
BIBTEX = r"^\s*@(article|inproceedings|misc|phdthesis|mastersthesis|techreport|conference)\s*\{"
OWN = re.compile(
    r"\b(our|this|the) (\w+ ){0,3}(paper|article|preprint|thesis|report)\b|official (\w+ )*impl\w*|"
    r"\bcode (for|of|accompan)|implementation of|described in|if you (use|find)|\[paper\]",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"\[(insert|your|add|describe|todo)\b[^\]]{0,80}\]|<(your|insert)[^>]{0,80}>"
)


def own_documents(repo: Repository) -> tuple[Document, ...]:
    """Return the documents of the project itself, the README first."""
    prose = repo.fact(Prose)
    rest = [
        item
        for item in prose.documents
        if item is not prose.readme
        and (item.path.count("/") < DEEP or item.path.startswith("docs/"))
        and not ABOUT_PEOPLE.search(item.path)
        and repo.by_path[item.path].role in (Role.PROSE, Role.SOURCE)
    ]
    return (*([prose.readme] if prose.readme else []), *rest)


def level(document: Document, heading: Heading) -> int:
    """Return the depth of a heading: `#` marks, or the rank of its underline."""
    line = document.lines[heading.line - 1]
    marks = len(line) - len(line.lstrip("#"))
    if marks or heading.line >= len(document.lines):
        return marks or 1
    return 1 + "=-~^\"'*+".find(document.lines[heading.line][:1])


class Section(NamedTuple):
    """A heading with the last line of its section, its subsections included."""

    heading: Heading
    end: int
    nested: bool


def extents(document: Document) -> list[Section]:
    """Return each section; one pass, because a hostile document may be headings alone."""
    headings = document.headings
    levels = [level(document, heading) for heading in headings]
    ends = [len(document.lines)] * len(headings)
    open_ones: list[int] = []
    for number, heading in enumerate(headings):
        while open_ones and levels[open_ones[-1]] >= levels[number]:
            ends[open_ones.pop()] = heading.line - 1
        open_ones.append(number)
    nested = [after > before for before, after in itertools.pairwise(levels)]
    return [
        Section(heading, end, inner)
        for heading, end, inner in zip(headings, ends, [*nested, False], strict=False)
    ]


def described(
    documents: Iterable[Document], pattern: str, least: int, about: str = ""
) -> tuple[list[Evidence], list[Evidence]]:
    """Return sections under headings like `pattern` that say enough, and hollow ones."""
    good: list[Evidence] = []
    hollow: list[Evidence] = []
    for document in documents:
        shown = document.visible
        for number, section in enumerate(extents(document)):
            heading = section.heading
            # A title covers the whole document and says nothing of what stands under it.
            title = number == 0 and section.nested
            if title or not re.search(pattern, heading.text[:200], re.IGNORECASE):
                continue
            text = " ".join(plain(line) for line in shown[heading.line : section.end])
            count = len(re.findall(r"[^\W\d_]{2,}", text))
            name = heading.text[:60]
            scaffold = SCAFFOLD.search(text) or PLACEHOLDER.search(text)
            # One open end in a long section is no scaffold; a section of code alone is not empty.
            enough = count >= (3 * least if scaffold else least)
            empty = not any(line.strip() for line in document.lines[heading.line : heading.end])
            if enough and re.search(about, text, re.IGNORECASE):
                good.append(document.at(heading.line, f"{name!r} says it in {count} words"))
            elif (scaffold and not enough) or (empty and not section.nested):
                hollow.append(document.at(heading.line, f"{name!r} is a scaffold, or empty"))
    return good, hollow


def own_paper(repo: Repository) -> list[Evidence]:
    """Return where the project's own paper is cited or linked."""
    found: list[Evidence] = []
    for document in own_documents(repo)[:1]:
        found += [document.at(line, "cites its paper") for line, _ in document.find(BIBTEX)]
        found += [
            document.at(line, f"links its paper: {quoted(text)}")
            for line, text in document.find(PAPER)
            if line <= TOP or OWN.search(text[:2000])
        ]
    found += [
        Evidence(file.path, 0, "the paper itself")
        for file in repo.files
        if re.search(
            r"(^|/)(paper|manuscript|thesis|report|article|main)\.(tex|pdf|md)$", file.path
        )
        and file.role in (Role.PROSE, Role.DATA, Role.SOURCE)
    ]
    return found


def says_nothing(repo: Repository) -> Evidence | None:
    """Return where nothing is said, when documents and docstrings together hold no words."""
    documents = own_documents(repo)
    words = sum(
        len(re.findall(r"[^\W\d_]{2,}", plain(line)))
        for document in documents
        for line in document.visible
    )
    index = repo.fact(PythonIndex)
    nodes = (item.node for module in index.live() for item in module.functions.values())
    if words >= FEW_WORDS or any(
        isinstance(getattr(node.body[0], "value", None), ast.Constant) for node in nodes
    ):
        return None
    return documents[0].at(1, "says nothing") if documents else Evidence(".", 0, "no document")
