"""Trained models that the repository gives away: links, ids, addresses in code, and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import SCAFFOLD, told
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.repository import Repository

SUFFIX = (
    r"\.(?:pth|pt|ckpt|safetensors|onnx|h5|hdf5|keras|joblib|tflite|gguf|pdparams|caffemodel|"
    r"th|weights|params|msgpack|npz|pth\.tar|pt\.tar|mar)"
)
ADDRESS = re.compile(r"(?:https?|gs|s3)://[^\s\"'<>)\]}|]{4,400}")
FILE = re.compile(rf"{SUFFIX}(?:[?#]|$)", re.IGNORECASE)
# An address that other texts of a module are put behind, and the name of a file of weights alone.
BASE = re.compile(r"(?:https?|gs|s3)://[^\s\"'<>)\]}|]{4,250}/")
NAME_OF_FILE = re.compile(rf"[\w.-]*{SUFFIX}", re.IGNORECASE)
LONGEST_NAME = 100
TRAINED = r"(\w+-)?(pre)?trained[_-](agents|models?|weights|nets|networks)"
COMMITTED = re.compile(
    r"\.(pth|pt|ckpt|safetensors|onnx|keras|tflite|gguf|pdparams|caffemodel)(\.dvc)?$|"
    r"\.ckpt\.(index|meta|data-\d+-of-\d+)$|"
    r"(^|/)(pre-?_?trained\w*|(\w+-)?trained[_-](agents|models?|weights|nets|networks))/(.*/)?[^/]+"
    r"\.(pkl|zip|npz|h5|joblib|bin|msgpack)(\.dvc)?$|"
    r"(^|/)(pytorch_model|adapter_model)\.bin$|"
    r"(^|/)(models?|weights|checkpoints?|pretrained|ckpts?)/(.*/)?[^/]+\.(h5|hdf5|joblib|pkl|bin)"
    r"(\.dvc)?$|"
    # A fitted model in a file of its own: artifacts/model.pkl, best_classifier.joblib.
    r"(^|[/_-])(model|classifier|regressor|clf|estimator)(s|[_-]\w+)?\.(pkl|pickle|joblib|sav|cbm)(\.dvc)?$",
    re.IGNORECASE,
)
REMOTE = re.compile(r"\s*url\s*=\s*(https?|s3|gs|azure|gdrive|oss)://")
STORE = re.compile(
    r"drive\.google\.com|docs\.google\.com/uc|dropbox\.com|1drv\.ms|onedrive|pan\.baidu|zenodo\.org|"
    r"figshare|osf\.io|releases/download|/releases/tag|storage\.googleapis|amazonaws\.com|"
    r"fbaipublicfiles|azureedge|blob\.core\.windows|modelscope|box\.com/s|sharepoint|mega\.nz|"
    r"huggingface\.co/(?!datasets|papers|docs|spaces|blog|join|learn|collections/[^/]+$)"
    r"[\w.-]+/[\w.-]+|hf\.co/(?!datasets|papers|docs|spaces)[\w.-]+/[\w.-]+",
    re.IGNORECASE,
)
WORDS = re.compile(
    r"\b(pre-?trained|trained|fine-?tuned|released?|our)\s+(\w+\s+){0,2}"
    r"(models?|weights?|checkpoints?|networks?|parameters)\b|\bcheckpoints?\b|\bmodel zoo\b|"
    r"\bmodel weights\b|\bweights\b|\bckpts?\b|\bpretrained\b",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"\b(backbone|base model|initiali[sz]|vgg|alexnet|inception|glove|word2vec|fasttext|"
    r"third[- ]party|from the (official|original|authors)|official(ly)? (released?|provided|model)|"
    r"original (model|weights?|checkpoints?|repo\w*)|imagenet[- ]pre-?trained|"
    r"pre-?trained on imagenet|llama|vicuna|sam checkpoint|stable[- ]diffusion-v|data-?sets?)\b",
    re.IGNORECASE,
)
FOREIGN = re.compile(r"download\.pytorch\.org|keras-applications|tfhub\.dev|storage.*/bert_models")
# The page of an organisation on a hub; it is the project's own when both have one name.
OWNER = re.compile(r"(?:huggingface\.co|hf\.co)/([\w-]+)/?$", re.IGNORECASE)
# A link by a label, whose address stands at the end of a document.
REFERENCE = re.compile(r"^\s{0,3}\[([^\]\[]{1,100})\]:\s*<?(\S{4,400})")
LABEL = re.compile(r"\[([^\]\[]{1,100})\](?!\()")
# What a run has left beside its weights.
NO_WEIGHTS = re.compile(
    r"\.(txt|log|jsonl?|csv|ya?ml|md|html?|pdf|png|jpe?g|gif|mp4)$", re.IGNORECASE
)
FETCHES = re.compile(r"\b(?:bash|sh|python3?)\s+([\w./-]*download[\w./-]*\.(?:sh|py))\b")
THREAD = re.compile(r"github\.com/[\w.-]+/[\w.-]+/(issues|discussions|releases)/", re.IGNORECASE)
GIVEN = re.compile(
    r"\b(provid\w*|releas\w*|download\w*|available|upload\w*|shar\w*)\b[^.]{0,60}"
    r"\b(checkpoints?|weights|pre-?trained|trained models?)\b",
    re.IGNORECASE,
)
HEAD = re.compile(
    r"pre-?trained|checkpoint|weights|model (zoo|list|hub|cards?)|trained models?|\bmodels\b|"
    r"download",
    re.IGNORECASE,
)
HEAD_OF_WEIGHTS = re.compile(
    r"pre-?trained|checkpoints?\b|\bweights\b|trained models", re.IGNORECASE
)


class Weights(NamedTuple):
    """Signs of released weights; `unclear` may be somebody else's, `promised` are not there."""

    linked: tuple[Evidence, ...]
    committed: tuple[Evidence, ...]
    unclear: tuple[Evidence, ...]
    promised: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Weights:
        """Read documents, strings of live code, and the list of files."""
        documents = told_and_guides(repo)
        names = own_names(repo)
        links = [item for document in documents for item in offered(document, names)]
        own, others = coded(repo, names)
        files = [
            Evidence(file.path, 0, "a trained model in the repository")
            for file in repo.files
            if file.role in (Role.SOURCE, Role.DATA) and COMMITTED.search(file.path)
        ]
        return cls(
            (*(seen for seen, sure in links if sure), *own, *fetching(repo, documents)),
            (*files, *submodules(repo), *kept_by_dvc(repo)),
            (*(seen for seen, sure in links if not sure), *others),
            tuple(item for document in documents for item in promises(document)),
        )


def kept_by_dvc(repo: Repository) -> Iterator[Evidence]:
    """Yield the trained models that the stages of DVC have made, when its remote is an address."""
    if any(REMOTE.match(line[:500]) for line in repo.lines(".dvc/config")):
        for number, line in enumerate(repo.lines("dvc.lock"), 1):
            made = re.match(r"\s*- path: (\S+)$", line[:500])
            if made is not None and COMMITTED.search(made.group(1)):
                yield Evidence("dvc.lock", number, "a trained model that DVC keeps at its remote")


def told_and_guides(repo: Repository) -> tuple[Document, ...]:
    """Return the documents about results, and the README of every folder."""
    found = {item.path: item for item in told(repo)}
    for item in repo.fact(Prose).documents:
        named = re.search(r"(^|/)readme\.(md|rst)$", item.path, re.IGNORECASE)
        if named and repo.by_path[item.path].role in (Role.PROSE, Role.SOURCE):
            found.setdefault(item.path, item)
    return tuple(found.values())


def offered(document: Document, names: set[str]) -> Iterator[tuple[Evidence, bool]]:
    """Yield links to weights, and whether they are surely the repository's own."""
    heads = sorted((item.line, item.text) for item in document.headings)
    lines = [*document.visible]
    for command in document.commands:
        if command.program in {"wget", "curl", "gsutil", "gdown"} and FILE.search(command.text):
            lines[command.line - 1] = command.text
    named = {
        found.group(1).lower(): found.group(2)
        for line in lines
        if (found := REFERENCE.match(line[:600]))
    }
    at, heading = 0, ""
    for number, text in enumerate(lines, 1):
        meant = () if REFERENCE.match(text[:600]) else LABEL.findall(text[:2000])
        line = " ".join([text, *(named[item.lower()] for item in meant if item.lower() in named)])
        while at < len(heads) and heads[at][0] <= number:
            heading, at = heads[at][1], at + 1
        for address in ADDRESS.findall(line):
            filed = FILE.search(address) is not None
            place = re.sub(r"[^a-z0-9/]", "", address.lower())
            whose = OWNER.search(address)
            own_hub = whose is not None and (
                whose.group(1).lower() in names or named_weights(line, address)
            )
            theirs = FOREIGN.search(address) and not any(name in place for name in names)
            told = STORE.search(address) or own_hub or given(line, address)
            if theirs or not (filed or told) or NO_WEIGHTS.search(address):
                continue
            near = ADDRESS.sub(" ", f"{lines[number - 2] if number > 1 else ''} {line}")
            about = bool(WORDS.search(near)) or bool(HEAD.search(heading))
            arrays = re.search(r"\.npz\b", address) is not None
            if not ((filed and not arrays) or about or own_hub):
                continue
            strange = OTHERS.search(ADDRESS.sub(" ", line)) is not None
            sure = not strange
            yield document.at(number, f"a link to weights: {address[:90]}"), sure


def named_weights(line: str, address: str) -> bool:
    """Say whether the words of a link to an address call what is there weights."""
    words = (
        rf"\[[^\]\n]{{0,80}}\b(weights|checkpoints|models)\b[^\]\n]{{0,80}}\]\({re.escape(address)}"
    )
    return re.search(words, line, re.IGNORECASE) is not None


def fetching(repo: Repository, documents: tuple[Document, ...]) -> Iterator[Evidence]:
    """Yield the documented commands that start a script which fetches weights."""
    for document in documents:
        for number, line in enumerate(document.lines, 1):
            found = FETCHES.search(line[:2000])
            if not found:
                continue
            around = [item.text for item in document.headings if item.line <= number <= item.end]
            said = [line[:2000], found.group(1).replace("_", " "), *around]
            about = HEAD_OF_WEIGHTS.search(" ".join(said))
            ends = f"/{found.group(1).removeprefix('./')}"
            if about and any(f"/{path}".endswith(ends) for path in repo.by_path):
                yield document.at(number, f"{quoted(found.group(0))} fetches weights")


def given(line: str, address: str) -> bool:
    """Say whether a page of the project's own host hands weights out: an issue, a discussion."""
    return THREAD.search(address) is not None and GIVEN.search(line[:2000]) is not None


def own_names(repo: Repository) -> set[str]:
    """Return the names by which an address may show that it is this repository's own."""
    readme = repo.fact(Prose).readme
    titles = [readme.headings[0].text] if readme and readme.headings else []
    tops = {path.split("/")[0] for path in repo.fact(PythonIndex).modules if "/" in path}
    folder = repo.root.name.rpartition("__")[2]
    words = {re.sub(r"[^a-z0-9]", "", name.lower()) for name in (*titles, *tops, folder)}
    usual = {"src", "models", "model", "lib", "tests", "scripts", "data", "project", "main", "repo"}
    return {word for word in words if len(word) > 2} - usual  # noqa: PLR2004 - too short to tell


def coded(repo: Repository, names: set[str]) -> tuple[list[Evidence], list[Evidence]]:
    """Return addresses of weights in live code: those that carry the project's name, and others."""
    own: list[Evidence] = []
    others: list[Evidence] = []
    for module in repo.fact(PythonIndex).live():
        bases = [text.value for text in module.texts if BASE.fullmatch(text.value[:300])]
        for text in module.texts:
            if bases and len(text.value) < LONGEST_NAME and NAME_OF_FILE.fullmatch(text.value):
                parts = [*bases, *(item.value for item in module.texts if item.line == text.line)]
                place = re.sub(r"[^a-z0-9/]", "", " ".join(parts).lower())
                seen = Evidence(module.path, text.line, f"the name of weights: {text.value}")
                (own if any(name in place for name in names) else others).append(seen)
            if "://" not in text.value or len(text.value) > 500:  # noqa: PLR2004 - no address
                continue
            address = ADDRESS.match(text.value)
            if not address or FOREIGN.search(text.value) or not FILE.search(text.value):
                continue
            place = re.sub(r"[^a-z0-9/]", "", text.value.lower())
            seen = Evidence(module.path, text.line, f"an address of weights: {text.value[:90]}")
            (own if any(name in place for name in names) else others).append(seen)
    return own, others


def submodules(repo: Repository) -> Iterator[Evidence]:
    """Yield the submodules that hold trained models."""
    if ".gitmodules" not in repo.by_path:
        return
    for number, line in enumerate(repo.lines(".gitmodules"), 1):
        if re.search(rf"path\s*=\s*(\S+/)?{TRAINED}\s*$", line):
            yield Evidence(".gitmodules", number, "a submodule of trained models")


def promises(document: Document) -> Iterator[Evidence]:
    """Yield lines that promise weights for later."""
    for number, line in enumerate(document.visible, 1):
        text = line[:500]
        if SCAFFOLD.search(text) and WORDS.search(text):
            yield document.at(number, f"a promise, no link: {quoted(text)}")
    for heading in document.section(r"pre-?trained|checkpoint|weights|model zoo"):
        for number in range(heading.line + 1, heading.end + 1):
            text = document.lines[number - 1][:500]
            if SCAFFOLD.search(text):
                yield document.at(number, f"a promise, no link: {quoted(text)}")
