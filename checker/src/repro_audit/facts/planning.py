"""Whether a plan in the history is older than the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts.history import History
from repro_audit.facts.inference import Inference
from repro_audit.facts.results import Results
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.repository import Repository


class Planning(NamedTuple):
    """Plans by their place in the history; an empty field says nothing."""

    before: tuple[Evidence, ...] = ()
    late: tuple[Evidence, ...] = ()
    edited: tuple[Evidence, ...] = ()

    @classmethod
    def collect(cls, repo: Repository) -> Planning:
        """Compare the commits that touch plans with the first one that brings results."""
        plans = repo.fact(Inference).plans
        results = repo.fact(Results)
        outcomes = {item.path for item in results.files} or {item.path for item in results.stated}
        outcomes -= {item.path for item in plans}
        if not plans or not outcomes:
            return cls()
        wanted = frozenset({item.path for item in plans} | outcomes)
        order = repo.fact(History).order(wanted)
        first = next((n for n, paths in enumerate(order or ()) if paths & outcomes), None)
        if order is None or first is None:
            return cls()
        before, late, edited = [], [], []
        for plan in plans:
            at = [number for number, paths in enumerate(order) if plan.path in paths]
            if at and at[0] < first:
                before.append(Evidence(plan.path, plan.line, "committed before the first results"))
                if at[-1] > first:
                    edited.append(Evidence(plan.path, plan.line, "changed after the first results"))
            elif at and at[0] > first:
                late.append(Evidence(plan.path, plan.line, "committed after the first results"))
        return cls(tuple(before), tuple(late), tuple(edited))
