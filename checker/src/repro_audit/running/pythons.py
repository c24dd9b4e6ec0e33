"""Which of the Pythons that ran is the one whose packages belong into the record.

The command may be `make train` or `uv run train.py`: what its Python is shows when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.recording.interpreter import QUESTION, Interpreter, ask, is_python

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from repro_audit.running.observed import Observed


def python_that_ran(
    observed: Observed,
    guess: Interpreter | None,
    words: Sequence[str],
    environment: Mapping[str, str],
    beside: Callable[[Sequence[str]], list[str]] | None,
) -> tuple[Interpreter | None, list[str]]:
    """Return the Python that did most of what was seen, and which others ran.

    `guess` is the one that was asked before anything ran. One that the command names stays; of
    another nobody knows whether it ran at all.
    """
    used = observed.pythons
    if not used:
        return guess if is_python(words[0]) else None, []
    own = next(
        (path for path in used if guess is not None and same(path, used[path][0], guess)), ""
    )
    # Of those that did as much, the last.
    most = own if is_python(words[0]) and own else max(reversed(used), key=lambda it: used[it][1])
    found = guess
    if most != own:
        question = [most, "-c", QUESTION]
        found = ask(beside(question) if beside else question, environment)
    return found, sorted(path for path in used if path != most)


def same(path: str, version: str, other: Interpreter) -> bool:
    """Say whether an executable is another's, maybe by a second name in the same folder."""
    return str(Path(path).parent) == other.folder and version == other.version
