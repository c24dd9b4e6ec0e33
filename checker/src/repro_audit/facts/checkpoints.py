"""What training saves on its way, and what it reads back to go on from there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.sources import TRAINERS
from repro_audit.facts.syntax import dotted
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

SAVE = (
    "torch.save",
    "*.save_checkpoint",
    "*.save_weights",
    "*.save_pretrained",
    "*.save_model",
    "*.save_state",
    "*.save_on_master",
    "*.ModelCheckpoint",
    "ModelCheckpoint",
    "*.SaveModelCallback",
    "*.CheckpointCallback",
    "*.EvalCallback",
    "*.CheckpointManager",
    "orbax.*",
    "accelerate.*.save*",
    "joblib.dump",
    "pickle.dump",
    "cloudpickle.dump",
    "dill.dump",
    "skops.io.dump",
    "flax.training.checkpoints.*",
    "flax.serialization.to_bytes",
    "safetensors.*.save_*",
    "tensorflow.train.Checkpoint",
    "tensorflow.train.Saver",
    "tensorflow.compat.v1.train.Saver",
    "mlflow.*.log_model",
)
# Arrays are weights where they come out of a model: `numpy.save(path, net.get_weights())`.
ARRAYS = ("numpy.save", "numpy.savez", "numpy.savez_compressed")
WEIGHTS = re.compile(r"\b(get_weights|state_dict|get_params|parameters)\(")
SAVED_MODEL = re.compile(
    r"(^|\.|_)(model|net|network|agent|policy|saver|ckpt|checkpoint|checkpointer|learner|trainer|gan|"
    r"generator|discriminator|critic|actor|vae|autoencoder|encoder|decoder|classifier|regressor|"
    r"estimator|pipeline|clf|booster|bst)\w*\.(save|export|save_config)$",
    re.IGNORECASE,
)
# What restores all of its state by itself.
FULL = (
    "*.CheckpointManager",
    "tensorflow.train.Checkpoint",
    "flax.training.checkpoints.restore_checkpoint",
)
# Methods of those that `resumes` looks at.
GOING_ON = ("load_state", "load_checkpoint", "load", "fit", "train", "Trainer")
# Estimators and monitored sessions write checkpoints to a folder and go on from the last one there.
AUTOMATIC = (
    "tensorflow.*Estimator",
    "tensorflow.*MonitoredTrainingSession",
    "tensorflow.*train.Supervisor",
    "tensorflow.keras.callbacks.BackupAndRestore",
    "keras.callbacks.BackupAndRestore",
)
OPTIMIZER = re.compile(r"optim|\bopt\b", re.IGNORECASE)
# A function of its own reads the checkpoint, and is handed all that it is to fill.
RESTORES = re.compile(
    r"(^|\.)_*(auto_?)?((resume|restart)\w*|(re)?(load|store)\w*(checkpoint|ckpt|snapshot|state|model|training)\w*)$",
    re.IGNORECASE,
)
LIGHTNING = ("lightning", "pytorch_lightning")
RESUME = ("ckpt_path", "resume_from_checkpoint", "resume", "model_path", "resume_from")


class Checkpoints(NamedTuple):
    """Calls that save what is trained, and calls that restore more than weights."""

    saved: tuple[Evidence, ...]
    resumed: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Checkpoints:
        """Look through what entry points reach."""
        made = repo.fact(Flow).calls
        tops = {
            item.module.partition(".")[0]
            for module in repo.fact(PythonIndex).live()
            for item in module.imports
        }
        writers = made.any_of(names=(*TRAINERS, *SAVE, *ARRAYS), like=SAVED_MODEL)
        saved = [call.evidence("saves") for call in writers if saves(call)]
        if not saved and tops & set(LIGHTNING):
            saved = [
                call.evidence("Lightning saves without being asked")
                for call in training_calls(repo)[:3]
            ]
        resumed = [
            call.evidence("training resumes from a checkpoint")
            for call in made.any_of(names=FULL, methods=GOING_ON)
            if resumes(call)
        ]
        resumed += [
            call.evidence("the optimiser's state is read back")
            for call in made.any_of(methods=("load_state_dict",))
            if OPTIMIZER.search(call.name) or OPTIMIZER.search(owner(call))
        ]
        resumed += [
            call.evidence("the optimiser is handed to what reads a checkpoint")
            for call in made.any_of(like=RESTORES)
            if given_optimizer(call)
        ]
        resumed += list(told_to_resume(repo))
        resumed += [
            call.evidence("writes checkpoints to its folder and goes on from the last one")
            for call in made.named(*AUTOMATIC)
        ]
        return cls(tuple(saved), tuple(resumed))


def told_to_resume(repo: Repository) -> Iterator[Evidence]:
    """Yield where reached code tells a trainer what to go on from, in a setting of it."""
    reached = {call.path for call in repo.fact(Flow).calls.all}
    for path, item in repo.fact(PythonIndex).assignments("*.resume_from_checkpoint"):
        if path in reached and item.kind not in {None, ast.Constant}:
            yield Evidence(path, item.line, "a trainer is told what to resume from")


def owner(call: Call) -> str:
    """Return what a method is called on, where that is no plain name: `state["optimizer"]`."""
    function = call.node.func
    plain = call.name and not call.name.startswith(".")
    return "" if plain or not isinstance(function, ast.Attribute) else as_code(function.value)[:200]


def given_optimizer(call: Call) -> bool:
    """Say whether an optimizer is among the arguments, as it is and not by its name alone."""
    named = [word.value for word in call.node.keywords if "optim" in (word.arg or "").lower()]
    # Options are called `opt` as often as optimizers are.
    plain = [item for item in call.node.args if "optim" in dotted(item).rpartition(".")[2].lower()]
    own = (item for item in (*named, *plain) if isinstance(item, (ast.Name, ast.Attribute)))
    return any(dotted(item).count(".") == 0 or dotted(item).startswith("self.") for item in own)


def saves(call: Call) -> bool:
    """Say whether a call writes what is trained, or makes something that does."""
    # They save checkpoints without being asked.
    if matches(call.name, TRAINERS):
        return call.method != "save"
    if matches(call.name, ARRAYS):
        return WEIGHTS.search(as_code(call.node)[:300]) is not None
    return matches(call.name, SAVE) or SAVED_MODEL.search(call.name[-200:]) is not None


def resumes(call: Call) -> bool:
    """Say whether a call of a training function is given a checkpoint to go on from."""
    if matches(call.name, FULL) and call.method in {
        "restore_checkpoint",
        "CheckpointManager",
        "Checkpoint",
    }:
        return True
    # A function of the project's own may fill a model alone; it shows by the optimizer it is given.
    if call.method in {"load_state", "load_checkpoint"} and "model" not in call.name.lower():
        return isinstance(call.node.func, ast.Attribute) or given_optimizer(call)
    # Agents of Stable-Baselines: `load(path, env=env)` brings the optimiser back to train on.
    if call.method == "load" and call.argument("env") is not None:
        return True
    if call.method not in {"fit", "train", "Trainer"}:
        return False
    given = next((node for name in RESUME if (node := call.argument(name)) is not None), None)
    return given is not None and not (
        isinstance(given, ast.Constant) and given.value in {None, False}
    )
