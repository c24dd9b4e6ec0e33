"""Judge whether the code that computes the results is there."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.languages import OTHER_CODE
from repro_audit.facts.metrics import Metrics, in_loop, unreached


def eval_code_included(repo: Repository) -> Verdict:
    """A script, a function or a metric that is reached turns predictions into numbers."""
    found = repo.fact(Metrics)
    calls = [call.evidence(f"{call.name} measures") for call in found.calls]
    fix = "Commit the script that turns predictions into the reported numbers"
    apart = (*found.scripts, *found.functions, *found.flags, *found.by_hand)
    if apart or (calls and not in_loop(repo, found.calls)):
        return passed("The code that evaluates is there.", *apart, *calls)
    if calls or found.recorded:
        inside = (*calls, *found.recorded)
        return partial("Metrics are computed only inside the training loop.", *inside, fix=fix)
    trains = model_fits(repo)
    if not trains:
        return nothing_trained(repo)
    foreign = repo.matching(*OTHER_CODE)
    if foreign:
        seen = Evidence(foreign[0].path, 0, "code that is not Python is not read")
        return unknown("The evaluation may be written in another language.", seen)
    hidden = unreached(repo)
    if hidden:
        return unknown("Code that evaluates is there and no entry point reaches it.", *hidden)
    shown = [call.evidence("trains, and nothing evaluates") for call in trains[:5]]
    return failed("No code evaluates what is trained.", *shown, fix=fix)
