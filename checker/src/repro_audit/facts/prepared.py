"""Parameters and expected results of preprocessing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.configs import Configs
from repro_audit.facts.data import GENERATES, OUTPUTS
from repro_audit.facts.getting import own_commands
from repro_audit.facts.origins import Origins
from repro_audit.facts.preparation import TRANSFORMS, Preparation
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

KEYS = re.compile(
    r"(^|[._])(image_size|img_size|input_size|crop_size|resize|mean|std|max_len(gth)?|vocab_size|"
    r"min_freq|min_df|max_df|ngram\w*|window(_size)?|sample_rate|n_mels|n_fft|hop_length|lowercase|"
    r"tokenizer|seq_len(gth)?|block_size|context_length|patch_size|threshold|normali[sz]e\w*|bins)$",
    re.IGNORECASE,
)
# Thresholds of what trains are none of what prepares.
TRAINING = re.compile(r"scheduler|optimi[sz]er|early_?stop|trainer\b", re.IGNORECASE)
SIZED = re.compile(r"\.shape\b|\blen\(|\.nunique\(|\.size\b|value_counts")
# What is asserted elsewhere is about layers, boxes and losses.
DATA_MODULE = re.compile(
    r"data|prep|load|valid|check|schema|expect|clean|feature|token|vocab", re.IGNORECASE
)
# Whatever stands around these, no test of a size is written without one.
SHAPED = re.compile(r"shape|nunique|value_counts")
FEW = 4
MAYBE = re.compile(r"shape|len|nunique|size|value_counts")
STATED = (
    r"\bafter\b.{0,40}\b(pre-?processing|preparation|cleaning|filtering|running|this)\b.{0,80}\d|"
    r"\b(should|will) (have|contain|see|get|yield|produce)\b.{0,60}\b\d[\d,.]*\s+(files|rows|"
    r"samples|images|records|tokens|features|columns)|\b(has|contains|have|with)\s+~?\d[\d,.]*[kKMB]?\s+"
    r"(tokens|rows|features|columns|samples)"
)


def explicit(repo: Repository) -> Iterator[Evidence]:
    """Yield parameters of preprocessing that code or configuration states."""
    for file in repo.fact(Configs).files.values():
        for entry in file.entries:
            prepares = KEYS.search(entry.key) and not TRAINING.search(entry.key)
            if prepares and entry.value not in {None, "auto"}:
                yield entry.evidence(f"{entry.key} is {entry.value}")
    for call in repo.fact(PythonIndex).calls(*TRANSFORMS):
        plain = matches(call.name, ("*.Compose", "nltk.*", "*.from_pretrained", "*.fillna"))
        if not plain and (call.given or call.words):
            yield call.evidence(f"{call.name} is given its parameters")


def unversioned(repo: Repository) -> Iterator[Evidence]:
    """Yield resources of preprocessing that come without a version."""
    index = repo.fact(PythonIndex)
    for call in index.calls("nltk.download"):
        yield call.evidence("nltk.download takes the resource as it is today")
    for call in index.calls("transformers.*Tokenizer*.from_pretrained"):
        name = call.literal("pretrained_model_name_or_path", 0)
        if isinstance(name, str) and name[:1] not in "./" and call.argument("revision") is None:
            yield call.evidence(f"the tokenizer {name} is taken without a revision")
    for command in own_commands(repo):
        if "spacy" in command.words and "download" in command.words:
            yield command.evidence("spaCy's model is taken without a version")


def counts(test: ast.expr, least: int) -> bool:
    """Say whether a test compares with a number above `least`; an index is none."""
    axes: set[int] = set()
    for part in ast.walk(test):
        if isinstance(part, ast.Subscript):
            axes |= {id(node) for node in ast.walk(part.slice)}
        elif isinstance(part, ast.Call):
            axes |= {id(node) for node in part.args}
    return any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, int)
        and node.value > least
        and id(node) not in axes
        for node in ast.walk(test)
    )


def expected(repo: Repository) -> Iterator[Evidence]:
    """Yield stated shapes, counts and digests of prepared data."""
    index = repo.fact(PythonIndex)
    prepared = {item.path for item in repo.fact(Preparation).seen}
    prepared |= {call.path for call in repo.fact(Origins).reads}
    prepared |= {module.path for module in index.tests()}
    for module in (*index.live(), *index.tests()):
        for check in module.checks:
            here = module.path in prepared or DATA_MODULE.search(module.path)
            if not here or GENERATES.search(module.path) or not MAYBE.search(check.text):
                continue
            # Arguments and axes are two or three; rows are more.
            if not counts(check.test, 1 if SHAPED.search(check.text) else FEW):
                continue
            text = as_code(check.test)[:300]
            other = "argv" in text or re.search(r"\blen\([A-Z_]+\)", text) or OUTPUTS.search(text)
            if SIZED.search(text) and not other:
                yield Evidence(module.path, check.line, f"{quoted(text)} is checked")
    for document in repo.fact(Prose).documents:
        for at, said in document.find(STATED):
            yield document.at(at, f"stated: {quoted(said)}")
    for at, said in enumerate(repo.lines("dvc.lock"), 1):
        if re.match(r"\s*(size|nfiles):\s*\d+", said):
            yield Evidence("dvc.lock", at, "DVC records the size of what a stage makes")
