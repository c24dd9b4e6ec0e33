"""Maps from claims to what made them: tables, sections and files that name scripts for results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.facts.results import is_result, told
from repro_audit.facts.tables import tables
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.facts.tables import Table
    from repro_audit.repository import Repository

CLAIM = re.compile(
    r"\b(tab(le|\.)?|fig(ure|\.)?|claims?|results?|experiments?|section|number)\b", re.IGNORECASE
)
MEANS = re.compile(
    r"\b(scripts?|commands?|configs?|configurations?|notebooks?|runs?|run id|code|how|made by|"
    r"reproduced? (by|with)|log|logs|seeds?|file)\b",
    re.IGNORECASE,
)
ITEM = re.compile(r"\b(table|figure|fig\.|claim)\s*(s?\d+|[ivx]+\b)", re.IGNORECASE)
FILE = re.compile(r"(?<![\w./:-])[\w][\w./-]{0,150}\.(?:py|sh|ipynb|ya?ml|json|toml|R|smk)\b")
MAPS = re.compile(
    r"(^|/)(reproduc\w*|replicat\w*|artifact[\w-]*|claims?|experiments?)[\w-]*\.(md|rst|ya?ml)$",
    re.IGNORECASE,
)


class Pointer(NamedTuple):
    """One claim with the file that is said to have made it; `exists` says whether it is there."""

    evidence: Evidence
    file: str
    exists: bool


class ClaimMap(NamedTuple):
    """All pointers from claims to files."""

    pointers: tuple[Pointer, ...]

    @classmethod
    def collect(cls, repo: Repository) -> ClaimMap:
        """Read the documents that speak of results, and files named for claims."""
        paths = {item.path for item in told(repo)}
        documents = [*told(repo)]
        documents += [
            item
            for item in repo.fact(Prose).documents
            if item.path not in paths
            and MAPS.search(item.path)
            and repo.by_path[item.path].role in (Role.PROSE, Role.SOURCE)
        ]
        found = [item for document in documents for item in in_document(repo, document)]
        for file in repo.matching("claims.yaml", "claims.yml"):
            for number, line in enumerate(repo.lines(file.path)[:2_000], 1):
                found += list(pointers(repo, file.path, number, line))
        return cls(tuple(found))


def in_document(repo: Repository, document: Document) -> Iterator[Pointer]:
    """Yield the pointers of tables of claims, and of sections named for a table or figure."""
    for table in tables(document):
        if maps(table):
            for row in table.rows:
                yield from pointers(repo, document.path, row.line, document.lines[row.line - 1])
        elif is_result(table):
            # Its header or its rows may name the script or configuration of each number.
            for number in (table.line, *(row.line for row in table.rows)):
                found = pointers(repo, document.path, number, document.lines[number - 1])
                yield from (item for item in found if item.exists)
    for heading in document.headings:
        if ITEM.search(heading.text):
            for number in range(heading.line + 1, heading.end + 1):
                yield from pointers(repo, document.path, number, document.lines[number - 1])


def maps(table: Table) -> bool:
    """Say whether a table has a column for what is claimed and one for what made it."""
    means = [column for column, cell in enumerate(table.header) if MEANS.search(cell)]
    claims = [column for column, cell in enumerate(table.header) if CLAIM.search(cell)]
    first = any(ITEM.search(cell) for row in table.rows for cell in row.cells[:1])
    measured = any(re.search(r"\d\.\d|%", cell) for row in table.rows for cell in row.cells)
    return bool(means) and bool(set(claims) - set(means) or first or measured)


def pointers(repo: Repository, path: str, number: int, line: str) -> Iterator[Pointer]:
    """Yield the files that one line names."""
    for name in dict.fromkeys(FILE.findall(line[:2_000])[:10]):
        plain = name.removeprefix("./")
        exists = plain in repo.by_path or any(
            file.path.endswith(f"/{plain}") for file in repo.files
        )
        said = f"points to {name}" if exists else f"points to {name}, which does not exist"
        yield Pointer(Evidence(path, number, said), name, exists)
