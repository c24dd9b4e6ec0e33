"""Every parser of ours takes any text: it answers, or refuses as its description says.

A parser is found by its signature: a function that takes a text, a source, lines or a document,
and nothing else but a path, a word or a number.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import time
from types import GeneratorType
from typing import TYPE_CHECKING

import pytest
import repro_audit
from hypothesis import given
from hypothesis import strategies as st
from repro_audit.facts.documents import read_document

from .fuzz.made import FILES, PIECES, changed_text, changed_values, many

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 1.0
LONGEST_LINE = 2_000
PLACES = (
    "repro_audit.facts.", "repro_audit.baseline", "repro_audit.comments", "repro_audit.page",
    "repro_audit.toml", "repro_audit.yamltext", "repro_audit.tracked.claims",
)  # fmt: skip
TEXTS = frozenset({"text", "source", "document", "lines", "line", "spec"})
WORDS = {
    "runner": "make",
    "service": "GitHub Actions",
    "where": "a.md",
    "mark": ",",
    "delimiter": "\t",
}


def parsers() -> dict[str, Callable[..., object]]:
    """Return every function that reads a text, by its full name."""
    found = {}
    for module in pkgutil.walk_packages(repro_audit.__path__, "repro_audit."):
        if not module.name.startswith(PLACES):
            continue
        for name, held in vars(importlib.import_module(module.name)).items():
            own = inspect.isfunction(held) and held.__module__ == module.name
            if own and takes_text(held):
                found[f"{module.name.removeprefix('repro_audit.')}.{name}"] = held
    return found


def takes_text(function: Callable[..., object]) -> bool:
    """Say whether a text is all that a function needs."""
    needed = {
        name: str(asked.annotation)
        for name, asked in inspect.signature(function).parameters.items()
        if asked.default is asked.empty
    }
    kinds = {"str", "int", "Document", "list[str]", "tuple[str, ...]"}
    return bool(TEXTS & set(needed)) and set(needed.values()) <= kinds


PARSERS = parsers()


def arguments(function: Callable[..., object], path: str, text: str) -> dict[str, object]:
    """Return what a parser is given."""
    found: dict[str, object] = {}
    for name, asked in inspect.signature(function).parameters.items():
        if asked.default is not asked.empty:
            continue
        kind = str(asked.annotation)
        if kind == "Document":
            found[name] = read_document(path, text)
        elif kind in {"list[str]", "tuple[str, ...]"}:
            lines = text.splitlines()
            found[name] = lines if kind == "list[str]" else tuple(lines)
        elif kind == "int":
            found[name] = 1
        elif name in TEXTS:
            # Whoever takes one line or one word is never given more, and no line of any length.
            whole = name in {"text", "source"}
            found[name] = text if whole else text.partition("\n")[0][:LONGEST_LINE]
        else:
            found[name] = WORDS.get(name, path)
    return found


def refused(function: Callable[..., object], problem: Exception) -> bool:
    """Say whether the description of a parser names a refusal."""
    _, _, raises = (function.__doc__ or "").partition("Raises:")
    return any(kind.__name__ in raises for kind in type(problem).__mro__[:-3])


def read(name: str, path: str, text: str) -> None:
    """Ask one parser, in time; what is slow is slow twice."""
    assert once(name, path, text) < SECONDS or once(name, path, text) < SECONDS


def once(name: str, path: str, text: str) -> float:
    """Ask one parser, take all that it yields, and return the processor's seconds."""
    function = PARSERS[name]
    taken = arguments(function, path, text)
    started = time.process_time()
    try:
        found = function(**taken)
        if isinstance(found, GeneratorType):
            list(found)
    except Exception as problem:
        if not refused(function, problem):
            raise
    return time.process_time() - started


def test_the_parsers_are_found() -> None:
    assert len(PARSERS) > 60
    known = {"facts.locks.read_toml_lock", "facts.tables.tables", "baseline.read", "yamltext.load"}
    assert known <= set(PARSERS)


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_what_is_written_for_others(name: str) -> None:
    for path, text in FILES[::7]:
        read(name, path, text)


@given(st.sampled_from(sorted(PARSERS)), st.one_of(changed_text(), changed_values()))
@many(1.4)
def test_a_parser_takes_changed_examples(name: str, file: tuple[str, str]) -> None:
    read(name, *file)


@given(
    st.sampled_from(sorted(PARSERS)),
    st.sampled_from(sorted({path for path, _ in FILES})),
    st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200)),
)
@many(1.4)
def test_a_parser_takes_pieces(name: str, path: str, text: str) -> None:
    read(name, path, text)
