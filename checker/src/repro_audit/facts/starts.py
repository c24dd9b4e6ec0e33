"""Functions that a tool starts by name, so that no script of the repository has to call them.

Those are console scripts, and the pipelines that Kedro registers: `kedro run` calls
`register_pipelines` of the package's `pipeline_registry.py`, and `find_pipelines` calls
`create_pipeline` of each module below `pipelines` (Kedro's documentation of its project structure).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.python import LIVE, Place, PythonIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.consolescripts import ConsoleScript
    from repro_audit.repository import Repository

KEDRO = re.compile(r"(^|/)pipeline_registry\.py$")
KEDRO_PIPELINE = re.compile(r"(^|/)pipelines/(.+/)?(__init__|pipeline|nodes?)\.py$")
REGISTER, CREATE = "register_pipelines", "create_pipeline"


class Starts(NamedTuple):
    """The functions that tools start, by the file that such a run begins with."""

    by_path: dict[str, tuple[Place, ...]]

    @classmethod
    def collect(cls, repo: Repository) -> Starts:
        """Look up what the manifests name, and what Kedro finds by name."""
        index = repo.fact(PythonIndex)
        found: dict[str, dict[Place, None]] = {}
        for place in scripts(repo, index):
            found.setdefault(place.path, {})[place] = None
        for path in index.modules:
            for place in registered(path, index):
                found.setdefault(path, {})[place] = None
        live = {path: places for path, places in found.items() if index.roles[path] in LIVE}
        return cls({path: tuple(places) for path, places in live.items()})


def scripts(repo: Repository, index: PythonIndex) -> Iterator[Place]:
    """Yield what each console script calls."""
    for manifest in repo.fact(Dependencies).manifests:
        for script in manifest.scripts:
            place = called(script, index)
            if place is not None:
                yield place


def called(script: ConsoleScript, index: PythonIndex) -> Place | None:
    """Return the function behind a command; the file when it is an object made at its top."""
    path = index.module_path(script.module, script.path)
    if path is None:
        return None
    head = script.function.partition(".")[0]
    return (index.symbol(path, head, 0) if head else None) or Place(path, "")


def registered(path: str, index: PythonIndex) -> Iterator[Place]:
    """Yield what `kedro run` calls through a registry; pipelines by their folder where asked."""
    module = index.modules[path]
    if not KEDRO.search(path) or REGISTER not in module.functions:
        return
    yield Place(path, REGISTER)
    if any(call.method == "find_pipelines" for call in module.calls):
        for other, found in index.modules.items():
            if KEDRO_PIPELINE.search(other) and CREATE in found.functions:
                yield Place(other, CREATE)
