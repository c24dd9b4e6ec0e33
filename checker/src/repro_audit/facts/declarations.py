"""What documents say of the data: sections, numbers, terms, and places that were left open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document, Heading
    from repro_audit.repository import Repository

DATA = re.compile(r"\bdata\b|\bdata ?sets?\b|\bdatasheet\b|\bcorpus\b|\bcorpora\b", re.IGNORECASE)
DATA_DOCUMENT = re.compile(
    r"(^|/)(datasheet|data[_-]?card|dataset[_-]?card|data[_-]?statement|codebook|data[_-]?dictionary)"
    r"[^/]*$|(^|/)(data|datasets?)/[^/]*\.(md|rst)$|(^|/)(data|datasets?)\.(md|rst)$",
    re.IGNORECASE,
)
OPEN = re.compile(
    r"\[?more information needed\]?|\bto ?do\b|\btbd\b|\bcoming soon\b|\bfill (this )?in\b|"
    r"\blorem ipsum\b|\breview required\b|^\s*[<\[{][^>\]}]{0,60}[>\]}]\s*$|\bn/?a\b\s*$",
    re.IGNORECASE,
)
WORDS = 5


class Section(NamedTuple):
    """One section of a document: its heading, with the lines that say something."""

    document: Document
    heading: Heading
    lines: tuple[tuple[str, int], ...]

    @property
    def hollow(self) -> bool:
        """Whether the place is there and nothing is in it."""
        return not self.lines

    @property
    def text(self) -> str:
        """What it says, in one text."""
        return " ".join(line for line, _ in self.lines)[:20_000]

    def at(self, message: str) -> Evidence:
        """Point at the heading."""
        return self.document.at(self.heading.line, message)


class Declarations(NamedTuple):
    """Sections on data, anywhere, and all sections of documents that are about data as a whole."""

    sections: tuple[Section, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Declarations:
        """Read the documents of the project itself."""
        found: list[Section] = []
        for document in repo.fact(Prose).documents:
            whole = DATA_DOCUMENT.search(document.path) is not None
            inside = 0
            for heading in document.headings:
                about = DATA.search(heading.text) is not None
                level = depth(document, heading)
                deeper = 0 < inside < level
                inside = level if about and not deeper else inside if deeper else 0
                if whole or about or deeper:
                    found.append(read_section(document, heading))
        return cls(tuple(found))

    def titled(self, pattern: str) -> Iterator[Section]:
        """Yield the sections whose heading matches."""
        return (
            item for item in self.sections if re.search(pattern, item.heading.text, re.IGNORECASE)
        )

    def saying(self, pattern: str) -> Iterator[Evidence]:
        """Yield the lines on data that match."""
        compiled = re.compile(pattern, re.IGNORECASE)
        for section in self.sections:
            for text, number in section.lines:
                if compiled.search(text[:2000]):
                    yield section.document.at(number, quoted(text))


def depth(document: Document, heading: Heading) -> int:
    """Return how many `#` a Markdown heading has."""
    line = document.lines[heading.line - 1]
    return len(line) - len(line.lstrip("#"))


def read_section(document: Document, heading: Heading) -> Section:
    """Take the lines of a section that are neither empty nor placeholders."""
    body = document.lines[heading.line : heading.end]
    lines = [
        (line, number)
        for number, line in enumerate(body, heading.line + 1)
        if line.strip() and not OPEN.search(line[:2000]) and not line.strip().startswith("<!--")
    ]
    return Section(document, heading, tuple(lines))


def terms_files(repo: Repository) -> list[Evidence]:
    """Return licence files that are about data."""
    names = ("data_licen[cs]e*", "licen[cs]e[-_.]data*", "data/licen[cs]e*", "*data*/licen[cs]e*")
    return [
        Evidence(file.path, 1, "the terms of the data")
        for file in repo.matching(*names, roles=(Role.SOURCE, Role.PROSE, Role.DATA))
        if len((repo.text(file.path) or "").split()) >= WORDS
    ]
