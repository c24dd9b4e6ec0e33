"""Judge whether training can go on after an interruption."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import PythonIndex, matches

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call

SAVE = (
    "torch.save",
    "*.save_checkpoint",
    "*.save_weights",
    "*.save_pretrained",
    "*.save_model",
    "orbax.*",
    "*.ModelCheckpoint",
    "ModelCheckpoint",
    "joblib.dump",
    "pickle.dump",
    "*.save_state",
    "*.CheckpointManager",
    "accelerate.*.save*",
    "flax.training.checkpoints.*",
    "*.save_on_master",
    "tensorflow.train.Checkpoint",
)
FULL = (
    "*.save_state",
    "*.CheckpointManager",
    "tensorflow.train.Checkpoint",
    "flax.training.checkpoints.restore_checkpoint",
)
RESUME = ("ckpt_path", "resume_from_checkpoint", "resume")
ITERATIVE = {
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "flax",
    "lightning",
    "pytorch_lightning",
    "transformers",
    "paddle",
}


def train_resumable(repo: Repository) -> Verdict:
    """Checkpoints hold the optimiser's state too, and training reads them back."""
    trains = training_calls(repo)
    tops = {
        item.module.partition(".")[0]
        for module in repo.fact(PythonIndex).live()
        for item in module.imports
    }
    if not trains or not tops & ITERATIVE:
        return not_applicable("No long iterative training takes place.")
    calls = list(repo.fact(Flow).live_calls())
    resumed = [
        call.evidence("training resumes from a checkpoint") for call in calls if resumes(call)
    ]
    resumed += [
        call.evidence("the optimiser's state is read back")
        for call in calls
        if call.method == "load_state_dict" and re.search(r"optim|opt\b", call.name, re.IGNORECASE)
    ]
    saved = [call for call in calls if matches(call.name, SAVE)]
    lightning = "lightning" in tops or "pytorch_lightning" in tops
    fix = "Save and load model, optimiser, scheduler, step and random states together"
    if resumed and (saved or lightning):
        return passed(
            "Training can be resumed with its full state.",
            *resumed,
            *(call.evidence("saves") for call in saved),
        )
    if saved or lightning:
        seen = [call.evidence("saves, and nothing reads the whole state back") for call in saved]
        seen = seen or [
            call.evidence("Lightning saves, and no checkpoint is given to resume from")
            for call in trains[:3]
        ]
        return partial("Models are saved, and training cannot be resumed.", *seen, fix=fix)
    return failed(
        "Training saves nothing.",
        *(Evidence(call.path, call.line, "trains without saving") for call in trains[:5]),
        fix=fix,
    )


def resumes(call: Call) -> bool:
    """Say whether a call of a training function is given a checkpoint to go on from."""
    if matches(call.name, FULL) and call.method in {
        "restore_checkpoint",
        "CheckpointManager",
        "Checkpoint",
    }:
        return True
    if call.method in {"load_state", "load_checkpoint"} and "model" not in call.name.lower():
        return True
    if call.method not in {"fit", "train", "Trainer"}:
        return False
    given = next((node for name in RESUME if (node := call.argument(name)) is not None), None)
    return given is not None and not (
        isinstance(given, ast.Constant) and given.value in {None, False}
    )
