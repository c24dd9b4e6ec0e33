"""Preprocessing: the code that transforms data, and what was done without code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.accesses import Access, Accesses
from repro_audit.facts.flow import Flow
from repro_audit.facts.getting import own_commands
from repro_audit.facts.origins import Origins
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.statements import ASIDE
from repro_audit.facts.tasks import Tasks
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

TRANSFORMS = (
    "torchvision.transforms.*",
    "torchaudio.transforms.*",
    "torchtext.data.*",
    "albumentations.*",
    "monai.transforms.*",
    "torch_geometric.transforms.*",
    "sklearn.preprocessing.*",
    "sklearn.feature_extraction.*",
    "sklearn.impute.*",
    "sklearn.compose.*",
    "tensorflow.keras.preprocessing.*",
    "tensorflow.keras.utils.to_categorical",
    "tensorflow.image.*",
    "keras.preprocessing.*",
    "keras.utils.to_categorical",
    "transformers.*Tokenizer*",
    "transformers.*Processor*",
    "transformers.*FeatureExtractor*",
    "tiktoken.*",
    "nltk.*tokenize*",
    "nltk.stem.*",
    "spacy.load",
    "cv2.resize",
    "cv2.cvtColor",
    "skimage.transform.*",
    "librosa.feature.*",
    "librosa.stft",
    "pandas.get_dummies",
    "pandas.cut",
    "pandas.qcut",
    "pandas.to_datetime",
    "timm.data.create_transform",
    "*.fillna",
    "*.dropna",
    "*.drop_duplicates",
)
STEP = re.compile(
    r"pre_?process|prepare|tokeni[sz]e|normali[sz]e|standardi[sz]e|featuri[sz]e|extract_features|"
    r"clean|(center|random)_crop|create_(data|dataset|features)|build_(vocab|features|dataset)|"
    r"(?<!in)to_tensor|collate|resample|"
    r"encode_|make_features|feature_engineering|transform(?!er)|data_generator|convert_to|"
    r"_to_(data|graph)",
    re.IGNORECASE,
)
# What is prepared so is no data.
NO_STEP = re.compile(
    r"hyper_?param|schedule|(^|_)args?(_|$)|config|cfg|optimi[sz]er|checkpoint|fp16|fp32|float|half|"
    r"logits|state_dict|weights|ckpt",
    re.IGNORECASE,
)
DERIVED = re.compile(
    r"(pre)?processed|features?\b|tokeni[sz]ed|embeddings?\b|\bclean(ed)?\b|_clean|interim|prepared|"
    r"normali[sz]ed|extracted",
    re.IGNORECASE,
)
DONE = re.compile(
    r"\b(data|dataset|files?|images|features)\b[^.]{0,60}\b(has|have|had|was|were|are|is)\s+"
    r"(already\s+)?(been\s+)?pre-?(processed|extracted|computed)\b|"
    r"\bdownload\b[^.]{0,80}\bpre-?(processed|extracted|computed)\b",
    re.IGNORECASE,
)
HAND = re.compile(
    r"\b(manually|by hand)\b[^.]{0,40}\b(edit|move|copy|rename|convert|crop|remove|delete|clean|"
    r"split|resize|unzip|sort|fix)|\b(edit|move|copy|rename|convert|crop|remove|delete|clean|split|resize|"
    r"fix)\w*\b[^.]{0,60}\b(manually|by hand)\b|\bopen\b[^.]{0,40}\bin excel\b",
    re.IGNORECASE,
)
# Edited by hand, and no data; so many letters behind the verb tell what is edited.
NEAR = 60
NO_DATA = re.compile(
    r"\b(plans?|config\w*|settings?|checkpoints?|weights|batch size|splits?|folds?|code|scripts?|"
    r"hyper-?parameters?|paths?|variables?)\b",
    re.IGNORECASE,
)
SUPPOSED = re.compile(r"\b(if|when|once|unless|whether|in case)\b[^.]*$", re.IGNORECASE)


class Preparation(NamedTuple):
    """Steps from raw data to the model's input: in code, done before, and by hand."""

    calls: tuple[Call, ...]
    steps: tuple[Evidence, ...]
    orphans: tuple[Access, ...]
    done: tuple[Evidence, ...]
    hand: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Preparation:
        """Look for each of them."""
        index = repo.fact(PythonIndex)
        calls = tuple(call for call in index.calls(*TRANSFORMS) if call.method != "")
        return cls(
            calls,
            tuple(steps(repo)),
            tuple(orphans(repo)),
            tuple(said(repo, DONE, "made before it came here")),
            tuple(said(repo, HAND, "done by hand")),
        )

    @property
    def seen(self) -> tuple[Evidence, ...]:
        """Evidence of preprocessing in code."""
        found = [call.evidence(f"{call.name} prepares the data") for call in self.calls]
        return (*found, *self.steps)


def steps(repo: Repository) -> Iterator[Evidence]:
    """Yield the functions that prepare data and run; without an entry point, all of them."""
    index, flow = repo.fact(PythonIndex), repo.fact(Flow)
    reached = flow.entered
    # By its bare name too: `from utils import *` hides which module a function is of.
    called = flow.calls.by_name
    for module in index.live():
        for name, function in module.functions.items():
            runs = (module.path, name) in reached or not reached or name in called
            own = name.rpartition(".")[2]
            if runs and STEP.search(own) and not NO_STEP.search(own):
                yield Evidence(module.path, function.line, f"{name} prepares the data")


def said(repo: Repository, pattern: re.Pattern[str], message: str) -> Iterator[Evidence]:
    """Yield lines of the documents that match."""
    for document in repo.fact(Prose).documents:
        if ASIDE.search(document.path):
            continue
        for text, number in document.prose:
            found = pattern.search(text[:2000])
            if found is None or SUPPOSED.search(text[: found.start()]):
                continue
            if pattern is HAND and NO_DATA.search(text[found.start() : found.end() + NEAR]):
                continue
            yield document.at(number, f"{message}: {quoted(text)}")


def orphans(repo: Repository) -> Iterator[Access]:
    """Yield reads of derived files that no code writes, no command names and nothing stores."""
    accesses = repo.fact(Accesses)
    written = {item.path.rpartition("/")[2] for item in accesses.writes}
    if any(not item.known for item in accesses.writes):
        return
    commands = " ".join(item.text for item in own_commands(repo))
    commands += " ".join(item.text for task in repo.fact(Tasks).all for item in task.commands)
    stored = {item.path.rpartition("/")[2] for item in repo.fact(Origins).stored}
    for item in accesses.reads:
        name = item.path.rpartition("/")[2]
        made = name in written | stored or name in commands or item.path.startswith("http")
        if item.known and DERIVED.search(item.path) and not made:
            yield item
