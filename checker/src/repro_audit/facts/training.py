"""Which calls fit a model."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.patterns import matches
from repro_audit.facts.syntax import dotted

if TYPE_CHECKING:
    from repro_audit.facts.calls import Calls
    from repro_audit.facts.python import PythonIndex
    from repro_audit.facts.syntax import Call

METHODS = frozenset(
    {"backward", "fit", "train", "fit_transform", "apply_gradients", "train_on_batch", "minimize"}
    | {"fit_predict", "cross_val_score", "cross_validate", "cross_val_predict", "learn"}
    | {"fit_generator", "fit_one_cycle", "fine_tune", "partial_fit"}
)
# Differentiation by name: who takes a gradient in JAX goes on to step along it.
GRADIENTS = frozenset(
    {"jax.grad", "jax.value_and_grad", "flax.nnx.grad", "flax.nnx.value_and_grad"}
    | {"equinox.filter_grad", "equinox.filter_value_and_grad", "haiku.grad", "haiku.value_and_grad"}
    | {"optax.apply_updates", "tape.gradient"}
)
NOT_TRAINING = frozenset({"eval", "self.train", "self.model.eval"})
MODES = frozenset({"training", "mode", "train", "is_training", "was_training", "is_train"})

PREPARES = re.compile(
    r"scaler|encoder\b|label_?enc|imput|pca|vectori[sz]er|tokeni[sz]er|normali[sz]er|binari[sz]er|"
    r"transformer_?\w*\.fit|preproc|bag_of|tf_?idf|selector|curve|umap|tsne|discreti[sz]er",
    re.IGNORECASE,
)
PREPARERS = (
    "sklearn.preprocessing.*",
    "sklearn.impute.*",
    "sklearn.feature_extraction.*",
    "sklearn.feature_selection.*",
    "sklearn.decomposition.*",
    "sklearn.compose.*",
)


def fits(call: Call) -> bool:
    """Say whether a call fits a model, by its name and arguments."""
    if call.name in GRADIENTS:
        return True
    if call.method not in METHODS or call.name in NOT_TRAINING:
        return False
    if call.method == "learn":
        return call.argument("total_timesteps", 0) is not None and "." in call.name
    return not sets_mode(call)


def fitting(calls: Calls) -> list[Call]:
    """Return those of `calls` that fit a model."""
    return [call for call in calls.any_of(names=GRADIENTS, methods=METHODS) if fits(call)]


def sets_mode(call: Call) -> bool:
    """Say whether `model.train()` or `model.train(flag)` only sets a mode, which is no training."""
    if call.method != "train" or "trainer" in call.name.lower():
        return False
    made = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if isinstance(made, ast.Call) and dotted(made.func).endswith("Trainer"):
        return False
    if call.name.endswith(("lgb.train", "xgb.train", "lightgbm.train", "xgboost.train")):
        return False
    if not call.given:
        return not call.words or call.argument("mode") is not None
    first = call.node.args[0]
    if isinstance(first, ast.Constant):
        return isinstance(first.value, bool)
    if isinstance(first, (ast.Compare, ast.UnaryOp)):
        return True
    return dotted(first).rpartition(".")[2] in MODES


def prepares(call: Call, index: PythonIndex) -> bool:
    """Say whether a `fit` belongs to a scaler, an encoder or a curve."""
    if call.method not in {"fit", "fit_transform"}:
        return False
    if PREPARES.search(call.name):
        return True
    receiver = call.name.rpartition(".")[0]
    module = index.modules[call.path]
    names = set(module.made.get(receiver, ()))
    inner = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if isinstance(inner, ast.Call):
        names.add(module.resolve(dotted(inner.func)))
    return any(matches(name, PREPARERS) for name in names)
