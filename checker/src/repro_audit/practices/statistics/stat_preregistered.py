"""Judge whether the plan of the analysis is older than the results."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import no_learning
from repro_audit.facts.inference import Inference
from repro_audit.facts.planning import Planning


def stat_preregistered(repo: Repository) -> Verdict:
    """The history holds a written plan from before the first results, not edited since."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    found, dated = repo.fact(Inference), repo.fact(Planning)
    fix = "Write metric, tests, alpha, splits and number of runs into a dated plan before the runs"
    if dated.edited:
        return partial("The plan changed after the first results.", *dated.edited, fix=fix)
    if dated.before:
        return passed("The plan was committed before the results.", *dated.before)
    if found.registered:
        return unknown(
            "A registration is linked; a person compares its date with the results.",
            *found.registered,
        )
    if dated.late:
        return failed("The plan came after the first results.", *dated.late, fix=fix)
    if found.plans:
        return unknown(
            "There is a plan; the history does not show whether it is older than the results.",
            *found.plans,
        )
    if found.empty_plans:
        return failed("The plan is empty, or a scaffold.", *found.empty_plans, fix=fix)
    claims = (*found.claimed, *found.called)
    if claims:
        return failed("Differences are tested, and no plan is kept or linked.", *claims, fix=fix)
    return unknown("No plan is seen, and no test either; the authors say whether there is a plan.")
