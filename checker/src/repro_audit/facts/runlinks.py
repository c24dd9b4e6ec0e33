"""Links from documents of results to what the runs behind them left: logs, outputs, predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.results import told
from repro_audit.facts.tables import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

LINK = re.compile(
    r"\[([^\[\]]{1,80})\]\((https?://[^\s)]{4,300})\)|"
    r"<a\s[^>]{0,40}href=[\"'](https?://[^\s\"']{4,300})[\"'][^>]{0,80}>([^<]{1,80})</a>",
    re.IGNORECASE,
)
LEFT = re.compile(
    r"\b(logs?|predictions|raw (results|outputs)|evaluation results|outputs)\b", re.IGNORECASE
)
KEPT = re.compile(
    r"\.(txt|log|jsonl?|csv|tsv|npz|npy|zip|tar(\.\w+)?|tgz)([?#]|$)|gist\.github\.com/|"
    r"drive\.google\.com|wandb\.ai/|tensorboard\.dev/",
    re.IGNORECASE,
)


def run_links(repo: Repository) -> Iterator[Evidence]:
    """Yield the links that are called logs or outputs and lead to files of them."""
    for document in told(repo):
        for number, line in enumerate(document.lines, 1):
            for words, address, marked, label in LINK.findall(line[:4_000]):
                if LEFT.search(plain(words or label)) and KEPT.search(address or marked):
                    yield document.at(number, f"a link to {plain(words or label)}")
                    break
