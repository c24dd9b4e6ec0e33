"""Which scikit-learn style components draw random numbers when they are given no seed."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.facts.python import matches
from repro_audit.facts.syntax import literal

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call

# Components that draw only under a condition: keyword -> values that make them draw. Read in the
# documentation of scikit-learn 1.9 ("random_state: used when ..."); an empty tuple is any value.
CONDITIONS: dict[str, dict[str, tuple[object, ...]]] = {
    "LogisticRegression": {"solver": ("sag", "saga", "liblinear")},
    "LogisticRegressionCV": {"solver": ("sag", "saga", "liblinear")},
    "Ridge": {"solver": ("sag", "saga")},
    "RidgeClassifier": {"solver": ("sag", "saga")},
    "ridge_regression": {"solver": ("sag", "saga")},
    "SVC": {"probability": (True,)},
    "NuSVC": {"probability": (True,)},
    **{
        name: {"selection": ("random",)}
        for base in ("Lasso", "ElasticNet", "MultiTaskLasso", "MultiTaskElasticNet")
        for name in (base, f"{base}CV")
    },
    "Lars": {"jitter": ()},
    "LassoLars": {"jitter": ()},
    "PCA": {"svd_solver": ("arpack", "randomized")},
    "KernelPCA": {"eigen_solver": ("arpack", "randomized")},
    "GaussianProcessClassifier": {"n_restarts_optimizer": ()},
    "GaussianProcessRegressor": {"n_restarts_optimizer": ()},
    "DummyClassifier": {"strategy": ("stratified", "uniform")},
    "ClassifierChain": {"order": ("random",)},
    "RegressorChain": {"order": ("random",)},
    "NeighborhoodComponentsAnalysis": {"init": ("random",)},
    "PatchExtractor": {"max_patches": ()},
    "extract_patches_2d": {"max_patches": ()},
    "silhouette_score": {"sample_size": ()},
    **{
        name: {"shuffle": (True,)}
        for name in (
            "KFold",
            "StratifiedKFold",
            "StratifiedGroupKFold",
            "GroupKFold",
            "learning_curve",
            "check_cv",
        )
    },
}
# Components whose draws depend on the size of the data or on an automatic choice.
DEPENDS = frozenset(
    {
        "HistGradientBoostingClassifier",
        "HistGradientBoostingRegressor",
        "KBinsDiscretizer",
        "LinearSVC",
        "LinearSVR",
        "LocallyLinearEmbedding",
        "QuantileTransformer",
        "SpectralEmbedding",
        "TargetEncoder",
        "TunedThresholdClassifierCV",
        "locally_linear_embedding",
        "quantile_transform",
        "spectral_embedding",
    }
)
# Nothing is drawn from when this keyword is False.
SWITCHED = {"train_test_split": "shuffle", "SGDClassifier": "shuffle", "SGDRegressor": "shuffle"}
# Other packages with the same convention. imbalanced-learn draws as scikit-learn does; UMAP and
# Optuna's samplers take their own source when no seed is given.
FAMILY = (
    "imblearn.over_sampling.*",
    "imblearn.under_sampling.RandomUnderSampler",
    "imblearn.under_sampling.ClusterCentroids",
    "imblearn.combine.*",
    "imblearn.ensemble.*",
    "skopt.*Search*",
    "umap.UMAP",
    "umap.umap_.UMAP",
)
SAMPLERS = (
    "optuna.samplers.TPESampler",
    "optuna.samplers.RandomSampler",
    "optuna.samplers.CmaEsSampler",
    "optuna.samplers.NSGAIISampler",
    "optuna.samplers.NSGAIIISampler",
    "optuna.samplers.GPSampler",
    "optuna.samplers.QMCSampler",
)
SEEDABLE = (*FAMILY, *SAMPLERS)
STUDIES = ("optuna.create_study", "optuna.*.create_study")
STUDYING = (*STUDIES, *SAMPLERS)
# What draws from NumPy's global state without a seed; all others of FAMILY and SAMPLERS do not.
GLOBAL = ("sklearn.*", "imblearn.*", "skopt.*")


@dataclass(frozen=True)
class Table:
    """What accepts a seed in scikit-learn: name -> default of `random_state`, as it is written."""

    version: str
    defaults: dict[str, str] = field(default_factory=dict)


@cache
def table() -> Table:
    """Return the shipped table (see `tables/README.md`)."""
    text = (
        Path(__file__).with_name("tables").joinpath("sklearn_random_state.json").read_text("utf-8")
    )
    raw = json.loads(text)
    defaults = {
        name: parameters["random_state"]
        for kind in ("estimators", "functions", "splitters")
        for name, parameters in raw[kind].items()
    }
    return Table(raw["sklearn"], defaults)


@lru_cache(maxsize=50_000)
def component(name: str) -> bool:
    """Say whether a qualified name is a component that takes a seed."""
    known = name.startswith("sklearn.") and name.rpartition(".")[2] in table().defaults
    return known or matches(name, SEEDABLE)


def draws(name: str, given: dict[str, object]) -> bool | None:
    """Say whether a component draws with these literal arguments; None where that depends."""
    method = name.rpartition(".")[2]
    own = name.startswith("sklearn.")
    if own and table().defaults[method] not in {"None", "'deprecated'"}:
        return False
    if own and method in CONDITIONS:
        return met(CONDITIONS[method], given)
    if own and method.startswith("fetch_"):
        return bool(given.get("shuffle", False))
    if own and method in SWITCHED and given.get(SWITCHED[method]) is False:
        return False
    return None if own and method in DEPENDS else True


def met(conditions: dict[str, tuple[object, ...]], given: dict[str, object]) -> bool | None:
    """Say whether one of the conditions holds; None when an argument is no literal."""
    answers: list[bool | None] = [False]
    for keyword, values in conditions.items():
        if keyword in given:
            value = given[keyword]
            known = value not in (None, 0) if not values else value in values
            answers.append(None if value is Ellipsis else known)
    return True if True in answers else (None if None in answers else False)


def arguments(call: Call) -> dict[str, object]:
    """Return the named arguments by value; what is no literal is an ellipsis."""
    return {
        item.arg: (
            None
            if isinstance(item.value, ast.Constant) and item.value.value is None
            else (found if (found := literal(item.value)) is not None else Ellipsis)
        )
        for item in call.node.keywords
        if item.arg is not None
    }


def seed_argument(call: Call) -> ast.expr | None:
    """Return the argument that seeds a component."""
    return call.argument("random_state") or call.argument("seed")


def unpacks(call: Call) -> bool:
    """Say whether a call is given `**options`, in which a seed may stand."""
    return None in call.words


def draws_globally(call: Call) -> bool:
    """Say whether a call draws from NumPy's global source because it carries no seed."""
    if not component(call.name) or not matches(call.name, GLOBAL) or unpacks(call):
        return False
    given = seed_argument(call)
    absent = given is None or (isinstance(given, ast.Constant) and given.value is None)
    return absent and draws(call.name, arguments(call)) is True
