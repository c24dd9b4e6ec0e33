"""Pre-trained weights and remote code that are loaded, and what fixes each of them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import Kind
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

BRANCHES = {"main", "master", "head", "latest", "dev", "develop", "trunk", "default"}
BRANCHES |= {"devel", "stable", "hub"}
OWNERS = re.compile(
    r"^(transformers|diffusers|sentence_transformers|peft|timm|open_clip|laion_clap|speechbrain|"
    r"huggingface_hub|adapters|setfit|span_marker|optimum|auto_gptq|unsloth|tokenizers|"
    r"vllm|paddlenlp|flair|gliner|bertopic|keybert|ctransformers|mlx_lm|llama_cpp)\."
)
HUB = (
    "*.from_pretrained",
    "transformers.pipeline",
    "huggingface_hub.snapshot_download",
    "huggingface_hub.hf_hub_download",
    "sentence_transformers.SentenceTransformer",
    "sentence_transformers.CrossEncoder",
    "vllm.LLM",
)
NAMES = ("pretrained_model_name_or_path", "repo_id", "model", "model_name_or_path", "model_name")
# All that `load_of` knows.
LOADERS = (
    *("torch.hub.load", "torch.hub.download_url*", "torchvision.models.*", "timm.create_model"),
    *("keras.applications.*", "tensorflow.keras.applications.*", "tensorflow_hub.load"),
    *("tensorflow_hub.KerasLayer", "load_state_dict_from_url", "*.load_state_dict_from_url", *HUB),
)
KERAS = re.compile(r"^(tensorflow\.)?keras\.applications\.")


class Hold(Enum):
    """What fixes a download."""

    FIXED = "fixed"
    LOOSE = "not fixed"
    LOCAL = "local"
    UNCLEAR = "cannot be resolved"


class Load(NamedTuple):
    """One load of something that others made; `remote_code` runs code that comes with it."""

    hold: Hold
    evidence: Evidence
    remote_code: bool = False


class HubLoads(NamedTuple):
    """Every such load of live code, and every dependency that is taken from a repository."""

    loads: tuple[Load, ...]

    @classmethod
    def collect(cls, repo: Repository) -> HubLoads:
        """Read the calls that entry points reach; of a library, all calls."""
        index = repo.fact(PythonIndex)
        values = repo.fact(Values)
        library = repo.fact(Kind).name == "library"
        calls = index.made if library else repo.fact(Flow).calls
        loads = (load_of(call, values, index) for call in calls.named(*LOADERS))
        found = [load for load in loads if load is not None]
        return cls((*found, *sources(repo)))


def load_of(call: Call, values: Values, index: PythonIndex) -> Load | None:
    """Return what a call loads, or None when it loads nothing from outside."""
    if call.name == "torch.hub.load":
        return torch_hub(call)
    if call.method == "load_state_dict_from_url" or call.name.startswith("torch.hub.download_url"):
        checked = call.literal("check_hash") is True or isinstance(call.literal("hash_prefix"), str)
        return Load(
            Hold.FIXED if checked else Hold.LOOSE,
            call.evidence(
                "the downloaded weights are compared with their digest"
                if checked
                else "weights are downloaded and their digest is not checked"
            ),
        )
    if call.name.startswith("torchvision.models."):
        return torchvision(call)
    if KERAS.match(call.name) and call.method[:1].isupper():
        own = call.argument("weights") is not None and call.literal("weights") != "imagenet"
        seen = call.evidence("Keras checks the digest of the weights it names")
        return None if own else Load(Hold.FIXED, seen)
    if call.name == "timm.create_model":
        return timm(call, values)
    if call.name in {"tensorflow_hub.load", "tensorflow_hub.KerasLayer"}:
        return tensorflow_hub(call, values)
    if matches(call.name, HUB) and foreign(call, index):
        return hub(call, values)
    return None


def foreign(call: Call, index: PythonIndex) -> bool:
    """Say whether a loader is another distribution's, not a class of this repository."""
    if index.locate(call.name.rpartition(".")[0] or call.name, call.path, call.scope) is not None:
        return False
    return OWNERS.match(call.name) is not None


def hub(call: Call, values: Values) -> Load:
    """Judge a load from a model hub by its name and its revision."""
    position = 1 if call.name == "transformers.pipeline" else 0
    node = next((item for key in NAMES if (item := call.argument(key)) is not None), None)
    node = node or call.argument("", position)
    name = values.of(node, call.path, call.scope)
    remote = call.literal("trust_remote_code") is True
    shown = as_code(node)[:60] if node is not None else "a model"
    if isinstance(name.value, str) and re.match(r"^(\.|/|~)|\.(pth?|bin|ckpt)$", name.value):
        return Load(Hold.LOCAL, call.evidence(f"{shown} is a local path"), remote)
    given = call.argument("revision")
    revision = values.of(given, call.path, call.scope)
    if given is not None and isinstance(revision.value, str):
        fixed = revision.value.lower() not in BRANCHES
        hold = Hold.FIXED if fixed else Hold.LOOSE
        return Load(hold, call.evidence(f"{shown} at revision {revision.value!r}"), remote)
    if given is not None and revision.state is not State.ABSENT:
        return Load(Hold.UNCLEAR, call.evidence(f"{shown} at a revision not resolved"), remote)
    if not isinstance(name.value, str) and None in call.words:
        return Load(Hold.UNCLEAR, call.evidence("arguments are passed on unseen"), remote)
    if not isinstance(name.value, str):
        seen = call.evidence("what is loaded, a path or a hub's model, cannot be resolved")
        return Load(Hold.UNCLEAR, seen, remote)
    return Load(Hold.LOOSE, call.evidence(f"{shown} is loaded without a revision"), remote)


def torch_hub(call: Call) -> Load:
    """Judge `torch.hub.load("owner/name:ref")`, which runs the code of that repository."""
    name = call.literal("repo_or_dir", 0)
    if call.literal("source") == "local":
        return Load(Hold.LOCAL, call.evidence("a local folder"))
    if not isinstance(name, str):
        return Load(Hold.UNCLEAR, call.evidence("the repository cannot be resolved"))
    reference = name.partition(":")[2]
    fixed = bool(reference) and reference.lower() not in BRANCHES
    seen = call.evidence(f"{name} is {'a fixed reference' if fixed else 'a moving branch'}")
    return Load(Hold.FIXED if fixed else Hold.LOOSE, seen)


def torchvision(call: Call) -> Load | None:
    """Judge a torchvision model: its weights have versioned names, DEFAULT is none of them."""
    node = call.argument("weights")
    if node is None:
        if call.literal("pretrained", 0) is True:
            seen = call.evidence("pretrained=True means torchvision's first, named weights")
            return Load(Hold.FIXED, seen)
        return None
    text = as_code(node)[:80]
    if text == "None" or not re.search(r"[A-Z]", text):
        return None
    loose = "DEFAULT" in text
    seen = call.evidence(f"weights={text} is {'whatever is newest' if loose else 'a fixed name'}")
    return Load(Hold.LOOSE if loose else Hold.FIXED, seen)


def timm(call: Call, values: Values) -> Load | None:
    """Judge a timm model: `name.tag` fixes the weights, a bare name takes the newest tag."""
    if call.literal("pretrained", 1) is not True:
        return None
    name = values.of(call.argument("model_name", 0), call.path, call.scope).value
    if not isinstance(name, str):
        return Load(Hold.UNCLEAR, call.evidence("the name of the model cannot be resolved"))
    tagged = "." in name
    seen = call.evidence(f"{name!r} {'names its tag' if tagged else 'has no tag'}")
    return Load(Hold.FIXED if tagged else Hold.LOOSE, seen)


def tensorflow_hub(call: Call, values: Values) -> Load | None:
    """Judge an address of TensorFlow Hub: its last part is the version."""
    address = values.of(call.argument("handle", 0), call.path, call.scope).value
    if not isinstance(address, str):
        return Load(Hold.UNCLEAR, call.evidence("the address cannot be resolved"))
    if "://" not in address:
        return None
    fixed = re.search(r"/\d+/?$", address) is not None
    seen = call.evidence(f"{quoted(address)} {'names its version' if fixed else 'has no version'}")
    return Load(Hold.FIXED if fixed else Hold.LOOSE, seen)


def sources(repo: Repository) -> Iterator[Load]:
    """Yield the dependencies that are installed from a repository of source code."""
    known = repo.fact(Dependencies)
    for item in (*known.sources(), *known.container):
        if not re.match(r"(git\+|git@|https?://\S+\.git\b)", item.url):
            continue
        reference = re.search(r"\.git@([^#\s]+)|[^:/]@([^#\s/]+)(#|$)", item.url)
        name = next((part for part in reference.groups() if part), "") if reference else ""
        if item.exact or (name and name.lower() not in BRANCHES):
            yield Load(Hold.FIXED, item.evidence(f"{item.name} is taken at a fixed reference"))
        elif item.url.startswith("git+"):
            yield Load(Hold.LOOSE, item.evidence(f"{item.name} follows a branch"))
        else:
            yield Load(Hold.UNCLEAR, item.evidence(f"{item.name} comes from git"))
