"""Which of the scripts that train are the experiments: those that the README speaks of, if any.

Everything else that trains (vendored suites, wrappers, side notebooks) is beside the main path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.flow import Flow
from repro_audit.facts.kind import training_calls
from repro_audit.facts.prose import Prose, script_commands

if TYPE_CHECKING:
    from repro_audit.facts.documents import Document
    from repro_audit.repository import Repository

# Scripts beside the main path, told by their names: they train to measure, to show or to convert.
SIDE = re.compile(
    r"(^|[/_])(evaluate|evaluation|eval|bench\w*|profile\w*|demo\w*|debug|convert\w*|export\w*|plot\w*|visuali[sz]e\w*|"
    r"legacy|validate\w*|check\w*|sample|inference|predict|serve|deploy|sanity\w*)(?=[/_.])",
    re.IGNORECASE,
)
NAMED = re.compile(r"[\w.-]{1,80}\.(?:py|ipynb|sh|slurm|sbatch)\b")
# A listing of the files says nothing of their parts.
TREE = re.compile(r"[│├└]|^\s*[|+`]\s*--")
MODULE = re.compile(r"-m\s+([\w.]{1,120})")


class Mains(NamedTuple):
    """The entry points that train and count."""

    entries: tuple[str, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Mains:
        """Compare the entry points that train with the names that the documents mention."""
        trained = sorted(repo.fact(Flow).entries(training_calls(repo)))
        central = [path for path in trained if not SIDE.search(path)] or trained
        names = mentioned(repo.fact(Prose).guide())
        names |= run_by_scripts(repo, names)
        told = [path for path in central if path.rpartition("/")[2] in names]
        return cls(tuple(told or central))


def mentioned(documents: tuple[Document, ...]) -> set[str]:
    """Return the file names of programs that documents speak of, `-m` modules among them."""
    found: set[str] = set()
    for document in documents:
        for line in document.lines:
            if TREE.search(line[:200]):
                continue
            found |= set(NAMED.findall(line[:2000]))
            found |= {f"{name.rpartition('.')[2]}.py" for name in MODULE.findall(line[:2000])}
    return found


def run_by_scripts(repo: Repository, names: set[str]) -> set[str]:
    """Return the Python files that the mentioned shell scripts run."""
    return {
        word.rpartition("/")[2]
        for command in script_commands(repo)
        if command.path.rpartition("/")[2] in names
        for word in command.words
        if word.endswith(".py")
    }
