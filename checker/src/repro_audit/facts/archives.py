"""Persistent identifiers that the project's documents and metadata name, and what they name."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import read_config
from repro_audit.facts.history import History
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.repository import Repository

SWHID = re.compile(r"swh:1:(cnt|dir|rev|rel|snp):[0-9a-f]{40}")
# Prefixes under which archives hand out identifiers: Zenodo, figshare, OSF, Dryad, 4TU, Mendeley.
DEPOSIT = re.compile(
    r"10\.(5281/zenodo|6084/m9\.figshare|17605/osf|5061/dryad|4121/|17632/)[\w./-]*\d|"
    r"zenodo\.org/(records?|badge|doi)/[\w./-]*\d|figshare\.com/articles/[\w./-]+|"
    r"archive\.softwareheritage\.org/[\w:/.-]+",
    re.IGNORECASE,
)
BADGE = re.compile(r"zenodo\.org/badge/|zenodo\.org/badge\?", re.IGNORECASE)
OTHERS = re.compile(
    r"\b(data ?sets?|data|corpus|weights|checkpoints?|pre-?trained|models?|logs?|records|"
    r"article|paper|preprint|supplement\w*|images|measurements|events)\b",
    re.IGNORECASE,
)
SOFTWARE = re.compile(
    r"\b(code|software|source|repository|release|version|archived?|snapshot|package|cite|badge)\b",
    re.IGNORECASE,
)
PUBLISHED = re.compile(
    r"arxiv\.org/|doi\.org/10\.(?!5281/|6084/|17605/|5061/|4121/|17632/)|^\s*@(article|inproceedings|misc|software)\s*\{|"
    r"pypi\.org/project|img\.shields\.io|huggingface\.co/",
    re.IGNORECASE,
)


HOSTED = re.compile(r"(https?|ssh|git)://|[\w.-]+@[\w.-]+:")


class Subject(Enum):
    """What an identifier stands for, as far as the words around it tell."""

    SOFTWARE = "the software"
    OTHER = "something else"
    UNCLEAR = "it is not said what"


class Identifier(NamedTuple):
    """One identifier in one place."""

    evidence: Evidence
    subject: Subject


class Archives(NamedTuple):
    """Identifiers, preparations for a deposit, and signs that the project is public."""

    identifiers: tuple[Identifier, ...]
    prepared: tuple[Evidence, ...]
    public: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Archives:
        """Read the README and what it links, citation files and deposit descriptions."""
        found = [item for document in repo.fact(Prose).guide() for item in written(document)]
        found += list(citation(repo))
        prepared = tuple(
            Evidence(file.path, 1, "describes a deposit that it does not name")
            for file in repo.matching(".zenodo.json")
        )
        return cls(tuple(found), prepared, tuple(public(repo)))

    def of(self, subject: Subject) -> tuple[Evidence, ...]:
        """Return the places of identifiers of one subject."""
        return tuple(item.evidence for item in self.identifiers if item.subject is subject)


def written(document: Document) -> Iterator[Identifier]:
    """Yield the identifiers that stand in a document."""
    for number, line in document.find(f"{SWHID.pattern}|{DEPOSIT.pattern}"):
        text = line[:2000]
        if SWHID.search(text) or BADGE.search(text):
            subject = Subject.SOFTWARE
        else:
            subject = meant(f"{heading_above(document, number)} {DEPOSIT.sub(' ', text)}")
        yield Identifier(document.at(number, f"an identifier of {subject.value}"), subject)


def heading_above(document: Document, line: int) -> str:
    """Return the heading under which a line stands."""
    above = [item.text for item in document.headings[1:] if item.line <= line]
    return above[-1] if above else ""


def meant(words: str) -> Subject:
    """Say what the words around an identifier make of it."""
    other, software = OTHERS.search(words), SOFTWARE.search(words)
    if bool(other) == bool(software):
        return Subject.UNCLEAR
    return Subject.SOFTWARE if software else Subject.OTHER


def citation(repo: Repository) -> Iterator[Identifier]:
    """Yield identifiers that the citation file and codemeta give to the software itself."""
    for file in repo.matching("citation.cff", "codemeta.json"):
        name = "c.yaml" if file.name.lower() == "citation.cff" else "c.json"
        for entry in read_config(name, repo.text(file.path) or ""):
            top = entry.key.partition(".")[0]
            if top not in {"doi", "identifiers", "identifier", "@id"}:
                continue
            if DEPOSIT.search(str(entry.value)) or SWHID.search(str(entry.value)):
                seen = Evidence(file.path, entry.line, "the software's own identifier")
                yield Identifier(seen, Subject.SOFTWARE)


def public(repo: Repository) -> Iterator[Evidence]:
    """Yield signs that others can see the project."""
    # A remote may be private; together with a licence it is meant for others.
    licensed = bool(repo.matching("licen[cs]e*", "copying*"))
    for remote in repo.fact(History).remotes:
        if licensed and HOSTED.match(remote.url):
            yield Evidence(".git", 0, f"licensed, and the remote is {quoted(remote.url)}")
    readme = repo.fact(Prose).readme
    if readme is not None:
        for number, _ in readme.find(PUBLISHED.pattern):
            yield readme.at(number, "shows that others are meant to use or cite it")
            return
