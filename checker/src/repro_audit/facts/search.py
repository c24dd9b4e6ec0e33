"""Searches over hyperparameters: where they run, and what keeps their trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

SEARCHES = (
    "optuna.create_study",
    "optuna.study.create_study",
    "sklearn.model_selection.GridSearchCV",
    "sklearn.model_selection.RandomizedSearchCV",
    "sklearn.model_selection.Halving*SearchCV",
    "hyperopt.fmin",
    "ray.tune.run",
    "ray.tune.Tuner",
    "skopt.BayesSearchCV",
    "skopt.*_minimize",
    "keras_tuner.*",
    "kerastuner.*",
    "wandb.sweep",
    "wandb.agent",
    "ax.optimize",
    "ax.service.*",
    "nevergrad.optimizers.*",
    "smac.*Facade",
    "flaml.AutoML",
    "*.hyperparameter_search",
)
STORED = (
    "*.trials_dataframe",
    "optuna.storages.*",
    "*.MLflowCallback",
    "*.WeightsAndBiasesCallback",
    "*.MLflowLoggerCallback",
    "*.WandbLoggerCallback",
)
TRIALS = re.compile(
    r"(^|/)([^/]*(stud(y|ies)|trials?|cv_results|sweep|search|tuning|optuna|hpo)[^/]*)"
    r"\.(db|sqlite3?|csv|jsonl?|parquet|pkl|log)$|(^|/)best_?(hyper)?_?param\w*\.(json|ya?ml|csv)$",
    re.IGNORECASE,
)


class Search(NamedTuple):
    """Searches over hyperparameters: where, what keeps the trials, what shows only the best."""

    runs: tuple[Evidence, ...]
    stored: tuple[Evidence, ...]
    best: tuple[Evidence, ...]
    swept: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Search:
        """Read reached calls, sweep files and committed trials."""
        made = repo.fact(Flow).calls
        runs = made.named(*SEARCHES)
        found = [call.evidence(f"{call.name} searches") for call in runs]
        swept = tuple(sweeps(repo))
        found += swept
        if not found:
            return cls((), (), (), ())
        index = repo.fact(PythonIndex)
        paths = {call.path for call in runs}
        stored = [
            call.evidence("the trials are stored")
            for call in made.named(*STORED, *SEARCHES)
            if matches(call.name, STORED)
            or call.argument("storage") is not None
            or "wandb" in call.name
        ]
        names = [
            (reference.name, Evidence(path, reference.line, f"{reference.name} is used"))
            for path in sorted(paths)
            for reference in index.modules[path].references
        ]
        tables = [seen for name, seen in names if name.endswith(("cv_results_", "get_dataframe"))]
        written = any(
            call.path in paths
            for call in made.any_of(methods=("to_csv", "to_json", "dump", "to_parquet"))
        )
        stored += tables if written else []
        stored += [
            Evidence(file.path, 0, "a record of the search")
            for file in repo.files
            if file.role in (Role.SOURCE, Role.DATA) and TRIALS.search(file.path)
        ]
        best = [
            seen
            for name, seen in names
            if re.search(r"\.best_\w+$|\.best_trial$|get_best_\w+$|cv_results_$", name)
        ]
        best += [
            call.evidence("fmin hands back the best") for call in runs if call.method == "fmin"
        ]
        return cls(tuple(found), tuple(stored), tuple(best), swept)


def sweeps(repo: Repository) -> Iterator[Evidence]:
    """Yield configuration files that describe a sweep."""
    for file in repo.fact(Configs).files.values():
        tops = {entry.key.partition(".")[0] for entry in file.entries}
        if {"method", "parameters"} <= tops:
            yield Evidence(file.path, 1, "a sweep with its method and ranges")
        for entry in file.entries:
            if re.search(r"(^|\.)sweeper\._target_$", entry.key):
                yield entry.evidence(f"Hydra's sweeper {entry.value}")
                break
