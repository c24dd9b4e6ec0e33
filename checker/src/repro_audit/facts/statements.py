"""What the documents say, sentence by sentence: without code, addresses, markup and scaffolds."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.repository import Repository

# What these say is about work on the project, not about its results.
ASIDE = re.compile(
    r"(^|/)(\.github/|contributing|change(log|s)|history|news|code_of_conduct|security|"
    r"licen[cs]e|governance|maintain)",
    re.IGNORECASE,
)
NOISE = re.compile(
    r"<!--.{0,2000}?-->|!\[[^\]]{0,300}\]\([^)]{0,500}\)|https?://[^\s)>\"'|]+|</?\w[^<>]{0,500}>"
)
MARK = re.compile(r"^\s*(>\s*)*([-*+]\s+|\d{1,3}[.)]\s+)?")
SCAFFOLD = re.compile(
    r"\b(TODO|TBD|FIXME|XXX|AUTHOR REVIEW|lorem ipsum|coming soon|to be (added|written|done|"
    r"announced|filled|described|determined)|fill (this )?in|work in progress|under construction|"
    r"placeholder|insert (your|the)|your \w+ here)\b|\[(describe|add|insert|your|todo)\b|"
    r"<(describe|add|insert|your)\b|\{\{",
    re.IGNORECASE,
)
# What is still to come is said of no run: a list of wishes, a task that is not ticked.
WISHES = re.compile(
    r"^\W*(to-?\s?dos?|road-?map|wish-?list|future (work|plans)|planned)\b", re.IGNORECASE
)
OPEN = re.compile(r"^\[ \]")
# A sentence does not end at an abbreviation.
BREAK = re.compile(
    r"(?<=[.!?;])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bcf\.)(?<!\bvs\.)(?<!\bca\.)(?<!\bapprox\.)"
    r"\s+(?=[\"'(*_`A-Z0-9~])"
)
LONGEST = 2_000


class Statement(NamedTuple):
    """One sentence or table row, with the line on which it begins and its section's heading."""

    text: str
    path: str
    line: int
    section: str = ""

    def evidence(self, message: str = "") -> Evidence:
        """Point at it; by default with its own words."""
        short = self.text if len(self.text) <= 120 else self.text[:117] + "..."  # noqa: PLR2004
        return Evidence(self.path, self.line, message or short)


def scaffold(text: str) -> bool:
    """Say whether a text only marks a place where something is still to be written."""
    return bool(SCAFFOLD.search(text))


def paragraphs(document: Document) -> Iterator[list[tuple[str, int]]]:
    """Yield runs of lines that belong together; list items and table rows stand alone."""
    held: list[tuple[str, int]] = []
    for raw, number in document.prose:
        cut = raw[:LONGEST]
        row = cut.lstrip().startswith("|") or cut.count("|") > 1
        item = bool(re.match(r"\s*([-*+]|\d{1,3}[.)])\s", cut))
        if held and (row or item or number != held[-1][1] + 1):
            yield held
            held = []
        held.append((cut, number))
        if row:
            yield held
            held = []
    if held:
        yield held


def sentences(document: Document) -> Iterator[Statement]:
    """Take paragraphs apart."""
    headings, passed = document.headings, 0
    for group in paragraphs(document):
        # Lines only grow, so that a heading whose part has ended is never asked again.
        while passed < len(headings) and headings[passed].end < group[0][1]:
            passed += 1
        near = headings[passed] if passed < len(headings) else None
        section = near.text if near is not None and near.line <= group[0][1] else ""
        text, starts = "", []
        for raw, number in group:
            starts.append((len(text), number))
            text += MARK.sub("", NOISE.sub(" ", raw)).strip() + " "
        at = 0
        for part in BREAK.split(text):
            found = text.find(part, at)
            at = found + len(part)
            line = starts[bisect_right(starts, found, key=itemgetter(0)) - 1][1]
            clean = " ".join(part.split())
            wished = WISHES.search(section) or OPEN.match(clean)
            if clean and not (wished or scaffold(clean)):
                yield Statement(clean, document.path, line, section)


class Statements(NamedTuple):
    """All sentences of the documents that speak about the project."""

    all: tuple[Statement, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Statements:
        """Read the README and every other document but those about working on the project."""
        documents = [item for item in repo.fact(Prose).documents if not ASIDE.search(item.path)]
        return cls(tuple(found for item in documents for found in sentences(item)))

    def find(self, *patterns: str | re.Pattern[str]) -> Iterator[Statement]:
        """Yield the sentences in which every one of `patterns` is found."""
        compiled = [
            re.compile(item, re.IGNORECASE) if isinstance(item, str) else item for item in patterns
        ]
        for statement in self.all:
            if all(item.search(statement.text) for item in compiled):
                yield statement


def looked_in(repo: Repository, message: str) -> Evidence:
    """Point at the README where something was looked for in vain."""
    readme = repo.fact(Prose).readme
    if readme is None:
        return Evidence(".", 0, f"no README, and no other document: {message}")
    return readme.at(1, message)
