"""How close a repeated result has to come: what documents allow, and what checks compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.calls import Calls
from repro_audit.facts.code import as_code
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import METRIC, Results, ranged
from repro_audit.facts.sections import own_documents
from repro_audit.facts.tables import plain
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

ABOUT = re.compile(
    rf"{METRIC.pattern}|\b(results?|numbers?|scores?|runs?|re-?run\w*|reproduc\w*|weights|outputs?|"
    r"values?|metrics?|digits?)\b",
    re.IGNORECASE,
)
ALLOWS = re.compile(
    r"\bwithin\s+(about |roughly |±|\+/-|~)?\s*\d|\btolerance\b|"
    r"\b(differ|vary|deviate|fluctuate|variation|(?<!standard )deviation|difference)s?\b[^.]{0,60}?"
    r"(\d[\d.]*\s*(%|points?|pp\b|standard)|0?\.\d+|last (few )?digits?|±)|"
    r"\bbit[- ]?(wise|exact|identical|for[- ]bit)\b|\bto the (last )?bit\b|"
    r"±\s?\d[\d.]*\s*(%|points?|pp)?\s*(of|around|from) (the )?(stated|reported|expected)",
    re.IGNORECASE,
)
ASIDE = re.compile(r"early stop|solver|converge|stopping|--tol|numerical stab", re.IGNORECASE)
COMPARES = (
    "*.approx",
    "*.allclose",
    "*.isclose",
    "*.assert_allclose",
    "*.assert_close",
    "*.assertAlmostEqual",
)
SPREAD = re.compile(r"\d\s*(±|\+/-|\+-)\s*\d")


class Tolerance(NamedTuple):
    """Statements of an allowed deviation, checks of results, and a spread in a table."""

    stated: tuple[Evidence, ...]
    checked: tuple[Evidence, ...]
    spread: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Tolerance:
        """Read documents, tables of results and the comparisons in tests and code."""
        stated = [
            document.at(number, quoted(line))
            for document in own_documents(repo)
            for number, line in sentences(document.visible)
            if ALLOWS.search(line) and ABOUT.search(line) and not ASIDE.search(line)
        ]
        spread = [
            Evidence(table.path, row.line, "a spread beside the number")
            for table in repo.fact(Results).tables
            for row in table.rows
            if any(SPREAD.search(cell) or ranged(cell) for cell in row.cells)
        ]
        return cls(tuple(stated), tuple(checks(repo)), tuple(spread))


def sentences(lines: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield each line with the next one, because a sentence may go on there."""
    said = [plain(line[:1000]) for line in lines]
    for number, (line, whole) in enumerate(zip(lines, said, strict=True), 1):
        if line.strip() and "|" not in line:
            following = said[number] if number < len(lines) else ""
            yield number, whole if ALLOWS.search(whole) else f"{whole} {following}"


def checks(repo: Repository) -> Iterator[Evidence]:
    """Yield comparisons of a metric with a stored number, within a bound."""
    index = repo.fact(PythonIndex)
    tested = (call for module in index.tests() for call in module.calls)
    calls = [*index.calls(*COMPARES), *Calls(tested).named(*COMPARES)]
    paths = {call.path for call in calls}
    sources = {path: (repo.text(path) or "").split("\n") for path in paths}
    for call in calls:
        # What is looked through of the code, which is taken from the tree, stands in here.
        near = "\n".join(sources[call.path][call.line - 1 : call.line + 100])[:1000]
        if call.path.endswith(".py") and not METRIC.search(near.replace("_", " ")):
            continue
        checked = index.modules[call.path].checks
        tests = [as_code(check.test)[:300] for check in checked if check.line == call.line]
        words = " ".join([as_code(call.node)[:300], *tests]).replace("_", " ")
        if METRIC.search(words):
            yield call.evidence("a result is compared within a bound")
