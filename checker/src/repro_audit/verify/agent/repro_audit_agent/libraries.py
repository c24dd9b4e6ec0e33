"""Switches MLflow's autologging of one library on, and no more than that one.

MLflow looks for every relative of a library and imports what it finds, though the program may never
use it: that would cost a short training more seconds than all else that is done for it.
"""

import contextlib
import importlib
import inspect
import sys

FLAVOURS = {
    "sklearn": "sklearn", "pytorch_lightning": "pytorch", "lightning": "pytorch",
    "xgboost": "xgboost", "lightgbm": "lightgbm", "keras": "keras",
}  # fmt: skip
# One library under two names, and the parts of it that MLflow knows by the old one only.
OLD, NEW = "pytorch_lightning", "lightning.pytorch"
PARTS = ("", ".utilities", ".utilities.model_summary")
# Their trainings take a list of callbacks.
WITH_CALLBACKS = ("keras", "lightgbm", "xgboost")
# Not wanted of MLflow. Its digest of data sees the first rows alone; the record has the digests of
# the files. To keep checkpoints of its own it would call what the program does when it keeps one.
UNWANTED = ("log_datasets", "checkpoint")
# What happens in each step of a training; MLflow's observer has nothing to do at most of it.
EACH_STEP = ("batch", "before", "after")
# What MLflow would import besides: the other Lightning, and, going through all modules of
# scikit-learn, the libraries behind its bridges to them.
UNUSED = {
    "lightning": [OLD],
    OLD: ["lightning"],
    "sklearn": ["sklearn.externals.array_api_compat." + name for name in ("cupy", "dask", "torch")],
}


def switch_on(module, ours):
    """Let MLflow log what it knows of an imported library; `ours()` says that it does so for us."""
    flavour = FLAVOURS[module.__name__]
    with found_as(aliases(module.__name__)):
        library = importlib.import_module("mlflow." + flavour)
    taken = inspect.signature(library.autolog).parameters
    settings = {"silent": True, **{name: False for name in UNWANTED if name in taken}}
    if flavour == "sklearn":
        draw_nothing()
    if flavour == "keras":
        take_no_batch(ours)
    if flavour == "pytorch":
        # It would put a function of its own in the place of the module's `forward`.
        settings["log_model_signatures"] = False
    with found_as(dict.fromkeys(UNUSED.get(module.__name__, ()))):
        library.autolog(**settings)
    if flavour == "pytorch":
        name_optimizers()
        watch_less(module)


def draw_nothing():
    """Have no curves of the training rows drawn: they cost more than most trainings."""
    drawing = importlib.import_module("mlflow.sklearn.utils")

    def refuse(*_):
        raise NotImplementedError

    # An error ends it before matplotlib is imported.
    drawing._get_classifier_artifacts = refuse


def take_no_batch(ours):
    """Keep MLflow from counting the rows of a batch: it would take one that the program makes."""
    theirs = importlib.import_module("mlflow.keras.autologging")
    infer = theirs._infer_batch_size

    def batch_size(model, *args, **kwargs):
        rows = kwargs.get("x", args[0] if args else None)
        if ours() and hasattr(rows, "__next__") and "batch_size" not in kwargs:
            return None, args, kwargs
        return infer(model, *args, **kwargs)

    theirs._infer_batch_size = batch_size


def apart(original, args, kwargs):
    """Return the arguments of a call with a list of callbacks of its own, to which MLflow adds.

    The program may use its list again. Where it gives none, MLflow makes one.
    """
    kwargs = {
        name: list(value) if name == "callbacks" and isinstance(value, (list, tuple)) else value
        for name, value in kwargs.items()
        if name != "callbacks" or value is not None
    }
    with contextlib.suppress(TypeError, ValueError):
        at = list(inspect.signature(original).parameters).index("callbacks")
        if at < len(args) and isinstance(args[at], (list, tuple)):
            args = (*args[:at], list(args[at]), *args[at + 1 :])
    return args, kwargs


def forget(trainer):
    """Take MLflow's observers out of a trainer of Lightning, which the program may use again."""
    trainer.callbacks[:] = [
        item for item in trainer.callbacks if not type(item).__module__.startswith("mlflow.")
    ]


def watch_less(lightning):
    """Have Lightning pass over MLflow's observer where that does nothing.

    To call what does nothing takes a training of small batches longer than all else that is logged.
    """
    theirs = importlib.import_module("mlflow.pytorch._lightning_autolog")
    base = lightning.Callback
    for kind in vars(theirs).values():
        if isinstance(kind, type) and issubclass(kind, base) and kind.__module__ == theirs.__name__:
            for name in dir(base):
                idle = getattr(kind, name) is getattr(base, name)
                if idle and name.startswith("on_") and any(part in name for part in EACH_STEP):
                    setattr(kind, name, None)


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
