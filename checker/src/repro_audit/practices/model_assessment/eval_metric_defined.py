"""Judge whether it is said what each metric is."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.metrics import Metrics
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import SPOKEN
from repro_audit.facts.sections import own_documents


def eval_metric_defined(repo: Repository) -> Verdict:
    """The documents name the metric, and the code leaves no averaging to a default."""
    found = repo.fact(Metrics)
    calls = [call.evidence(f"{call.name} computes it") for call in found.calls]
    if not calls and not found.functions and not model_fits(repo):
        return nothing_trained(repo)
    named = [
        document.at(line, f"names a metric: {quoted(text)}")
        for document in own_documents(repo)
        for line, text in document.find(SPOKEN.pattern, re.RegexFlag(0))
    ]
    fix = "Say in the README what each metric is, and give average= and the like in the code"
    if found.vague:
        return (partial if named else failed)(
            "The meaning of a metric over classes is left to a default.",
            *found.vague,
            *named[:3],
            fix=fix,
        )
    if named and (calls or found.documented):
        return passed("Metrics are named, and the code defines them.", *named, *calls)
    if calls or found.documented:
        return partial(
            "The code computes metrics, and no document names them.",
            *calls,
            *found.documented,
            fix=fix,
        )
    return unknown("What is measured by hand-written code is for a reader.", *found.functions)
