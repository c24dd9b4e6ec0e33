"""How much results vary, as it is stated, defined, and computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.flow import Flow
from repro_audit.facts.repeats import METRIC, PLUS_MINUS
from repro_audit.facts.results import Results, ranged
from repro_audit.facts.statements import Statements

if TYPE_CHECKING:
    from repro_audit.facts.tables import Table
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

KIND = re.compile(
    r"\b(standard (deviations?|errors?)|st(an)?d\.? ?dev\w*|std(ev)?s?|s\.?e\.?m\.?|"
    r"(confidence|credible|prediction) intervals?|\d{2}\s?% ?(CI|interval)|CIs?|bootstrap\w*|"
    r"inter-?quartile|IQR|quartiles?|min(imum)? (and|to|-) max(imum)?|SD)\b",
    re.IGNORECASE,
)
OVER = re.compile(
    r"\b(seeds?|runs|trials|repetitions|repeats|folds?|resamples|bootstrap\w*|replicates|"
    r"initiali[sz]ations|restarts|subjects|splits)\b",
    re.IGNORECASE,
)
# What is scaled or drawn has a standard deviation too, and none of it is that of a result.
ASIDE = re.compile(
    r"normali[sz]|scaled|standardi[sz]|pixel|percentile|\bclip|intensit|zero mean|"
    r"mean (0|zero)|initiali[sz]ed (with|from)|gaussian|you can|could|should|"
    r"will be|planned|future",
    re.IGNORECASE,
)
COLUMN = re.compile(
    r"(^|[\s(/])(std(ev)?|s\.?d\.?|sem|s\.e\.|(\d{2}\s?% ?)?ci|confidence interval|"
    r"standard (deviation|error)|iqr|spread|lower|upper|variance)($|[\s)./%])",
    re.IGNORECASE,
)
CELL = re.compile(
    r"\d\s*%?\s*(±|\+/-|\+-|&plusmn;|pm)\s*\d|\d\s*[(\[]\s*-?\d[\d.]*\s*[,-]\s*-?\d[\d.]*\s*[)\]]|\d\(\d+\)"
)
COMPUTES = (
    *("scipy.stats.bootstrap", "scipy.stats.sem", "scipy.stats.t.interval", "*.norm.interval"),
    *("scipy.stats.norm.interval", "arviz.hdi", "arviz.summary", "rliable.*", "*.errorbar"),
    *("statistics.stdev", "*.proportion_confint", "*.DescrStatsW"),
)


@dataclass
class Spread:
    """Where a spread is shown, where it is defined, where it is computed, and bare tables."""

    shown: list[Evidence] = field(default_factory=list)
    defined: list[Evidence] = field(default_factory=list)
    computed: list[Evidence] = field(default_factory=list)
    bare: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Spread:
        """Read tables of results, sentences and reached calls."""
        found = cls()
        for table in repo.fact(Results).tables:
            kind = found.shown if varies(table) else found.bare
            kind.append(
                table.evidence("results with a spread" if kind is found.shown else "single numbers")
            )
        for statement in repo.fact(Statements).all:
            text = statement.text
            told, apart = KIND.search(text), PLUS_MINUS.search(text)
            if not (told or apart) or ASIDE.search(text):
                continue
            if METRIC.search(text) and (apart or re.search(r"\d\.\d", text)):
                found.shown.append(statement.evidence())
            if told and OVER.search(text):
                found.defined.append(statement.evidence())
        found.computed += [
            call.evidence(f"{call.name} computes or draws a spread")
            for call in repo.fact(Flow).calls.named(*COMPUTES)
        ]
        return found


def varies(table: Table) -> bool:
    """Say whether a table of results shows how far they vary."""
    if any(COLUMN.search(name[:200].replace("_", " ")) for name in table.header):
        return True
    return any(CELL.search(cell[:200]) or ranged(cell) for row in table.rows for cell in row.cells)
