"""Switches of deterministic computation, with the value they really have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import Kind
from repro_audit.facts.prose import script_commands
from repro_audit.facts.python import Place, PythonIndex, matches
from repro_audit.facts.randomness import skipped_by_default
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State, Value
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

FRAMEWORKS = (
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "flax",
    "lightning",
    "pytorch_lightning",
    "fastai",
    "paddle",
    "stable_baselines",
    "stable_baselines3",
    "transformers",
    "haiku",
    "mxnet",
)
SWITCHES = (
    "torch.use_deterministic_algorithms",
    "torch.set_deterministic",
    "torch.set_deterministic_debug_mode",
    "tensorflow.config.experimental.enable_op_determinism",
    "transformers.*enable_full_determinism",
    "monai.utils.set_determinism",
    "fwr13y.*.enable_determinism",
    "tfdeterminism.patch",
)
KEYWORDS = {"deterministic": True, "full_determinism": True, "benchmark": False}
FIELDS = {"deterministic": True, "benchmark": False}
VARIABLES = re.compile(r"^(TF_DETERMINISTIC_OPS|TF_CUDNN_DETERMINISTIC|XLA_FLAGS)$")
XLA = "deterministic_ops=true"
TOLD = ("Trainer", "TrainingArguments", "Fabric", "Seq2SeqTrainingArguments")


@dataclass
class Determinism:
    """Switches that are on, offered, set against it, or unclear; and the frameworks in use."""

    frameworks: list[Evidence] = field(default_factory=list)
    on: list[Evidence] = field(default_factory=list)
    offered: list[Evidence] = field(default_factory=list)
    against: list[Evidence] = field(default_factory=list)
    unclear: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Determinism:
        """Read calls, attributes, variables and configuration on the ways of the entry points."""
        found = cls()
        index = repo.fact(PythonIndex)
        seen: set[str] = set()
        for path, line, top in index.imported(*FRAMEWORKS):
            if top not in seen:
                seen.add(top)
                found.frameworks.append(Evidence(path, line, f"{top} is imported"))
        values = repo.fact(Values)
        library = repo.fact(Kind).name == "library"
        calls = index.made if library else repo.fact(Flow).calls
        for call in calls.any_of(names=SWITCHES, methods=TOLD):
            found.from_call(call, values)
        found.from_assignments(repo, values)
        found.from_configs(repo)
        for command in script_commands(repo):
            if re.search(r"TF_DETERMINISTIC_OPS=['\"]?1|deterministic_ops=true", command.text):
                found.on.append(command.evidence("the variable asks for deterministic operations"))
        return found

    def from_call(self, call: Call, values: Values) -> None:
        """Sort a call that switches determinism, or a trainer that is told about it."""
        if matches(call.name, SWITCHES):
            given = call.argument("mode", 0) or call.argument("debug_mode")
            value = values.of(given, call.path, call.scope) if given else Value(State.FIXED, True)
            soft = call.literal("warn_only") is True or value.value == "warn"
            self.sort(
                value,
                call.evidence(f"{call.name} is called"),
                wanted=True,
                soft=soft,
                off=skipped_by_default(call, values),
            )
            return
        if call.method not in TOLD:
            return
        for keyword, wanted in KEYWORDS.items():
            node = call.argument(keyword)
            if node is not None:
                value = values.of(node, call.path, call.scope)
                message = f"{call.name} is given {keyword}={as_code(node)[:40]}"
                self.sort(
                    value,
                    call.evidence(message),
                    wanted=wanted,
                    soft=value.value == "warn",
                    off=None,
                )

    def sort(
        self, value: Value, seen: Evidence, *, wanted: bool, soft: bool, off: Value | None
    ) -> None:
        """Put one switch where its value belongs; a benchmark switch only ever speaks against."""
        if value.state is State.UNKNOWN:
            self.unclear.append(seen)
        elif not wanted:
            if value.value is True and off is None:
                self.against.append(seen)
        elif off is not None or soft or not value.value or value.state is State.ABSENT:
            self.offered.append(seen)
        else:
            self.on.append(seen)

    def from_assignments(self, repo: Repository, values: Values) -> None:
        """Sort assignments to cuDNN's flags and to environment variables in reached code."""
        reached = repo.fact(Flow).entered
        for path, item in repo.fact(PythonIndex).assignments("*cudnn.*", "os.environ*"):
            if Place(path, item.scope) not in reached:
                continue
            name = item.target.rpartition(".")[2]
            variable = re.search(r"\[(\w+)\]$", item.target)
            value = values.of(item.value, path, item.scope)
            if variable and VARIABLES.match(variable.group(1)):
                good = str(value.value) in {"1", "true", "True"} or XLA in str(value.value)
                if good:
                    self.on.append(Evidence(path, item.line, f"{variable.group(1)} is set"))
            elif name in FIELDS and "cudnn" in item.target:
                seen = Evidence(path, item.line, f"{item.target} = {value.value}")
                if FIELDS[name] and value.value is False and not value.setting:
                    self.against.append(seen)
                else:
                    self.sort(value, seen, wanted=FIELDS[name], soft=False, off=None)

    def from_configs(self, repo: Repository) -> None:
        """Sort the keys that a configuration passes to a trainer it makes."""
        values, configs = repo.fact(Values), repo.fact(Configs)
        composed = list(values.composed.items())
        entries = composed or [
            (entry.key, entry) for file in configs.files.values() for entry in file.entries
        ]
        for key, entry in entries:
            keyword = key.rpartition(".")[2]
            if keyword not in KEYWORDS or not isinstance(entry.value, (bool, str)):
                continue
            value = Value(State.FIXED, entry.value)
            seen = entry.evidence(f"{key}: {entry.value}")
            already = any(
                (item.path, item.line) == (seen.path, seen.line)
                for item in (*self.on, *self.offered)
            )
            trainer = "train" in key.lower() or "train" in entry.path.lower() or key == keyword
            if trainer and not already:
                self.sort(
                    value, seen, wanted=KEYWORDS[keyword], soft=entry.value == "warn", off=None
                )
