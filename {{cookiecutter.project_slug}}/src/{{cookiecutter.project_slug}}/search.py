"""The stage `search`: many trainings, to find the settings with the smallest validation loss.

Optuna proposes (tree-structured Parzen estimator), and trials that are worse than most are stopped
early. A study is kept in `search.folder`; started again, it goes on. Each trial is an MLflow run
below that of the study, and can be trained again by `train` alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hydra
import numpy as np
import optuna
from filelock import FileLock, Timeout
from omegaconf import DictConfig, OmegaConf
from optuna.exceptions import StorageInternalError
from optuna.trial import FrozenTrial, TrialState

from . import cluster
from .provenance import provenance
from .reproducibility import seed_of
from .stages import ROOT, StageError, again, given, stage, write_whole
from .tracking import RunLogger, settings, tracked_run
from .training import lasting
from .trials import AGAIN, Report, run_trial
from .validation import validated

METRIC = "val_loss"
OWN = ("search=", "search.")
ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


def space_of(cfg: DictConfig) -> dict[str, Any]:
    """What is searched: key of the configuration -> distribution of Optuna.

    Raises:
        StageError: the configuration has no such key.
    """
    found: dict[str, Any] = {}

    def walk(part: DictConfig, path: str) -> None:
        for name in part:
            key = f"{path}{name}"
            if "_target_" not in part[name]:
                walk(part[name], f"{key}.")
            elif OmegaConf.select(cfg, key) is None:
                raise StageError(f"search.space has {key}, which the experiment has not.")
            else:
                found[key] = hydra.utils.instantiate(part[name])

    walk(cfg.search.space, "")
    return found


def sampler(cfg: DictConfig, ended: int) -> optuna.samplers.BaseSampler:
    """Seeded anew for each trial: Optuna does not keep the state of its generator.

    With one seed for all, a study that goes on would try what it has tried already.
    """
    seed = np.random.SeedSequence([cfg.search.seed, ended]).generate_state(1)[0]
    return optuna.samplers.TPESampler(seed=int(seed))


def ended(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that need not be made again."""
    return study.get_trials(deepcopy=False, states=ENDED)


def one_by_one(cfg: DictConfig, study: optuna.Study, folder: Path, parent: str) -> None:
    """Trials in this process. A study that is killed goes on to the very same end."""
    space = space_of(cfg)
    while (number := len(ended(study))) < cfg.search.trials:
        study.sampler = sampler(cfg, number)
        trial = None
        for left in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            trial = optuna.Trial(study, left._trial_id)
            if left.params.keys() != space.keys():  # killed while it was made up
                study.tell(trial, state=TrialState.FAIL)
                trial = None
        trial = trial or study.ask(space)
        loss, stopped = run_trial(
            cfg,
            trial.params,
            folder / f"trial-{trial.number:04d}",
            below(parent, given(*OWN), trial.params),
            reports(trial),
        )
        if stopped:
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, loss)
        outcome = "stopped early at" if stopped else "reached"
        print(f"search: trial {number + 1} of {cfg.search.trials} {outcome} {loss:.6g}", flush=True)


def below(parent: str, overrides: list[str], values: dict[str, Any]) -> dict[str, str]:
    """Tags of a trial's run: that it belongs below the study's, and what makes it again."""
    return {"mlflow.parentRunId": parent, "command": again("reproduce", overrides, values)}


def reports(trial: optuna.Trial) -> Report:
    """What tells Optuna of an epoch, and asks it whether to stop."""

    def report(epoch: int, loss: float) -> bool:
        trial.report(loss, epoch)
        return trial.should_prune()

    return report


def at_once(cfg: DictConfig, study: optuna.Study, folder: Path, parent: str) -> None:
    """Several trials at a time with Ray Tune, here or on a cluster.

    What is tried depends on which trial ends first; each can be trained again alone.
    """
    from ray import tune  # here, for only this needs it
    from ray.tune.schedulers import ASHAScheduler
    from ray.tune.search.optuna import OptunaSearch

    for left in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(left.number, state=TrialState.FAIL)
        study.enqueue_trial(left.params)
    number, there = len(ended(study)), cfg.search.ray
    if number >= cfg.search.trials:
        return
    with cluster.connected(there.address, there.workers * there.cpus, "search=optuna"):
        tuner = tune.Tuner(
            tune.with_resources(
                tune.with_parameters(
                    remote_trial, cfg=cfg, folder=folder, parent=parent, overrides=given(*OWN)
                ),
                {"cpu": there.cpus, "gpu": there.gpus},
            ),
            tune_config=tune.TuneConfig(
                search_alg=OptunaSearch(
                    space_of(cfg),
                    metric=METRIC,
                    mode="min",
                    sampler=sampler(cfg, number),
                    study_name=study.study_name,
                    storage=study._storage,
                ),
                scheduler=ASHAScheduler(
                    metric=METRIC,
                    mode="min",
                    max_t=cfg.trainer.max_epochs + 1,  # a trial that gets so far ends by itself
                    grace_period=min(cfg.search.min_epochs, cfg.trainer.max_epochs),
                    reduction_factor=cfg.search.reduction,
                ),
                num_samples=cfg.search.trials - number,
                max_concurrent_trials=there.workers,
                reuse_actors=True,  # a new process takes longer than a small trial
            ),
            run_config=tune.RunConfig(name="ray", storage_path=str(folder), verbose=0),
        )
        failed = tuner.fit().errors
    if failed:
        raise failed[0]


def remote_trial(
    values: dict[str, Any], cfg: DictConfig, folder: Path, parent: str, overrides: list[str]
) -> None:
    """One trial in a process of Ray, which stops it where its scheduler says so."""
    from ray import tune

    told: list[SystemExit] = []

    def report(epoch: int, loss: float) -> bool:
        try:
            tune.report({METRIC: loss})
        except SystemExit as stop:  # so Ray stops a trial, whose run has yet to be ended well
            told.append(stop)
        return bool(told)

    name = f"trial-{tune.get_context().get_trial_id()}"
    run_trial(cfg, values, folder / name, below(parent, overrides, values), report)
    if told:  # Ray waits for it before the next trial begins in this process
        raise told[0]


def opened(cfg: DictConfig, folder: Path) -> optuna.Study:
    """The study of this configuration: a new one, or what there is of it.

    Raises:
        StageError: it was begun with another configuration.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name=cfg.name,
        sampler=sampler(cfg, 0),
        storage=optuna.storages.RDBStorage(f"sqlite:///{(folder / 'study.db').as_posix()}"),
        pruner=optuna.pruners.SuccessiveHalvingPruner(
            min_resource=cfg.search.min_epochs, reduction_factor=cfg.search.reduction
        ),
        load_if_exists=True,
    )
    values = settings(cfg)
    values["search"] = {k: v for k, v in values["search"].items() if k not in {"trials", "ray"}}
    if study.user_attrs.get("config", values) != values:
        raise StageError(
            f"the study in {folder} was begun with another configuration: set search.folder to a "
            "new one, or change nothing but search.trials."
        )
    study.set_user_attr("config", values)
    return study


def table(cfg: DictConfig, study: optuna.Study) -> str:
    """All trials that ended, the best first: loss, epochs, and what trains each of them again."""
    lines = ["| validation loss | epochs | again |", "| --- | --- | --- |"]
    for trial in sorted(ended(study), key=lambda trial: trial.value):
        command = again("train", given(*OWN), trial.params)
        epochs = max(trial.intermediate_values, default="-")  # Ray keeps some to itself
        lines.append(f"| {trial.value:.6g} | {epochs} | `{command}` |")
    return "\n".join(lines) + "\n"


def search(cfg: DictConfig) -> Path:
    """Make the trials that are missing, and leave `trials.md`; return the folder of the study.

    Raises:
        StageError: the configuration makes no sense, or another process is at work on this study.
    """
    if cfg.search is None:
        raise StageError("say how: search=optuna for one trial after another, search=ray for more.")
    if cfg.trainer.devices != 1:
        raise StageError("a trial of a search is one process: use a trainer with devices=1.")
    seed_of(cfg)
    digest = validated(ROOT / cfg.data.folder)
    folder = ROOT / cfg.search.folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with lasting(folder, AGAIN), FileLock(folder / "study.lock", timeout=0):
            study = opened(cfg, folder)
            resumed = study.user_attrs.get("run_id")
            tags = provenance(digest) | {"command": again("search", given())}
            with tracked_run(cfg, tags, resumed, f"search {cfg.name}") as logger:
                study.set_user_attr("run_id", logger.run_id)
                run = at_once if cfg.search.ray else one_by_one
                run(cfg, study, folder, logger.run_id)
                close(logger)
                logger.log_metrics({METRIC: study.best_value})
                logger.experiment.log_text(logger.run_id, table(cfg, study), "trials.md")
                logger.finalize("success")
    except StorageInternalError as error:
        raise StageError(
            f"the study in {folder} could not be written: mend that, and {AGAIN}."
        ) from error
    except Timeout as error:
        raise StageError(f"another process is at work on the study in {folder}.") from error
    write_whole(folder / "trials.md", table(cfg, study))
    print(f"search: {len(ended(study))} trials, the best at {study.best_value:.6g}; all are in "
          f"{folder / 'trials.md'}")  # fmt: skip
    return folder


def close(logger: RunLogger) -> None:
    """End the runs of trials that Ray stopped: their processes had no time to."""
    client = logger.experiment
    query = f"tags.mlflow.parentRunId = '{logger.run_id}' and attributes.status = 'RUNNING'"
    experiment = client.get_run(logger.run_id).info.experiment_id
    for run in client.search_runs([experiment], query):
        client.set_tag(run.info.run_id, "stopped_early", "true")
        client.set_terminated(run.info.run_id, "FINISHED")


if __name__ == "__main__":
    stage(search)()
