"""What documents and configuration say of the division of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import Configs
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.data import NAMED
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.syntax import literal

if TYPE_CHECKING:
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

TRAIN = re.compile(r"\btrain(ing)?\b", re.IGNORECASE)
OTHER = re.compile(r"\b(test(ing)?|valid(ation)?|val|dev|held[- ]out|hold-?out)\b", re.IGNORECASE)
SIZE = re.compile(
    r"(?<![\d,.])\d[\d,.]*(?:\s\d{3}){0,4}\s?"
    r"(%|percent|k\b|m\b|samples|images|rows|examples|events|sentences|subjects|"
    r"patients|instances|records|users|documents|sequences)|\b\d{2}\s*[/:]\s*\d{2}\b|"
    r"\b0?\.\d+\b",
    re.IGNORECASE,
)
FOLDS = re.compile(
    r"\b(\d+|three|five|ten|k)[- ]?folds?\b|leave[- ]one[- ]\w+[- ]out", re.IGNORECASE
)
READY = re.compile(
    r"\b(official|standard|predefined|original|provided|default|karpathy)\s+(\w+\s+)?"
    r"(train\S*\s*(/|and|,)?\s*)?(test\s+)?splits?\b",
    re.IGNORECASE,
)
SPLIT = re.compile(r"\bsplit(s|ted|ting)?\b|\bdivided\b|\bpartition", re.IGNORECASE)
UNFINISHED = re.compile(r"\bTODO\b|\bTBD\b|coming soon|\bXX+\b|fill in", re.IGNORECASE)
KEYS = re.compile(
    r"(^|\.)(test|val|valid|validation|dev|train)_?(size|ratio|fraction|frac|split|percent|pct|"
    r"proportion)$|(^|\.)(n_splits|n_folds|num_folds|k_folds|folds|kfold)$|"
    r"(^|\.)(splits?|fractions|ratios?|split_ratio|proportions)\.(train|val|test|validation|\d)$"
)
ARGUED = re.compile(
    r"\b(known|available|measured|recorded|observed)\b.{0,60}\b(prediction|forecast|decision|"
    r"admission|scoring|inference)\b|"
    r"\b(no|none of the)\s+(feature|input|column)s?\b.{0,80}\b(target|label|outcome)\b",
    re.IGNORECASE,
)
INPUTS = re.compile(r"\b(features?|inputs?|columns?|predictors?|variables?)\b", re.IGNORECASE)
SIZES = ("test_size", "train_size", "n_splits", "validation_split", "lengths")
LONGEST = 1000


class SplitProse(NamedTuple):
    """Where the division is stated with sizes, mentioned without, or only written in the code."""

    stated: tuple[Evidence, ...]
    mentioned: tuple[Evidence, ...]
    coded: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> SplitProse:
        """Read the guide's prose, the configuration, and the arguments of splitting calls."""
        stated: list[Evidence] = []
        mentioned: list[Evidence] = []
        for document in repo.fact(Prose).guide():
            for line, number in document.prose:
                text = line[:LONGEST]
                if UNFINISHED.search(text):
                    continue
                both = TRAIN.search(text) and OTHER.search(text)
                if (both and SIZE.search(text)) or FOLDS.search(text) or READY.search(text):
                    stated.append(document.at(number, "says how the data is divided"))
                elif both and SPLIT.search(text):
                    mentioned.append(document.at(number, "mentions the parts"))
        for file in repo.fact(Configs).files.values():
            stated += [
                entry.evidence(f"{entry.key} is {entry.value}")
                for entry in file.entries
                if KEYS.search(entry.key) and isinstance(entry.value, (int, float))
            ]
        index = repo.fact(PythonIndex)
        for call in index.calls(*NAMED):
            part = call.argument("split") or call.argument("train")
            if isinstance(literal(part), (str, bool)):
                stated.append(call.evidence(f"{call.name} takes a ready part by its name"))
        stated += [
            item.at("recordSet", f"the description lists the parts in {', '.join(item.splits)}")
            for item in repo.fact(Croissant).all
            if item.splits
        ]
        coded = [
            call.evidence(f"{call.method} is given {name}")
            for call in index.made.any_of(keywords=SIZES)
            for name in SIZES
            if call.argument(name) is not None and (name != "lengths" or "split" in call.name)
        ]
        coded += [call.evidence("the lengths are given") for call in index.calls("*random_split")]
        return cls(tuple(stated), tuple(mentioned), tuple(coded))


def features_argued(repo: Repository) -> tuple[Evidence, ...]:
    """Return the lines that argue that features are known when the prediction is made."""
    return tuple(
        document.at(number, "argues for the features")
        for document in repo.fact(Prose).guide()
        for line, number in document.prose
        if INPUTS.search(line[:LONGEST])
        and ARGUED.search(line[:LONGEST])
        and not UNFINISHED.search(line[:LONGEST])
    )
