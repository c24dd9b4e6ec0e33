"""Judge whether runs leave a record of parameters and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.accesses import Accesses
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.mains import Mains
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.trackers import RunLogs

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = (
    "mlflow",
    "wandb",
    "neptune",
    "deepsense",
    "comet_ml",
    "clearml",
    "aim",
    "dvclive",
    "sacred",
    "tensorboardX",
    "trackio",
    "visdom",
)


# A file that is named so beside what a run puts out.
SETTINGS = re.compile(
    r"(^|[/_*-])(args?|config(ure|uration)?|settings|h?params|hyper_?param\w*|options?|opt)"
    r"\.(json|ya?ml|txt)$",
    re.IGNORECASE,
)


def track_runs(repo: Repository) -> Verdict:
    """Code on the way of training records each run by default."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    found = repo.fact(RunLogs)
    always, optional = found.always, found.optional
    fix = "Log parameters, metrics and artefacts of each run, for example with mlflow"
    if always and seldom(repo, {(item.path, item.line) for item in always}):
        return partial("Some of the training is recorded, most is not.", *always, fix=fix)
    if always:
        return passed("Each run is recorded.", *always)
    if optional:
        return partial("Runs are recorded only when asked for.", *optional, fix=fix)
    parts = list(parted(repo))
    if parts:
        return partial("A part of each run is written down.", *parts, fix=fix)
    idle = [
        Evidence(path, line, f"{top} is imported and no entry point reaches a call of it")
        for path, line, top in repo.fact(PythonIndex).imported(*PACKAGES)
    ]
    seen_training = [call.evidence("trains without a record") for call in trains[:5]]
    return failed("Runs leave no record.", *idle, *seen_training, fix=fix)


def parted(repo: Repository) -> Iterator[Evidence]:
    """Yield where a run writes down its settings without measures, or messages without settings."""
    for item in repo.fact(Accesses).writes:
        if SETTINGS.search(item.path[-200:]):
            yield item.evidence(f"writes the settings: {item.path[-60:]}")
    for call in repo.fact(Flow).calls.named("logging.FileHandler"):
        yield call.evidence("writes its messages to a file")


def seldom(repo: Repository, places: set[tuple[str, int]]) -> bool:
    """Say whether fewer than half of the scripts that train reach a call that records."""
    if any(task.runner == "dvc" for task in repo.fact(Tasks).all):
        return False  # one stage of a pipeline trains, another records
    flow = repo.fact(Flow)
    records = [call for call in flow.live if (call.path, call.line) in places]
    trained = set(repo.fact(Mains).entries)
    recorded = trained & flow.entries(records)
    return bool(records) and len(recorded) * 2 < len(trained)
