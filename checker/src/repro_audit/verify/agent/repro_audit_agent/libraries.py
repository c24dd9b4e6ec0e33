"""Switches MLflow's autologging of one library on, and no more than that one.

MLflow looks for every relative of a library and imports what it finds, though the program may never
use it: that would cost a short training more seconds than all else that is done for it.
"""

import contextlib
import importlib
import sys

FLAVOURS = {
    "sklearn": "sklearn", "pytorch_lightning": "pytorch", "lightning": "pytorch",
    "xgboost": "xgboost", "lightgbm": "lightgbm", "keras": "keras",
}  # fmt: skip
# One library under two names, and the parts of it that MLflow knows by the old one only.
OLD, NEW = "pytorch_lightning", "lightning.pytorch"
PARTS = ("", ".utilities", ".utilities.model_summary")
# What MLflow would import besides: the other Lightning, and, going through all modules of
# scikit-learn, the libraries behind its bridges to them.
UNUSED = {
    "lightning": [OLD],
    OLD: ["lightning"],
    "sklearn": ["sklearn.externals.array_api_compat." + name for name in ("cupy", "dask", "torch")],
}


def switch_on(module):
    """Let MLflow log what it knows of a library that is imported."""
    flavour = FLAVOURS[module.__name__]
    with found_as(aliases(module.__name__)):
        library = importlib.import_module("mlflow." + flavour)
    settings = {"silent": True}
    # Its digest of data sees the first rows alone; the record has the digests of the files.
    if "log_datasets" in library.autolog.__code__.co_varnames or flavour == "sklearn":
        settings["log_datasets"] = False
    if flavour == "sklearn":
        draw_nothing()
    if flavour == "pytorch":
        name_optimizers()
    with found_as(dict.fromkeys(UNUSED.get(module.__name__, ()))):
        library.autolog(**settings)


def draw_nothing():
    """Have no curves of the training rows drawn: they cost more than most trainings."""
    drawing = importlib.import_module("mlflow.sklearn.utils")

    def refuse(*_):
        raise NotImplementedError

    # An error ends it before matplotlib is imported.
    drawing._get_classifier_artifacts = refuse


def name_optimizers():
    """Name optimizers as MLflow does, which would import Lightning by its old name for it."""
    theirs = importlib.import_module("mlflow.pytorch._lightning_autolog")
    theirs._get_optimizer_name = lambda optimizer: (
        type(getattr(optimizer, "_optimizer", optimizer)).__name__
    )


def aliases(name):
    """Return the modules that MLflow is to find under the old name of Lightning."""
    if name != "lightning":
        return {}
    return {OLD + part: importlib.import_module(NEW + part) for part in PARTS}


@contextlib.contextmanager
def found_as(modules):
    """Let an import of these names find these modules, None for none; imported ones stay."""
    added = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(added)
    try:
        yield
    finally:
        for name, module in added.items():
            if sys.modules.get(name, added) is module:
                del sys.modules[name]
