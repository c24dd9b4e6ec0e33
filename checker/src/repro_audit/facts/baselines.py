"""Comparisons that documents make, and whether what is compared is in the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import LIVE, PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import METRIC, SCAFFOLD, Results, is_number
from repro_audit.facts.sections import own_documents
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.tables import Row, Table
    from repro_audit.repository import Repository

CLAIM = (
    r"\bbaselines?\b|state[- ]of[- ]the[- ]art|\bsota\b|outperform|compared? (to|with|against)|"
    r"better than|prior work|competing methods"
)
DUMMY = ("sklearn.dummy.*", "*.DummyClassifier", "*.DummyRegressor")
SHORTEST = 3
# What the first column of a table may hold, and is no method.
STATED = re.compile(r"\b(hypothes[ie]s|claims?|questions?|switch(es)?)\b", re.IGNORECASE)


class Baselines(NamedTuple):
    """Claims of a comparison, its rows that are found or missing, and runnable baselines."""

    claims: tuple[Evidence, ...]
    rows: tuple[Evidence, ...]
    missing: tuple[Evidence, ...]
    runnable: tuple[Evidence, ...]
    promised: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Baselines:
        """Read results tables and documents, and look the names up in the code."""
        documents = own_documents(repo)
        results = repo.fact(Results)
        said = [
            (document, line, text) for document in documents for line, text in document.find(CLAIM)
        ]
        promised = [
            document.at(line, f"a promise, no code: {quoted(text)}")
            for document, line, text in said
            if SCAFFOLD.search(text[:500])
            and re.search(r"code|script|config|implement", text, re.IGNORECASE)
        ]
        compared = [(table, row) for table in results.tables for row in methods(table)]
        known = names(repo) if compared else ""
        raw = {item.path: item.lines for item in repo.fact(Prose).documents}
        rows: list[Evidence] = []
        missing: list[Evidence] = []
        for table, row in compared:
            name = row.cells[0]
            sourced = re.search(r"https?://|\]\[|\]\(|<a ", raw[table.path][row.line - 1][:4000])
            there = sourced is not None or squeezed(name) in known
            seen = Evidence(
                table.path,
                row.line,
                f"{name[:60]!r} {'has' if there else 'without'} code or a source",
            )
            (rows if there else missing).append(seen)
        claims = [document.at(line, quoted(text)) for document, line, text in said]
        claims += [table.evidence("a comparison") for table, _ in compared[:1]]
        return cls(
            tuple(claims), tuple(rows), tuple(missing), tuple(runnable(repo)), tuple(promised)
        )


def methods(table: Table) -> Iterator[Row]:
    """Yield the rows of a table that name a method and its numbers."""
    if len(table.rows) < 2:  # noqa: PLR2004 - one row compares with nothing
        return
    if table.header and STATED.search(table.header[0]):
        return
    for row in table.rows:
        numbers = any(is_number(cell) for cell in row.cells[1:])
        name = row.cells[0]
        if numbers and len(squeezed(name)) >= SHORTEST and not METRIC.search(name):
            yield row


def squeezed(name: str) -> str:
    """Return a name without all that spelling may change."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\([^)]*\)", "", name).lower())


def names(repo: Repository) -> str:
    """Return every name and string of live code and configuration, squeezed, between bars."""
    found = set(repo.fact(PythonIndex).made.by_name)
    for module in repo.fact(PythonIndex).live():
        found.add(module.path)
        found |= set(module.functions) | set(module.classes)
        found |= {text.value for text in module.texts if len(text.value) < 80}  # noqa: PLR2004
    for file in repo.fact(Configs).files.values():
        found.add(file.path)
        found |= {str(entry.value)[:80] for entry in file.entries}
    return "|".join(sorted(squeezed(item) for item in found))


def runnable(repo: Repository) -> Iterator[Evidence]:
    """Yield baselines that can be run: dummy estimators, and files called so."""
    for call in repo.fact(Flow).calls.named(*DUMMY):
        yield call.evidence("a trivial baseline is fitted")
    roles = repo.fact(PythonIndex).roles
    for path, role in roles.items():
        if role in LIVE and re.search(r"baseline", path, re.IGNORECASE):
            yield Evidence(path, 1, "a baseline by its name")
    for path in repo.fact(Configs).files:
        if re.search(r"baseline", path, re.IGNORECASE):
            yield Evidence(path, 1, "the configuration of a baseline")
