"""Sentences that say how far a repetition may differ, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.statements import Statements

if TYPE_CHECKING:
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

DIFFER = re.compile(
    r"\bnon-?determinis\w+|"
    r"\bnot (?:fully |completely |strictly )?(?:deterministic|reproducible|bit|repeatable)|"
    r"\b(?:results?|numbers?|digits?|metrics?|scores?|accurac\w+|values?|performance|losses|runs?|"
    r"weights|outputs?)\b[^.]{0,60}\b(?:may|might|can|could|will|do|does)\b[^.]{0,40}\b(?:vary|varies|"
    r"differ(?:s|ed)?|be (?:\w+ )?different|fluctuat\w*|deviat\w*|change)\b|"
    r"\b(?:bit(?:wise|-exact|-identical| for bit)|to the bit|bit by bit)\b|"
    r"\b(?:variance|spread|deviation|fluctuation)\b[^.]{0,40}"
    r"\b(?:equal runs|repetitions|machines?)\b|"
    r"\b(?:slight(?:ly)?|minor|small|some) (?:differen\w+|variations?)\b|"
    r"\b(?:results?|numbers?|metrics?|scores?|accurac\w+|performance)\s+(?:\w+\s+){0,2}?"
    r"(?:var(?:y|ies)|differs?|fluctuates?)\b|"
    r"\b(?:great|large|much|high|some|random) (?:randomness|variation|variance|fluctuations?)\b",
    re.IGNORECASE,
)
ABOUT = re.compile(
    r"\b(runs?|seeds?|gpus?|cpus?|devices?|hardware|machines?|platforms?|processors?|cuda|cudnn|"
    r"versions?|threads?|reproduc\w*|repeat\w*|random\w*|nondeterminis\w*|non-determinis\w*|training)\b",
    re.IGNORECASE,
)
SIZE = re.compile(
    r"\u00b1|\+/-|\d\s?%|\b\d*\.\d+\b|\b\d+e-\d+|last digits?|decimal|"
    r"to the bit|bit(?:wise|-exact|-identical)|"
    r"percentage points?|\bstd\b|standard deviation",
    re.IGNORECASE,
)


class Caveats(NamedTuple):
    """Statements with a size of the difference, and statements without one."""

    sized: tuple[Evidence, ...]
    plain: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Caveats:
        """Read every sentence."""
        found = list(repo.fact(Statements).find(DIFFER, ABOUT))
        sized = tuple(item.evidence() for item in found if SIZE.search(item.text))
        plain = tuple(item.evidence() for item in found if not SIZE.search(item.text))
        return cls(sized, plain)
