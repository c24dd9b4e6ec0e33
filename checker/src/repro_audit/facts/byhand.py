"""Data that somebody has to bring: told in documents, or asked for by the code itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.getting import WEIGHTS, getting
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.tasks import Tasks
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.repository import Repository

SUBJECT = re.compile(
    r"\bdata\b|data ?sets?\b|corpus|corpora|benchmark|images\b|recordings|train(ing)? set|imagenet|"
    r"\bfeatures\b|embeddings|\bcsv\b|annotations",
    re.IGNORECASE,
)
BY_HAND = re.compile(
    r"(?:^\s*(?:[-*>+]|\d+[.)])?\s*|[.:;]\s+|\bplease\s+|\bfirst,?\s+|\bthen,?\s+)download\b|"
    r"\b(?:you|we)\s+(?:\w+\s+){0,2}(?:can|need to|should|must|have to)\s+(?:first\s+)?download\b|"
    r"\b(?:should|must|needs? to|can|has to|have to)\s+be\s+(?:manually\s+)?downloaded\b|"
    r"\bdownload(?:ed)?\s+(?:\w+\s+){0,6}(?:manually|by hand)\b|"
    r"\b(?:simply|just)\s+download\b|\bgo to\b.{0,120}\b(?:click|download)\b|"
    r"\b(?:full|complete|remaining|whole)\b.{0,60}\bdata ?sets?\b.{0,60}"
    r"\bavailable (?:on|at|from)\b|"
    r"\bmanually\s+download|\brequest\s+access\s+(?:to|for)\b",
    re.IGNORECASE,
)
GETS = re.compile(r"\b(get|download|fetch|prepare)[_-]?(the[_-])?(data|dataset|datasets)\b")
TASK = re.compile(r"^(make|just|task|invoke|nox|dvc|snakemake)\b.*(data|download|fetch)")
HELPER = re.compile(r"[\w/-]+\.(?:py|sh|ipynb)\b|\bautomatic|\bscripts?\b|download=True|\bpip ")
# Messages of code that did not find its data.
PLACED = re.compile(
    r"\b(?:please|must|need to|have to)\b[^.]{0,20}\b(?:specify|set|provide|give)\b[^.]{0,20}"
    r"\bpath to (?:the )?(?:data|corpus)",
    re.IGNORECASE,
)
WANTED = re.compile(
    r"\bplease\b[^.]{0,20}\bdownload\b[^.]{0,60}\b(?:data ?sets?|data|corpus|images)\b",
    re.IGNORECASE,
)


def by_hand(repo: Repository) -> Iterator[Evidence]:
    """Yield lines of the documents that tell the reader to fetch data without a command."""
    for document in repo.fact(Prose).documents:
        shown = {item.line for item in getting(iter(document.commands))}
        if any(GETS.search(item.text) for item in document.commands) or task_gets(repo, document):
            continue  # what stands there to be fetched by hand comes by this command too
        for text, number in document.prose:
            sentence = asks(text[:2000])
            if not sentence or follows(document, number, shown):
                continue
            around = [item.text for item in document.headings if item.line <= number <= item.end]
            if SUBJECT.search(" ".join([sentence, *around])):
                yield document.at(number, f"by hand: {quoted(sentence)}")


def task_gets(repo: Repository, document: Document) -> bool:
    """Say whether a document starts a task for data that fetches some."""
    tasks = repo.fact(Tasks)
    started = (tasks.started_by(item) for item in document.commands if TASK.search(item.text))
    return any(next(getting(tasks.run_by(task)), None) for task in started if task is not None)


def asked_for(repo: Repository) -> Iterator[Evidence]:
    """Yield the messages of code that ask the reader for data which they did not find."""
    for module in repo.fact(PythonIndex).live():
        for text in module.texts:
            said = text.value[:300]
            wanted = WANTED.search(said) and not (HELPER.search(said) or WEIGHTS.search(said))
            if wanted or PLACED.search(said):
                yield Evidence(module.path, text.line, f"asks for it: {quoted(said)}")


def asks(text: str) -> str:
    """Return the sentence of a line that tells the reader to download something, or nothing."""
    for sentence in re.split(r"(?<=[.;!])\s+(?=[A-Z*(])", text):
        if BY_HAND.search(sentence) and not (HELPER.search(sentence) or WEIGHTS.search(sentence)):
            return sentence
    return ""


def follows(document: Document, number: int, shown: set[int]) -> bool:
    """Say whether a fetching command, or a script, stands in the next few lines."""
    near = range(number, number + 9)
    run = any(
        item.line in near
        and (
            re.search(r"(download|fetch|prepare|get_|data)\w*\.(py|sh)\b", item.text)
            or TASK.search(item.text)
        )
        for item in document.commands
    )
    return run or any(line in shown for line in near)
