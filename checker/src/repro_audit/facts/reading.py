"""All Python files and notebooks, parsed once: by several processes where there are many."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts import code
from repro_audit.facts.cells import script
from repro_audit.facts.code import TooMuchCodeError
from repro_audit.facts.walker import read_module
from repro_audit.repository import compact
from repro_audit.workers import spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_audit.facts.syntax import Module
    from repro_audit.repository import Repository

# So many parts for each process even out what they take.
PARTS = 8


class Source(NamedTuple):
    """The code of a file, and for a notebook the line in its JSON of each line of that."""

    path: str
    text: str
    lines: list[int] | None


def affordable(repo: Repository, sources: Sequence[Source]) -> Iterator[Source]:
    """Yield the sources that are not too much together; the others are listed as skipped."""
    left = code.MOST_CODE
    for source in sources:
        needed = code.amount(source.text)
        if needed > left:
            repo.skips[source.path] = code.IN_ALL
            continue
        left -= needed
        yield source


def read_all(repo: Repository, sources: Sequence[Source]) -> list[Module | None]:
    """Return the module of each source, None for one that cannot be parsed."""
    size = max(1, -(-len(sources) // (PARTS * repo.processes)))
    slices = [range(len(sources))[at : at + size] for at in range(0, len(sources), size)]
    if repo.processes == 1:
        slices = [range(len(sources))]
    parts = spread([partial(read_part, repo, sources, part) for part in slices], repo)
    found = [module for part in parts for module in part]
    for source, module in zip(sources, found, strict=True):
        if module is not None and not module.pieces.text:
            module.pieces.text = repo.share(source.path, compact(source.text))
    return found


def read_part(
    repo: Repository, sources: Sequence[Source], numbers: Sequence[int]
) -> list[Module | None]:
    """Read some of the sources; their texts stay where they are when the modules are sent on."""
    found: list[Module | None] = []
    for number in numbers:
        repo.tell(f"reading code, file {number + 1} of {len(sources)}")
        source = sources[number]
        module = parse(repo, source)
        if module is not None and module.pieces.text == compact(source.text):
            module.pieces.text = ""
        found.append(module)
    return found


def parse(repo: Repository, source: Source) -> Module | None:
    """Parse one file; one that Python refuses is listed as skipped."""
    path, text, lines = source
    try:
        return read_module(path, text, lines)
    except TooMuchCodeError as problem:
        repo.skips[path] = str(problem)
        return None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        own = script(text) if lines is None and isinstance(problem, SyntaxError) else None
        if own is not None:
            return read_module(path, own, lines)
        repo.skips[path] = f"Python cannot parse it ({type(problem).__name__})"
        return None
