"""Model cards: the documents that describe a model, and which of its parts are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.facts.statements import scaffold
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.repository import Repository

NAME = re.compile(
    r"(^|/)(model[-_ ]?cards?)([^/]*)\.(md|rst|markdown)$|(^|/)model[-_]?cards?/", re.IGNORECASE
)
FRONT = re.compile(
    r"^(model-index|library_name|pipeline_tag|base_model|datasets|metrics)\s*:", re.MULTILINE
)
TEMPLATE = re.compile(r"more information needed|\[needs more information\]|\{\{", re.IGNORECASE)
SHORTEST = 40
# The parts that Mitchell et al. (2019) ask for, each known by its heading.
PARTS = {
    "what the model is": r"detail|description|overview|architecture|^model\b|about",
    "what it is for": r"\buses?\b|usage|intended|purpose|application",
    "its data": r"data",
    "its evaluation": r"evaluat|metric|performance|result|benchmark",
    "its limits": r"limit|bias|risk|caveat|ethic|out[- ]of[- ]scope|consideration",
}


class Card(NamedTuple):
    """One card: the parts that are filled, and those that are not."""

    path: str
    filled: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]

    def evidence(self) -> Iterator[Evidence]:
        """Point at the filled parts."""
        for part, line in self.filled:
            yield Evidence(self.path, line, f"says {part}")


class Cards(NamedTuple):
    """All model cards."""

    all: tuple[Card, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Cards:
        """Read documents called model card, and READMEs with a hub's front matter."""
        found = [
            read_card(document, repo)
            for document in repo.fact(Prose).documents
            if repo.by_path[document.path].role in (Role.PROSE, Role.SOURCE)
            and (NAME.search(document.path) or hub(document))
        ]
        return cls(tuple(found))


def hub(document: Document) -> bool:
    """Say whether a document opens with the front matter that model hubs read."""
    head = "\n".join(document.lines[:60])
    return head.startswith("---\n") and FRONT.search(head.split("\n---", 1)[0]) is not None


def read_card(document: Document, repo: Repository) -> Card:
    """Find the parts of a card; a heading without text of its own is not one."""
    filled: dict[str, int] = {}
    for heading in document.headings:
        text = " ".join(document.lines[heading.line : heading.end]).strip()
        # A short section that leads to another document of the repository is not empty.
        leads = any(word.strip("`.,()[]") in repo.by_path for word in text.split()[:40])
        if (
            (len(text) < SHORTEST and not leads)
            or scaffold(text[:2_000])
            or TEMPLATE.search(text[:2_000])
        ):
            continue
        for part, pattern in PARTS.items():
            if re.search(pattern, heading.text, re.IGNORECASE):
                filled.setdefault(part, heading.line)
    missing = tuple(part for part in PARTS if part not in filled)
    return Card(document.path, tuple(filled.items()), missing)
