"""Judge whether a model file leads back to its run."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.modelfiles import LIGHTNING, ModelFiles
from repro_audit.facts.python import PythonIndex


def track_model_lineage(repo: Repository) -> Verdict:
    """Saved models stand in a run's record, or carry configuration, commit and data version."""
    found = repo.fact(ModelFiles)
    if found.traced:
        return passed("Models are kept with the run that made them.", *found.traced)
    fix = "Log the model into its run, for example with mlflow.pytorch.log_model"
    if found.configured:
        said = "A model file carries its configuration, and no run, commit or data version."
        return partial(said, *found.configured, fix=fix)
    if found.saves:
        bare = [call.evidence(f"{call.name} writes weights alone") for call in found.saves]
        return failed("Model files do not say where they come from.", *bare, fix=fix)
    lightning = any(repo.fact(PythonIndex).imported("lightning", "pytorch_lightning"))
    implicit = [call for call in repo.fact(PythonIndex).calls(*LIGHTNING) if lightning]
    if implicit:
        seen = [call.evidence("the trainer saves checkpoints by itself") for call in implicit]
        return unknown("Reading does not tell what the trainer stores beside the weights.", *seen)
    return not_applicable("No model is saved.")
