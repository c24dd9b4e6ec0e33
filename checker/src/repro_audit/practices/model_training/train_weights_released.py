"""Judge whether the trained models can be had."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import iterative, model_fits
from repro_audit.facts.kind import Kind
from repro_audit.facts.prose import Prose
from repro_audit.facts.results import Results
from repro_audit.facts.weights import Weights


def train_weights_released(repo: Repository) -> Verdict:
    """A link, an address in the code or a file gives the trained models."""
    weights = repo.fact(Weights)
    given = (*weights.linked, *weights.committed)
    if given:
        return passed("Trained models can be had; only a run shows that they work.", *given)
    if weights.unclear:
        return unknown("Weights are linked that may be somebody else's.", *weights.unclear)
    trains = model_fits(repo)
    reported = bool(repo.fact(Results).stated) and repo.fact(Kind).name in {
        "paper-code",
        "monorepo",
    }
    if not trains and not reported:
        return nothing_trained(repo)
    if not iterative(repo) and not reported:
        seen = [call.evidence("fits a model in a moment") for call in trains[:3]]
        return unknown("Whether such small models are to be handed out is for their author.", *seen)
    readme = repo.fact(Prose).readme
    looked = (
        readme.at(1, "links no trained model")
        if readme
        else Evidence(".", 0, "no README, and no trained model among the files")
    )
    fix = "Deposit the weights (Zenodo, a model hub, a release) and link them with their digest"
    if weights.promised:
        return failed("Trained models are promised and not there.", *weights.promised, fix=fix)
    return failed("No trained model is handed out.", looked, fix=fix)
