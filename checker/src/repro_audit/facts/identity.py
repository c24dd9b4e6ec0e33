"""What identifies a run in its record: the code's commit, the data's version, the environment."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.randomness import skipped_by_default
from repro_audit.facts.syntax import literal
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.values import Values
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

CODE, DATA, ENVIRONMENT = "code", "data", "environment"
ALL = (CODE, DATA, ENVIRONMENT)
GIT_WORDS = {"rev-parse", "describe", "git rev-parse HEAD", "git describe"}
# What a call records by itself, as the documentation of each tracker says. MLflow's fluent runs
# carry the commit of the script; W&B, ClearML, Comet, Neptune and Sacred also its packages.
RECORDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("git.Repo", "git.repo.Repo", "dulwich.repo.Repo", "pygit2.Repository"), (CODE,)),
    (("mlflow.start_run", "mlflow.set_tag*.commit"), (CODE,)),
    (("mlflow.autolog", "mlflow.*.autolog", "mlflow.*log_model"), (ENVIRONMENT,)),
    (("mlflow.log_input", "mlflow.log_inputs", "*.log_inputs"), (DATA,)),
    (("*.WandbLogger", "*.CometLogger", "*.NeptuneLogger"), (CODE,)),
    (("*.WandbLogger", "*.CometLogger"), (ENVIRONMENT,)),
    (("wandb.init", "clearml.Task.init", "comet_ml.*Experiment", "comet_ml.start"), (CODE,)),
    (("wandb.init", "clearml.Task.init", "comet_ml.*Experiment"), (ENVIRONMENT,)),
    (("sacred.Experiment", "neptune.init*"), (CODE,)),
    (("sacred.Experiment",), (ENVIRONMENT,)),
    (("*.use_artifact", "dvc.api.get_url", "dvc.api.params_show", "dvc.api.open"), (DATA,)),
    (("clearml.Dataset.get", "datasets.*fingerprint*", "lakefs.*"), (DATA,)),
    (
        (
            "importlib.metadata.version",
            "importlib.metadata.distributions",
            "importlib_metadata.version",
            "pkg_resources.get_distribution",
            "torch.utils.collect_env.*",
            "watermark.watermark",
            "session_info.show",
        ),
        (ENVIRONMENT,),
    ),
)
KEYS = {
    CODE: re.compile(r"^(git|code|vcs)[._ -]?(commit|sha|hash|rev\w*)$|^commit[._-]?(hash|sha)$"),
    DATA: re.compile(r"^data(set)?[._ -]?(sha\d*|md5|hash|digest|version|rev\w*|fingerprint)$"),
    ENVIRONMENT: re.compile(r"^(lock|env\w*|requirements)[._ -]?(sha\d*|md5|hash|digest)$"),
}
FREEZE = re.compile(r"\b(pip|uv pip|conda|mamba) (freeze|list|env export)\b|conda list")


class Part(NamedTuple):
    """One identity that a run leaves in its record; `optional` when it is off by default."""

    kind: str
    evidence: Evidence
    optional: bool = False


class Identity(NamedTuple):
    """All identities that the code on the ways of the entry points records."""

    parts: tuple[Part, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Identity:
        """Read reached calls, the names under which values are kept, and DVC's lock."""
        values = repo.fact(Values)
        asks = {module.path for module in repo.fact(PythonIndex).live() if may_ask(module)}
        found: list[Part] = []
        flow = repo.fact(Flow)
        tell = {name for name in flow.calls.by_name if recorded(name) or name.endswith("Artifact")}
        for call in flow.live:
            if call.name not in tell and call.path not in asks:
                continue
            told = recording(call) if call.path not in asks else told_by(call)
            for kind, message in told:
                off = skipped_by_default(call, values) is not None
                found.append(Part(kind, call.evidence(message), off))
        for entry in repo.fact(Configs).entries("_target_"):
            used = not values.composed or entry in values.composed.values()
            for kind in recorded(str(entry.value)):
                seen = entry.evidence(f"{entry.value} records the {kind}")
                found.append(Part(kind, seen, not used))
        found += list(keys(repo))
        found += list(pipeline(repo))
        return cls(tuple(found))

    def of(self, kind: str) -> tuple[Part, ...]:
        """Return the parts of one kind."""
        return tuple(part for part in self.parts if part.kind == kind)


WITH_TEXTS = (ast.Constant, ast.List, ast.Tuple)


@lru_cache(maxsize=50_000)
def recorded(name: str) -> tuple[str, ...]:
    """Return the identities that a call or class of this name records by itself."""
    found = (kinds for patterns, kinds in RECORDS if matches(name, patterns))
    return tuple(kind for kinds in found for kind in kinds)


def may_ask(module: Module) -> bool:
    """Say whether the texts of a file may ask for a commit or for the installed packages."""
    texts = [text.value for text in module.texts]
    asks = any(text in GIT_WORDS or text.startswith("git rev-parse") for text in texts)
    # A command may be given word by word.
    return asks or FREEZE.search(" ".join(texts)) is not None


def told_by(call: Call) -> Iterator[tuple[str, str]]:
    """Yield what a call records, or is told to ask, and how."""
    yield from recording(call)
    words = list(literals(call))
    if words:
        if not GIT_WORDS.isdisjoint(words) or any(
            word.startswith("git rev-parse") for word in words
        ):
            yield CODE, "git is asked for the commit"
        if FREEZE.search(" ".join(words)):
            yield ENVIRONMENT, "the installed packages are listed"


def recording(call: Call) -> Iterator[tuple[str, str]]:
    """Yield what a call records by itself, and how."""
    notebook = call.path.endswith(".ipynb")
    for kind in recorded(call.name):
        # A notebook's code is not that of the commit: it may never have been saved.
        if not (notebook and kind == CODE):
            yield kind, f"{call.name} records the {kind}"
    if call.method == "Artifact" and call.literal("type", 1) in {"dataset", "data"}:
        yield DATA, "the data is recorded as an artifact"


def literals(call: Call) -> Iterator[str]:
    """Yield the texts among the arguments, also those in lists."""
    for node in call.node.args[:20]:
        value = literal(node) if isinstance(node, WITH_TEXTS) else None
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(item, str):
                yield item


@lru_cache(maxsize=50_000)
def identified(name: str) -> tuple[str, ...]:
    """Return what a value that is kept under a name identifies."""
    return tuple(kind for kind, pattern in KEYS.items() if pattern.match(name.lower()))


def keys(repo: Repository) -> Iterator[Part]:
    """Yield names of recorded values that say what they identify, in reached code."""
    index = repo.fact(PythonIndex)
    reached = repo.fact(Flow).entered
    for module in index.live():
        for text in module.texts:
            short = len(text.value) <= 40  # noqa: PLR2004 - letters
            if not (short and identified(text.value)) or (module.path, text.scope) not in reached:
                continue
            for kind in identified(text.value):
                seen = Evidence(module.path, text.line, f"a value is kept as {text.value}")
                yield Part(kind, seen)


def pipeline(repo: Repository) -> Iterator[Part]:
    """Yield what a DVC pipeline fixes: the digests of data and code of its last run."""
    if any(task.runner == "dvc" for task in repo.fact(Tasks).all):
        for file in repo.matching("dvc.lock"):
            for kind in (CODE, DATA):
                yield Part(kind, Evidence(file.path, 1, f"DVC records the {kind} of each stage"))
