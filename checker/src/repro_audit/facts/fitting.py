"""How training is run: what fits a model, how long, and which checkpoint is taken."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.flags import Flags
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.prose import Prose, script_commands
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.syntax import literal
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.training import fits, prepares
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

ITERATIVE = (
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "flax",
    "lightning",
    "pytorch_lightning",
    "transformers",
    "paddle",
    "fastai",
    "xgboost",
    "lightgbm",
    "catboost",
    "mxnet",
    "stable_baselines",
    "stable_baselines3",
    "sb3_contrib",
    "ray",
    "tianshou",
    "d3rlpy",
    "torchrl",
    "tf_agents",
    "allennlp",
    "fairseq",
    "haiku",
    "optax",
    "equinox",
    "diffusers",
    "accelerate",
    "deepspeed",
    "skorch",
    "spacy",
    "flair",
)
DURATION = re.compile(
    r"^(max_|num_|n_|total_|nb_|train_|training_)*(epochs?|steps|iters?|iterations|updates|"
    r"timesteps|train_epochs|train_steps|boost_rounds?|boosting_rounds)(_num)?$",
    re.IGNORECASE,
)
# The same in a command.
TOLD = re.compile(
    r"(^|\s)--?(max[_-]|num[_-]|n[_-]|total[_-]|train[_-])*"
    r"(epochs?|steps|iters?|iterations|updates|timesteps|train[_-]epochs)[= ]+\d"
)
KEYWORDS = (
    "max_epochs",
    "max_steps",
    "num_train_epochs",
    "epochs",
    "nb_epoch",
    "n_epochs",
    "train_epochs",
    "num_boost_round",
    "n_estimators",
    "total_timesteps",
    "iterations",
)
MONITORS = ("*EarlyStopping", "*ModelCheckpoint", "*early_stopping", "*SaveModelCallback")
BEST = (
    "load_best_model_at_end",
    "metric_for_best_model",
    "early_stopping_rounds",
    "save_best_only",
)
# Steps of time are what a model of diffusion or a recurrent one goes through, for each input.
LOOPS = re.compile(r"epoch|(?<!pr)iter|(?<!time)(?<!time_)(?<!sampling_)(?<!diffusion_)step")
SAVES = re.compile(r"(^|\.|_)(save|dump|copy|deepcopy|state_dict)\w*$")
BEST_NAME = re.compile(
    r"(^|_)best(_|$|\d)|is_best|best(acc|loss|val|f1|auc|score)|early_?stop|patience|"
    r"(^|_)(top|max|min|highest|lowest)_(score|acc\w*|loss|f1|auc|val\w*)$",
    re.IGNORECASE,
)
DELEGATES = re.compile(
    r"^(fairseq-(hydra-)?train|axolotl|llamafactory-cli|onmt_train|nnUNet(v2)?_train|yolo|"
    r"sockeye-train|spacy|rasa|mim|autotrain|ludwig|t5x|nerfstudio|ns-train|tao|paddleseg)$"
)


class Fits(NamedTuple):
    """The reached calls that fit a model, without those that fit a preparation of data."""

    calls: tuple[Call, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Fits:
        """Sift what looks like training."""
        index = repo.fact(PythonIndex)
        return cls(tuple(call for call in training_calls(repo) if not prepares(call, index)))


def model_fits(repo: Repository) -> tuple[Call, ...]:
    """Return the reached calls that fit a model."""
    return repo.fact(Fits).calls


def written(repo: Repository) -> list[Evidence]:
    """Return calls of live modules that fit a model, reached or not."""
    index = repo.fact(PythonIndex)
    return [
        call.evidence("fits a model, and nothing that is run calls it")
        for call in index.calls("*.*")
        if fits(call) and not prepares(call, index)
    ]


def delegated(repo: Repository) -> list[Evidence]:
    """Return commands that hand training to an installed program with its own configuration."""
    shown = [*repo.fact(Prose).commands(), *script_commands(repo)]
    shown += [command for task in repo.fact(Tasks).all for command in task.commands]
    return [
        command.evidence(quoted(command.text))
        for command in shown
        if DELEGATES.match(command.program) and ("train" in command.text or "." in command.text)
    ]


def iterative(repo: Repository) -> tuple[Evidence, ...]:
    """Return imports of packages that train step by step."""
    found = {
        top: Evidence(path, line, f"imports {top}")
        for path, line, top in repo.fact(PythonIndex).imported(*ITERATIVE)
    }
    return tuple(found.values())


class Selection(NamedTuple):
    """How long training runs, what is watched to stop it or to choose a checkpoint."""

    duration: tuple[Evidence, ...]
    watched: tuple[Evidence, ...]
    timed: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Selection:
        """Read calls, flags, constants and configuration."""
        duration: list[Evidence] = []
        watched: list[Evidence] = []
        timed: list[Evidence] = []
        made = repo.fact(Flow).calls
        for call in made.any_of(
            names=("range", *MONITORS), keywords=(*KEYWORDS, "max_time", *BEST), like=SAVES
        ):
            duration += [
                call.evidence(f"{key}={text(node)}")
                for key in KEYWORDS
                if (node := call.argument(key)) is not None
            ]
            if call.name == "range" and LOOPS.search(text(call.node)):
                duration.append(call.evidence(f"a loop over {text(call.node)}"))
            if call.argument("max_time") is not None:
                timed.append(call.evidence("stops by the clock, which the hardware decides"))
            watched += chooses(call)
        duration += list(named_durations(repo))
        for file in repo.fact(Configs).files.values():
            for entry in file.entries:
                key = entry.key.rpartition(".")[2]
                target = key == "_target_" and matches(str(entry.value), MONITORS)
                if target or (key in {*BEST, "monitor"} and entry.value not in {None, False}):
                    watched.append(entry.evidence(f"{entry.key}: {entry.value}"))
        return cls(tuple(duration), tuple(watched), tuple(timed))


def named_durations(repo: Repository) -> Iterator[Evidence]:
    """Yield flags, keys and constants that say how long training runs."""
    for name, found in repo.fact(Flags).by_name.items():
        for flag in found:
            if DURATION.match(name) and flag.default is not None:
                yield Evidence(flag.path, flag.line, f"{flag.spelled} has a default")
    for file in repo.fact(Configs).files.values():
        for entry in file.entries:
            key = entry.key.rpartition(".")[2]
            if DURATION.match(key) and isinstance(entry.value, (int, float)):
                yield entry.evidence(f"{entry.key} is {entry.value}")
    for command in (*script_commands(repo), *repo.fact(Prose).commands()):
        if TOLD.search(command.text):
            yield command.evidence(quoted(command.text))
    for path, item in repo.fact(PythonIndex).assignments("*"):
        name = item.target.rpartition(".")[2].rpartition(":")[2]
        # A counter starts at nought, and None leaves the length to whoever sets it.
        if item.kind is ast.Constant and DURATION.match(name) and literal(item.value):
            yield Evidence(path, item.line, f"{name} = {literal(item.value)!r}")


def chooses(call: Call) -> Iterator[Evidence]:
    """Yield the sign that a call stops training or takes a checkpoint by a measure."""
    if matches(call.name, MONITORS):
        monitor = call.literal("monitor", 0)
        yield call.evidence(f"{call.method} watches {monitor or 'its default'}")
        return
    for key in BEST:
        node = call.argument(key)
        if node is not None and not (isinstance(node, ast.Constant) and not node.value):
            yield call.evidence(f"{key}={text(node)}")
    if SAVES.search(call.name) and any(BEST_NAME.search(name) for name in tested(call)):
        yield call.evidence("a checkpoint is kept when it is the best so far")


def tested(call: Call) -> Iterator[str]:
    """Yield the names that the conditions around a call test."""
    for condition in call.conditions:
        for node in ast.walk(condition):
            if isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.Attribute):
                yield node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def text(node: ast.expr) -> str:
    """Return an expression as it is written, cut."""
    return as_code(node)[:40]


def passed_on(calls: tuple[Call, ...]) -> list[Evidence]:
    """Return calls of trainers whose arguments come from a mapping that is not seen here."""
    return [call.evidence("arguments are passed on unseen") for call in calls if None in call.words]
