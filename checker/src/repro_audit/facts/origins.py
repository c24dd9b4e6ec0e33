"""How data comes to the project: fetched, made by its own code, stored beside it, or by hand."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.accesses import Accesses
from repro_audit.facts.annex import Annex
from repro_audit.facts.byhand import asked_for, by_hand
from repro_audit.facts.code import as_code
from repro_audit.facts.data import BUNDLED, NAMED, Data
from repro_audit.facts.descent import extending
from repro_audit.facts.flow import Flow, in_package
from repro_audit.facts.getting import WEIGHTS, getting, own_commands
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.simulators import Simulators
from repro_audit.facts.values import Values
from repro_audit.facts.weights import COMMITTED
from repro_audit.facts.worth import State
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".mp4", ".ico", ".webp"})
MODELS = frozenset({".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".tflite", ".bin", ".joblib"})
WRITTEN = frozenset(
    {".py", ".pyi", ".ipynb", ".md", ".rst", ".sh", ".bash", ".yaml", ".yml", ".toml", ".cfg"}
    | {".ini", ".dvc", ".lock", ".html", ".css", ".js", ".c", ".cpp", ".h", ".cu", ".tex", ".r"}
    | {".bib", ".ps1", ".bat", ".sql", ".in", ".lua", ".m", ".jl", ".proto", ".rb", ".java"}
)
DATA_FOLDER = re.compile(r"^(\w*data|\w*datasets?|corpus|corpora|raw|inputs?)$", re.IGNORECASE)
MADE_FOLDER = re.compile(
    r"^(analys[ei]s|results?|outputs?|logs?|runs?|checkpoints?|weights|figures?|plots?|assets|docs?|"
    r"pretrained|models?|saved_models?|images?|static|media|\.dvc|benchmarks?|metrics|tables|"
    r"eval(uations?)?|predictions?|scores|submissions?|learning_?curves?)$",
    re.IGNORECASE,
)
NOT_DATA = re.compile(
    r"(^|/)(\.[^/]*|readme[^/]*|licen[cs]e[^/]*|requirements[^/]*|[^/]*sums?|checksums?[^/]*|"
    r"makefile|dockerfile|[^/]*(vocab|bpe|merges|tokenizer)[^/]*|manifest\.in|[^/]*croissant[^/]*\.json|"
    r"([^/]*[_-])?(classes|class_?(names?|index|list)|synsets?)([_-][^/]*)?\.\w+|[^/]*\.names|"
    r"[^/]*\.(md5|sha256|sha512)|"
    r"(demo|examples?|samples?)[\w-]*\.(wav|mp3|flac|ogg|mp4|avi|txt)|"
    r"([^/]*[_-])?(results?|metrics|predictions?|scores|leaderboard|submission)([_-][^/]*)?\.\w+)$",
    re.IGNORECASE,
)
PICTURE = re.compile(r"\.(jpe?g|png|gif)\b|\bim(a)?ge?_?url", re.IGNORECASE)
# What a service tells of code and of runs is none of the data.
SERVICE = re.compile(r"api\.github\.com|pypi\.org|api\.wandb\.ai|metadata_?url|-metadata\.json")
MAKES = re.compile(
    r"^(generate|simulate|synthesi[sz]e|make|create|sample|build)_?(\w*_)?"
    r"(data|dataset|datasets|samples?|graphs?|events?|batch|trajector\w+|sequences?|signals?|"
    r"examples|points|series|showers|toy\w*|synthetic\w*)\w*$|^simulate$|^data_generator$",
    re.IGNORECASE,
)


# Classes of torchvision that read a folder which somebody has filled.
FOLDERS = frozenset({"ImageFolder", "DatasetFolder"})
# What one thing makes of another comes from that other: a set from a file, an archive of samples.
TURNS = re.compile(r"_(from|to|for)_", re.IGNORECASE)


class Way(Enum):
    """What a loader does when its files are missing."""

    FETCHES = "fetches"
    MAY = "may"
    REFUSES = "refuses"


def foreign(reads: tuple[Call, ...], repo: Repository) -> Iterator[Call]:
    """Reads of files that no live code of the project writes: its own products are no origin."""
    accesses = repo.fact(Accesses)
    own = {item.path.rpartition("/")[2] for item in accesses.writes if item.known}
    products = {
        (item.call.path, item.call.line, item.call.name)
        for item in accesses.reads
        if item.known and item.path.rpartition("/")[2] in own
    }
    return (call for call in reads if (call.path, call.line, call.name) not in products)


class Origins(NamedTuple):
    """Where data comes from, by the way it comes."""

    fetched: tuple[Evidence, ...]
    optional: tuple[Evidence, ...]
    refused: tuple[Evidence, ...]
    shown: tuple[Evidence, ...]
    by_hand: tuple[Evidence, ...]
    stored: tuple[Evidence, ...]
    made: tuple[Evidence, ...]
    named: tuple[Call, ...]
    reads: tuple[Call, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Origins:
        """Sort every way by which data comes."""
        data, values = repo.fact(Data), repo.fact(Values)
        modules = repo.fact(PythonIndex).modules
        every = (call for module in repo.fact(PythonIndex).live() for call in module.calls)
        named = (*named_calls(data), *extending(repo, fetches, every))
        fetched = [
            call.evidence(f"{call.name} fetches data")
            for call in data.fetched
            if is_data(call, modules[call.path])
        ]
        ways = [(call, way_of(call, values)) for call in named]
        taken = {call.name for call, way in ways if way is Way.FETCHES}
        optional: list[Evidence] = []
        refused: list[Evidence] = []
        for call, way in ways:
            if way is Way.FETCHES or call.name in taken:
                fetched.append(call.evidence(f"{call.name} brings what is missing"))
            elif way is Way.MAY:
                optional.append(call.evidence(f"{call.name} downloads when it is told to"))
            else:
                refused.append(call.evidence(f"{call.name} does not download"))
        fetched += list(data.targets)
        fetched += [item.evidence(quoted(item.text)) for item in getting(own_commands(repo))]
        shown = [
            item.evidence(f"the documents show {quoted(item.text)}")
            for item in getting(item for doc in repo.fact(Prose).documents for item in doc.commands)
        ]
        packaged = {(item.path, item.line) for item in fetched} <= {
            (call.path, call.line) for call in named
        }
        if fetched and packaged and not shown:
            refused += [
                call.evidence(f"{call.method} reads a folder that nothing fills")
                for call in data.reads
                if call.method in FOLDERS
            ]
        return cls(
            tuple(fetched),
            tuple(optional),
            tuple(refused),
            tuple(shown),
            (*by_hand(repo), *asked_for(repo)),
            tuple(stored(repo)),
            tuple(made(repo)),
            named,
            tuple(
                call
                for call in foreign(data.reads, repo)
                if call.method in FOLDERS or not matches(call.name, NAMED)
            ),
        )

    @property
    def outside(self) -> bool:
        """Whether data comes from outside the repository and its packages."""
        return bool(self.fetched or self.optional or self.refused or self.shown or self.by_hand)

    @property
    def any(self) -> bool:
        """Whether data is seen at all."""
        return bool(self.outside or self.stored or self.made or self.reads)


def left_to_user(repo: Repository) -> bool:
    """Say whether a package reads only what its users name, and neither brings nor makes data."""
    found, data = repo.fact(Origins), repo.fact(Data)
    if found.outside or found.stored or found.named or found.made or data.bundled or data.targets:
        return False
    index = repo.fact(PythonIndex)
    fixed = (ast.Constant, ast.JoinedStr)
    library = any(path.endswith("/__init__.py") for path in repo.fact(Flow).traces)
    return (
        library
        and bool(found.reads)
        and all(
            in_package(call.path, index) and call.given and not isinstance(call.node.args[0], fixed)
            for call in found.reads
        )
    )


def stepped(repo: Repository) -> bool:
    """Say whether all that is learnt from comes out of an environment that is stepped through."""
    return bool(repo.fact(Simulators).made) and not repo.fact(Origins).any


def named_calls(data: Data) -> tuple[Call, ...]:
    """Return the calls that make or load a named data set; helpers beside them are none."""
    helpers = ("torchvision.datasets.folder.*", "torchvision.datasets.utils.*", "datasets.utils.*")
    return tuple(
        call
        for call in data.named
        if not matches(call.name, helpers) and not re.search(r"model|weights", ast_text(call))
    )


def ast_text(call: Call) -> str:
    """Return the literal texts among a call's arguments, for a look at what it is about."""
    found = [call.literal("filename", 1), call.literal("repo_type"), call.literal("cache_dir")]
    hub = call.name.startswith("huggingface_hub")
    dataset = call.literal("repo_type") == "dataset"
    return "model" if hub and not dataset else " ".join(str(item) for item in found if item)


def cannot_fetch(name: str) -> bool:
    """Say whether a class of torchvision only reads what somebody put there."""
    return name.endswith((".CocoDetection", ".CocoCaptions", ".Flickr8k", ".Flickr30k", ".LSUN"))


def fetches(base: str) -> bool:
    """Say whether a class of this name is a data set that a package fetches."""
    named = matches(base, NAMED) and base.rpartition(".")[2][0].isupper()
    return named and not cannot_fetch(base)


def way_of(call: Call, values: Values) -> Way:
    """Say whether a loader downloads what is missing; torchvision's do so only when told to."""
    if call.name.endswith((".ImageNet", ".Cityscapes")) or cannot_fetch(call.name):
        return Way.REFUSES
    given = call.argument("download")
    if given is None:
        # Positions differ between its classes, so that a fourth argument may be the one.
        told = call.name.startswith("torchvision.datasets") and call.given < 4  # noqa: PLR2004
        return Way.REFUSES if told else Way.FETCHES
    value = values.of(given, call.path, call.scope)
    if value.state is State.FIXED and value.value is True:
        return Way.FETCHES
    return Way.MAY if value.setting or value.state is State.UNKNOWN else Way.REFUSES


def is_data(call: Call, module: Module) -> bool:
    """Say whether a plain download may be one of data: weights and pictures to look at are not."""
    said = " ".join(as_code(node)[:300] for node in call.node.args[:2])
    texts = [text.value for text in module.texts if "://" in text.value]
    looked = any(name.rpartition(".")[2] in {"open", "imread", "Image"} for name in call.around)
    if SERVICE.search(as_code(call.node)[:300]):
        return False
    if looked or WEIGHTS.search(f"{said} {call.scope} {call.path}") or PICTURE.search(said):
        return False
    return not texts or any(not (WEIGHTS.search(item) or PICTURE.search(item)) for item in texts)


def stored(repo: Repository) -> Iterator[Evidence]:
    """Yield data files that stand in the repository: by their suffix, or by their folder."""
    elsewhere = repo.fact(Annex).paths
    tested = any(file.suffix == ".py" and file.path.startswith("test/") for file in repo.files)
    for file in repo.files:
        folders = file.path.split("/")[:-1]
        if file.role in {Role.TEST, Role.VENDORED, Role.GENERATED, Role.TEMPLATE, Role.PROSE}:
            continue
        if any(MADE_FOLDER.match(part) for part in folders) or NOT_DATA.search(file.path):
            continue
        if file.suffix in PICTURES | MODELS | WRITTEN or file.path in elsewhere:
            continue
        # What tests compare with, and what was fitted, is no data that comes in.
        if (tested and folders[:1] == ["test"]) or COMMITTED.search(file.path):
            continue
        inside = any(DATA_FOLDER.match(part) for part in folders)
        named = file.role is Role.DATA or (inside and file.role in {Role.SOURCE, Role.EXAMPLE})
        # An empty file keeps the place of data that is not there.
        if named and repo.disk.size(file.path):
            yield Evidence(file.path, 0, "data that stands in the repository")


def made(repo: Repository) -> Iterator[Evidence]:
    """Yield reached functions of the repository that make data, and generators of packages."""
    index = repo.fact(PythonIndex)
    for place in sorted(repo.fact(Flow).entered, key=lambda item: (item.path, item.name)):
        module = index.modules[place.path]
        function = module.functions.get(place.name)
        name = place.name.rpartition(".")[2]
        named = MAKES.match(name) and not TURNS.search(name)
        if function is not None and named and draws(module, place.name):
            message = f"{place.name} makes the data by code"
            yield Evidence(place.path, function.line, message)
    for call in index.calls(*(item for item in BUNDLED if ".make_" in item)):
        yield call.evidence(f"{call.name} makes the data by code")


def draws(module: Module, scope: str) -> bool:
    """Say whether a function draws numbers or builds arrays, itself or through its own file."""
    near = {call.name for call in module.calls if call.scope == scope}
    inner = {call.name for call in module.calls if call.scope in near}
    return any(
        re.search(r"random|\brng\b|numpy\.|torch\.rand|generator", name, re.IGNORECASE)
        and not re.search(r"load|read", name.rpartition(".")[2])
        for name in near | inner
    )
