"""Where the precision of a computation is chosen: calls, switches, configuration, sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.randomness import skipped_by_default
from repro_audit.facts.statements import Statements
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

CALLS = (
    "torch.set_float32_matmul_precision",
    "torch.set_default_dtype",
    "torch.autocast",
    "torch.amp.autocast",
    "torch.cuda.amp.autocast",
    "torch.cuda.amp.GradScaler",
    "torch.amp.GradScaler",
    "*.mixed_precision.set_global_policy",
    "*.mixed_precision.Policy",
    "tensorflow.keras.backend.set_floatx",
    "keras.backend.set_floatx",
    "keras.config.set_floatx",
    "jmp.get_policy",
    "*.BitsAndBytesConfig",
    "apex.amp.initialize",
    "*.enable_tensor_float_32_execution",
)
HALVES = ("*.half", "*.bfloat16", "*.double")
MODEL = re.compile(
    r"(model|net|network|module|encoder|decoder|policy|generator)\w*\.double$", re.IGNORECASE
)
OWNERS = ("Trainer", "TrainingArguments", "Seq2SeqTrainingArguments", "Fabric", "Accelerator")
KEYWORDS = (
    *("precision", "fp16", "bf16", "tf32", "mixed_precision", "torch_dtype", "load_in_8bit"),
    *("load_in_4bit", "half_precision_backend"),
)
SWITCHES = ("torch.backends.cuda.matmul.allow_tf32", "torch.backends.cudnn.allow_tf32")
KEYS = re.compile(r"(^|\.)(precision|fp16|bf16|tf32|mixed_precision|use_amp|amp|torch_dtype)$")
JAX = ("jax_default_matmul_precision", "jax_enable_x64")
WORDS = re.compile(
    r"\b(mixed[- ]precision|(single|double|half|full)[- ]precision|fp(16|32|64|8)|bf16|bfloat16|"
    r"float(16|32|64)|TF32|int8|4-bit|8-bit|quanti[sz]ed)\b",
    re.IGNORECASE,
)
USED = re.compile(
    r"\b(train\w*|evaluat\w*|comput\w*|run|runs|ran|results?|infer\w*|weights)\b", re.IGNORECASE
)


@dataclass
class Precision:
    """Choices that are made, and those left to a machine, a checkpoint or a default."""

    stated: list[Evidence] = field(default_factory=list)
    open: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Precision:
        """Read code that is reached, the composed configuration, and sentences."""
        found = cls()
        values = repo.fact(Values)
        keywords = (*KEYWORDS, "dtype")
        names = (*CALLS, *HALVES, "jax.config.update")
        for call in repo.fact(Flow).calls.any_of(names=names, keywords=keywords):
            found.from_call(call, values)
        reached = repo.fact(Flow).entered
        for path, item in repo.fact(PythonIndex).assignments(*SWITCHES):
            if (path, item.scope) in reached:
                found.stated.append(Evidence(path, item.line, f"{item.target} is set"))
        for key, entry in values.composed.items():
            if KEYS.search(key) and entry.value is not None:
                found.put(str(entry.value), entry.evidence(f"{key}: {entry.value}"))
        for statement in repo.fact(Statements).find(WORDS, USED):
            found.stated.append(statement.evidence())
        return found

    def put(self, value: str, seen: Evidence) -> None:
        """Sort one choice; `auto` leaves it to what is loaded."""
        (self.open if value.lower() == "auto" else self.stated).append(seen)

    def from_call(self, call: Call, values: Values) -> None:
        """Read one call that sets a precision, or is told about it."""
        switch = call.name == "jax.config.update" and call.literal("name", 0) in JAX
        half = matches(call.name, HALVES) and not call.given
        # Counts and sums are made double here and there, which says nothing of the model.
        half = half and (call.method != "double" or MODEL.search(call.name) is not None)
        if matches(call.name, CALLS) or switch or half:
            off = skipped_by_default(call, values)
            (self.open if off else self.stated).append(call.evidence(f"{call.name} is called"))
            return
        if call.method not in OWNERS and call.method != "from_pretrained":
            return
        for keyword in (*KEYWORDS, *(("dtype",) if call.method == "from_pretrained" else ())):
            node = call.argument(keyword)
            if node is None:
                continue
            value = values.of(node, call.path, call.scope)
            seen = call.evidence(f"{call.method} is given {keyword}={as_code(node)[:40]}")
            known = value.state is not State.ABSENT
            self.put(str(value.value) if known else "auto", seen)
