"""Judge whether runs leave a record of parameters and metrics."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.randomness import skipped_by_default
from repro_audit.facts.trackers import NOT_TRACKERS, TRACKERS
from repro_audit.facts.training import fits
from repro_audit.facts.values import Values

PACKAGES = (
    "mlflow",
    "wandb",
    "neptune",
    "comet_ml",
    "clearml",
    "aim",
    "dvclive",
    "sacred",
    "tensorboardX",
    "trackio",
)


def track_runs(repo: Repository) -> Verdict:
    """Code on the way of training records each run by default."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    values = repo.fact(Values)
    always: list[Evidence] = []
    optional: list[Evidence] = []
    for call in repo.fact(Flow).live_calls():
        if not matches(call.name, TRACKERS) or matches(call.name, NOT_TRACKERS):
            continue
        off = skipped_by_default(call, values)
        seen = call.evidence(
            f"{call.name} records the run" + (" when it is asked to" if off else "")
        )
        (optional if off else always).append(seen)
    for entry in repo.fact(Configs).entries("_target_"):
        if matches(str(entry.value), TRACKERS):
            used = not values.composed or entry in values.composed.values()
            (always if used else optional).append(
                entry.evidence(f"the configuration makes {entry.value}")
            )
    fix = "Log parameters, metrics and artefacts of each run, for example with mlflow"
    if always and seldom(repo, {(item.path, item.line) for item in always}):
        return partial("Some of the training is recorded, most is not.", *always, fix=fix)
    if always:
        return passed("Each run is recorded.", *always)
    if optional:
        return partial("Runs are recorded only when asked for.", *optional, fix=fix)
    idle = [
        Evidence(path, line, f"{top} is imported and no entry point reaches a call of it")
        for path, line, top in repo.fact(PythonIndex).imported(*PACKAGES)
    ]
    seen_training = [call.evidence("trains without a record") for call in trains[:5]]
    return failed("Runs leave no record.", *idle, *seen_training, fix=fix)


def seldom(repo: Repository, places: set[tuple[str, int]]) -> bool:
    """Say whether fewer than half of the scripts that train reach a call that records."""
    flow = repo.fact(Flow)
    records = [call for call in flow.live if (call.path, call.line) in places]
    trained = flow.entries(call for call in flow.live if fits(call))
    recorded = trained & flow.entries(records)
    return bool(records) and len(recorded) * 2 < len(trained)
