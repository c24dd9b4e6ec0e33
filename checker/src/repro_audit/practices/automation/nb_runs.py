"""Judge whether notebooks are run without a person."""

from __future__ import annotations

from repro_audit import (
    Evidence,
    Repository,
    Role,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from repro_audit import lazyre as re
from repro_audit.facts.errands import Errands
from repro_audit.facts.notebooks import Notebook, Notebooks
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted

RUNS = re.compile(
    r"--nbmake|--nbval|\bpapermill\b|jupyter[- ]execute|nbconvert\b.*--execute|\btreon\b|"
    r"\btestbook\b|jupytext\b.*--execute|pytest-notebook|--nb-test"
)
ASKS = {"input", "getpass.getpass", "google.colab.files.upload", "google.colab.drive.mount"}


def nb_runs(repo: Repository) -> Verdict:
    """Continuous integration executes the notebooks, and none of them waits for a person."""
    notebooks = [
        item
        for item in repo.fact(Notebooks).all
        if repo.by_path[item.path].role is not Role.TEST
        and any(line.strip() for cell in item.cells for line in cell.source)
    ]
    if not notebooks:
        return not_applicable("There are no notebooks with code.")
    waits = [seen for item in notebooks for seen in stops(item, repo)]
    if waits:
        fix = "Take values from parameters or files, and guard what only a hosted notebook has"
        return failed("A notebook cannot run without a person.", *waits, fix=fix)
    run = [
        item.evidence(f"runs notebooks: {quoted(item.command.text)}")
        for item in repo.fact(Errands).all
        if any(RUNS.search(text) for text in item.texts)
    ]
    if run:
        return passed("Notebooks are executed automatically.", *run)
    seen = [Evidence(item.path, 1, "nothing runs it") for item in notebooks]
    return unknown("Only a run in a clean environment shows that the notebooks finish.", *seen)


def stops(notebook: Notebook, repo: Repository) -> list[Evidence]:
    """Return the calls at which a run without a person ends."""
    module = repo.fact(PythonIndex).modules.get(notebook.path)
    if module is None:
        return []
    return [
        call.evidence(f"{call.name} waits for a person or a hosted service")
        for call in module.calls
        if call.name in ASKS and not call.scope and not call.conditions
    ]
