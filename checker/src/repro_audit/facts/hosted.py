"""Calls to models that others host, how exactly each names its model, and whether replies stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import Kind
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.values import Values
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

CLIENTS = frozenset(
    {"openai", "anthropic", "mistralai", "cohere", "litellm", "together", "groq", "replicate"}
    | {"google.generativeai", "google.genai", "langchain_openai", "langchain_anthropic"}
    | {"langchain_google_genai", "vertexai", "dashscope", "zhipuai", "ai21", "instructor"}
)
CALLS = (
    "*.chat.completions.create",
    "*.chat.completions.parse",
    "*.beta.chat.completions.parse",
    "*.responses.create",
    "*.responses.parse",
    "*.completions.create",
    "*.embeddings.create",
    "openai.ChatCompletion.create",
    "openai.ChatCompletion.acreate",
    "openai.Completion.create",
    "openai.Embedding.create",
    "*.messages.create",
    "*.models.generate_content",
    "google.generativeai.GenerativeModel",
    "vertexai.*GenerativeModel",
    "*.chat.complete",
    "*.chat",
    "litellm.completion",
    "litellm.acompletion",
    "replicate.run",
    "*.invoke_model",
    "*.converse",
    "langchain_openai.*",
    "langchain_anthropic.*",
    "langchain_google_genai.*",
    "dashscope.*.call",
)
# The client's name is not enough for `chat` and `*.create`: what it is called on must be unknown
# to this repository, and the file must import a client.
MODEL_KEYS = ("model", "model_name", "modelId", "engine", "model_id")
DATED = re.compile(
    r"(-20\d{6}|-20\d\d-\d\d-\d\d|@20\d{6}|-\d{4}|-\d{3}|:[0-9a-f]{12,}|-\d\d-20\d\d)"
    r"(-v\d+(:\d+)?)?$"
)
SAMPLING = ("temperature", "top_p", "seed", "generation_config", "config", "inferenceConfig")
WRITES = (
    "json.dump",
    "*.to_json",
    "*.to_csv",
    "*.to_parquet",
    "jsonlines.*",
    "*.write_text",
    "*.write",
    "diskcache.*",
    "joblib.Memory",
    "shelve.open",
    "sqlite3.connect",
    "pickle.dump",
    "vcr.*",
    "langchain*.set_llm_cache",
    "mlflow.log_*",
    "wandb.log",
)
STORED = re.compile(
    r"(^|/)[^/]*(response|repl(y|ies)|completion|generation|cassette|transcript|llm_cache|raw_output)"
    r"[^/]*(/.+)?\.(jsonl?|csv|parquet|ya?ml|sqlite|db|gz)$",
    re.IGNORECASE,
)


class Hosted(NamedTuple):
    """Calls by how they name their model, sampling settings, and what keeps the replies."""

    dated: tuple[Evidence, ...]
    alias: tuple[Evidence, ...]
    unclear: tuple[Evidence, ...]
    unset: tuple[Evidence, ...]
    writers: tuple[Evidence, ...]
    stored: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Hosted:
        """Read the reached calls of modules that import a client."""
        index, values = repo.fact(PythonIndex), repo.fact(Values)
        clients = {module.path for module in index.live() if uses_client(module)}
        library = repo.fact(Kind).name == "library"
        made = index.made if library else repo.fact(Flow).calls
        asked = made.named(*CALLS) if clients else []
        calls = [call for call in asked if call.path in clients and asks(call, index)]
        named = {"dated": [], "alias": [], "unclear": []}  # type: dict[str, list[Evidence]]
        for call in calls:
            kind, seen = naming(call, values)
            named[kind].append(seen)
        unset = [
            call.evidence("no sampling setting is given")
            for call in calls
            if "mbedding" not in call.name
            and not any(call.argument(key) is not None for key in (*SAMPLING, "body"))
            and None not in call.words
        ]
        near = {path for path in index.modules if calls and is_near(path, clients, index)}
        writers = [
            call.evidence("results are written")
            for call in (made.named(*WRITES) if calls else ())
            if call.path in near
        ]
        return cls(
            tuple(named["dated"]),
            tuple(named["alias"]),
            tuple(named["unclear"]),
            tuple(unset),
            tuple(writers),
            tuple(stored(repo)) if calls else (),
        )

    @property
    def calls(self) -> tuple[Evidence, ...]:
        """All calls."""
        return (*self.alias, *self.unclear, *self.dated)


def uses_client(module: Module) -> bool:
    """Say whether a module imports a client of hosted models."""
    return any(
        item.module.partition(".")[0] in CLIENTS
        or f"{item.module}.{item.name}".strip(".").startswith(("google.gen", "boto3"))
        for item in module.imports
    )


def asks(call: Call, index: PythonIndex) -> bool:
    """Say whether a call asks a hosted model for something."""
    if not matches(call.name, CALLS):
        return False
    if index.locate(call.name, call.path, call.scope) is not None:
        return False
    bare = call.method == "chat"
    return not bare or any(call.argument(key) is not None for key in MODEL_KEYS)


def naming(call: Call, values: Values) -> tuple[str, Evidence]:
    """Return how a call names its model: dated, by an alias, or in a way not resolved."""
    node = next((item for key in MODEL_KEYS if (item := call.argument(key)) is not None), None)
    if node is None and call.method in {"GenerativeModel", "run"}:
        node = call.argument("", 0)
    name = values.of(node, call.path, call.scope).value
    if not isinstance(name, str) or not name:
        return "unclear", call.evidence("the name of the hosted model cannot be resolved")
    if DATED.search(name) and "latest" not in name:
        return "dated", call.evidence(f"{name!r} names a snapshot")
    return "alias", call.evidence(f"{name!r} is a name that may mean another model tomorrow")


def is_near(path: str, clients: set[str], index: PythonIndex) -> bool:
    """Say whether a module asks a hosted model itself, or imports one that does."""
    if path in clients:
        return True
    module = index.modules[path]
    return any(
        index.module_path(name, path) in clients
        for item in module.imports
        for name in (item.module, f"{item.module}.{item.name}")
    )


def stored(repo: Repository) -> Iterator[Evidence]:
    """Yield committed replies."""
    for file in repo.files:
        if file.role in (Role.SOURCE, Role.DATA) and STORED.search(file.path):
            yield Evidence(file.path, 0, "stored replies")
