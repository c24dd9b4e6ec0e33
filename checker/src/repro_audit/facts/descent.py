"""Objects of the repository's own classes that extend a known one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.facts.python import PythonIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository


def extending(
    repo: Repository, known: Callable[[str], bool], calls: Iterable[Call]
) -> Iterator[Call]:
    """Yield the `calls` that make an object of a class of which a base is `known` by its name."""
    index = repo.fact(PythonIndex)
    own = {
        (module.path, name)
        for module in index.live()
        for name, kind in module.classes.items()
        if any(known(base) for base in kind.bases)
    }
    tails = {name.rpartition(".")[2] for _, name in own}
    for call in calls if own else ():
        if call.method in tails:
            place = index.locate(call.name, call.path, call.scope)
            if place is not None and (place.path, place.name) in own:
                yield call
