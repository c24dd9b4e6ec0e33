"""Models that the code saves, and what ties the file to its run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.tasks import Tasks
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

SAVE = (
    "torch.save",
    "torch.jit.save",
    "torch.onnx.export",
    "safetensors.*.save_file",
    "joblib.dump",
    "sklearn.externals.joblib.dump",
    "pickle.dump",
    "cloudpickle.dump",
    "skops.io.dump",
    "tensorflow.saved_model.save",
    "*.save_weights",
    "*.save_pretrained",
    "*.save_model",
    "*.save_checkpoint",
    "*.save_state",
    "*.save_on_master",
    "save_on_master",
    "tensorflow.*Saver",
)
KEPT = re.compile(r"model|net\b|clf|estimator|classifier|regressor|state|weights|ckpt|checkpoint")
REGISTERED = (
    "mlflow.*log_model",
    "mlflow.log_model",
    "mlflow.register_model",
    "mlflow.*.autolog",
    "mlflow.autolog",
    "*.log_model",
    "*.link_model",
    "clearml.OutputModel",
    "*.track_files",
    "dvclive.Live.log_artifact",
)
UPLOADED = ("*.log_artifact", "*.log_artifacts", "*.upload_file", "wandb.save", "*.add_file")
CONFIGURED = ("*.save_hyperparameters", "*.save_pretrained")
SETTINGS = re.compile(
    r"^(args?|cfg|config\w*|settings?|hparams|hyper_?param\w*|params|options|opt)$"
)
LINK = re.compile(r"commit|sha|run_?id|git|data_?(version|digest|hash)|revision|provenance")
LIGHTNING = ("*.Trainer", "Trainer")


class ModelFiles(NamedTuple):
    """Saving calls; what registers the model with its run; what only adds its configuration."""

    saves: tuple[Call, ...]
    traced: tuple[Evidence, ...]
    configured: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> ModelFiles:
        """Read the calls that entry points reach, and DVC's pipeline."""
        saves: list[Call] = []
        traced: list[Evidence] = []
        configured: list[Evidence] = []
        index = repo.fact(PythonIndex)
        modules = index.modules
        named = (*REGISTERED, *UPLOADED, *CONFIGURED, *SAVE, "*Logger", "*Artifact")
        for call in repo.fact(Flow).calls.named(*named):
            if matches(call.name, REGISTERED) and not call.name.startswith("logging."):
                traced.append(call.evidence(f"{call.name} keeps the model in its run"))
            elif matches(call.name, UPLOADED) and names_model(call):
                traced.append(call.evidence(f"{call.name} puts the model into its run"))
            elif call.method == "Artifact" and call.literal("type", 1) == "model":
                traced.append(call.evidence("the model is an artifact of its run"))
            elif call.method.endswith("Logger") and call.literal("log_model") in {True, "all"}:
                traced.append(call.evidence(f"{call.method} keeps the checkpoints in the run"))
            elif matches(call.name, CONFIGURED):
                configured.append(call.evidence(f"{call.method} stores the configuration with it"))
            if matches(call.name, SAVE):
                keys = kept_keys(call, modules[call.path])
                beside(call, keys, traced, configured)
                if is_model(call, keys) and not index.locate(call.name, call.path, call.scope):
                    saves.append(call)
        traced += list(pipeline(repo))
        traced += list(from_configs(repo))
        return cls(tuple(saves), tuple(traced), tuple(configured))


def is_model(call: Call, keys: set[str]) -> bool:
    """Say whether a call writes a model; a pickle may hold anything, so its name must say so."""
    given = call.node.args[:1]
    if call.method == "dump" or call.name.endswith("torch.save"):
        words = [as_code(node)[:200].lower() for node in call.node.args]
        handed_on = any(isinstance(node, ast.Starred) for node in given)
        return not handed_on and bool(KEPT.search(" ".join([*words, *keys])))
    return True


def names_model(call: Call) -> bool:
    """Say whether the arguments of an upload speak of a model."""
    words = " ".join(as_code(node)[:200].lower() for node in call.node.args)
    return bool(re.search(r"model|ckpt|checkpoint|weights|\.pth?\b|\.pkl|\.joblib|\.onnx", words))


def kept_keys(call: Call, module: Module) -> set[str]:
    """Return the keys of the dictionary that a call saves, as far as its own scope shows them."""
    node = call.node.args[0] if call.given else None
    keys: set[str] = set()
    if isinstance(node, ast.Name):
        mine = [item for item in module.assignments if item.scope == call.scope]
        later = [
            re.fullmatch(rf"{re.escape(node.id)}\[['\"]?(\w+)['\"]?\]", i.target) for i in mine
        ]
        keys = {found.group(1).lower() for found in later if found}
        near = [item for item in mine if item.target == node.id and item.line <= call.line]
        node = near[-1].value if near else node
    if isinstance(node, ast.Dict):
        keys |= {str(key.value).lower() for key in node.keys if isinstance(key, ast.Constant)}
    elif isinstance(node, ast.Call):
        keys |= {given.arg.lower() for given in node.keywords if given.arg}
    return keys


def beside(call: Call, keys: set[str], traced: list[Evidence], configured: list[Evidence]) -> None:
    """Sort what a saved dictionary holds beside the weights."""
    settings = {key for key in keys if SETTINGS.match(key)}
    links = {key for key in keys if LINK.search(key)}
    said = call.evidence(f"the file holds {', '.join(sorted(settings | links))}")
    if settings and links:
        traced.append(said)
    elif settings or links:
        configured.append(said)


def pipeline(repo: Repository) -> Iterator[Evidence]:
    """Yield DVC's record of a model as the output of a stage."""
    if any(task.runner == "dvc" for task in repo.fact(Tasks).all):
        for file in repo.matching("dvc.lock"):
            for number, line in enumerate(repo.lines(file.path), 1):
                if re.search(r"path:.*(model|weights|\.pkl|\.pth?\b|\.joblib|ckpt)", line[:300]):
                    yield Evidence(file.path, number, "DVC ties the model to its stage")
                    break


def from_configs(repo: Repository) -> Iterator[Evidence]:
    """Yield loggers of the configuration that keep checkpoints in the run."""
    for entry in repo.fact(Configs).entries("log_model"):
        if entry.value in {True, "all", "True"}:
            yield entry.evidence("the logger keeps the checkpoints in the run")
