"""Scripts that fetch data, and whether anything names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.facts.flow import Flow
from repro_audit.facts.origins import Origins
from repro_audit.facts.prose import Prose, script_commands
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository


def idle_scripts(repo: Repository) -> Iterator[str]:
    """Yield fetching scripts that no document, task, script or code names, and no code imports.

    A notebook, and a script that also trains, is named by being what the project is.
    """
    fetching = sorted({item.path for item in repo.fact(Origins).fetched})
    traces = repo.fact(Flow).traces
    entered: set[str] = set()
    for entry, trace in traces.items():
        entered |= trace.paths - {entry}
    only = [
        path
        for path in fetching
        if path.endswith((".sh", ".py", ".bash")) and path not in entered and is_step(path)
    ]
    if not only:
        return
    said = spoken(repo)
    for path in only:
        name = path.rpartition("/")[2]
        stem = path.removesuffix(".py").replace("/", ".")
        if name not in said and stem not in said:
            yield path


def is_step(path: str) -> bool:
    """Say whether a file's name is that of a step that fetches or prepares data."""
    name = path.rpartition("/")[2].lower()
    return any(word in name for word in ("download", "fetch", "get_", "prepare", "data"))


def spoken(repo: Repository) -> str:
    """Return all that documents, scripts, tasks and strings of code say, in one text."""
    parts = [line for document in repo.fact(Prose).documents for line in document.lines]
    parts += [command.text for command in script_commands(repo)]
    parts += [command.text for task in repo.fact(Tasks).all for command in task.commands]
    parts += [text.value for module in repo.fact(PythonIndex).live() for text in module.texts]
    return "\n".join(parts)
