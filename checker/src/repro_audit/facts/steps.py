"""How far the shown commands lead: which training they start, and what needs an edited file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.invocations import Invocations
from repro_audit.facts.mains import Mains
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

NOTEBOOK = re.compile(r"\b(jupyter|ipython3?)[ -](notebook|lab|nbconvert|execute)\b|\bpapermill\b")
COLAB = re.compile(r"colab\.research\.google\.com/github/[\w./%-]+?/([\w.%-]+\.ipynb)")
RUNS = re.compile(
    r"\b(run|runs|execut\w+|launch\w*|start|starts|train|trains|usages?)\b", re.IGNORECASE
)
PROGRAM = re.compile(r"[\w-]{1,80}\.(?:py|sh)\b")
OUT = re.compile(r"^\s*#\s*([\w.]+)\s*=\s*[\w.]+\(")
SHELL = re.compile(r"#!.*\b(ba|z|k|da)?sh\b")
EDITS = 3


class Steps(NamedTuple):
    """Training scripts that no command starts, notebooks that are shown, choices by editing."""

    trained: tuple[str, ...]
    unshown: tuple[str, ...]
    notebooks: tuple[Evidence, ...]
    edits: tuple[Evidence, ...]
    examples: tuple[Evidence, ...]
    named: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Steps:
        """Compare the scripts that train with the commands that are shown."""
        trained = list(repo.fact(Mains).entries)
        shown = [item for item in repo.fact(Invocations).shown if not item.problem]
        whole = any(item.task or leads(repo, item.path, trained) for item in shown)
        # Folders of equal build share a command: `python main.py` is shown once for all of them.
        names = {item.path.rpartition("/")[2] for item in shown}
        unshown = [] if whole else [path for path in trained if not shown_as(path, names)]
        return cls(
            tuple(trained),
            tuple(unshown),
            tuple(opened(repo)),
            tuple(edit for path in trained for edit in edits(repo, path)),
            tuple(examples(repo)),
            tuple(named(repo, trained)),
        )

    @property
    def mostly_shown(self) -> bool:
        """Whether more than half of the training has a command."""
        return not self.trained or len(self.unshown) * 2 < len(self.trained)


def named(repo: Repository, trained: list[str]) -> Iterator[Evidence]:
    """Yield the lines that tell the reader to run a script that trains, without a command."""
    names = {path.rpartition("/")[2] for path in trained if path.endswith(".py")}
    names |= {
        file.name for file in repo.files if file.suffix == ".sh" and leads(repo, file.path, trained)
    }
    for document in repo.fact(Prose).guide():
        for number, line in enumerate(document.visible, 1):
            if RUNS.search(line[:2000]):
                found = names & set(PROGRAM.findall(line[:2000]))
                if found:
                    yield document.at(number, f"says to run {min(found)}")


def leads(repo: Repository, path: str, trained: list[str]) -> bool:
    """Say whether a shell script starts a script that trains, by its file or as a module."""
    text = repo.text(path) or ""
    if not path.endswith((".sh", ".slurm", ".sbatch")) and not SHELL.match(text):
        return False
    return any(
        entry.rpartition("/")[2] in text
        or f"-m {entry.removesuffix('.py').replace('/', '.')}" in text
        for entry in trained
    )


def shown_as(path: str, names: set[str]) -> bool:
    """Say whether a script is among the shown names; a package's main module counts by folder."""
    return path.rpartition("/")[2] in names


def opened(repo: Repository) -> Iterator[Evidence]:
    """Yield the places of the documents that open or run the repository's notebooks."""
    own = {file.name for file in repo.files if file.suffix == ".ipynb"}
    if not own:
        return
    for document in repo.fact(Prose).guide():
        for command in document.commands:
            if NOTEBOOK.search(command.text):
                yield command.evidence(quoted(command.text))
        for number, line in document.find(COLAB.pattern):
            found = COLAB.search(line[:2000])
            if found and found.group(1) in own:
                yield document.at(number, f"opens {found.group(1)}")


def edits(repo: Repository, path: str) -> Iterator[Evidence]:
    """Yield the place where variants are chosen by taking the comment sign off a line."""
    names: list[str] = []
    for number, line in enumerate(repo.lines(path), 1):
        found = OUT.match(line[:500])
        if found:
            names.append(found.group(1))
        elif len(names) >= EDITS and line.lstrip().startswith(f"{names[-1]} = "):
            yield Evidence(path, number, f"{len(names)} other values of {names[-1]} are comments")
            names = []
        else:
            names = []


def examples(repo: Repository) -> Iterator[Evidence]:
    """Yield README lines that train with the repository's own package, as code to be copied."""
    readme = repo.fact(Prose).readme
    own = repo.fact(PythonIndex).names
    if readme is None:
        return
    imported = any(
        found.group(1) in own
        for _, line in readme.find(r"^\s*(?:from|import)\s+(\w+)")
        if (found := re.match(r"\s*(?:from|import)\s+(\w+)", line))
    )
    for number, line in readme.find(
        r"^\s*[\w.]*\.(train|fit|backward|train_\w+|fit_\w+|fine_?tune)\("
    ):
        if imported:
            yield readme.at(number, f"trains in an example: {quoted(line)}")
