"""Short ways to an answer, held against the long ones that they stand for."""

from __future__ import annotations

import shlex
from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from repro_audit.facts.calls import Calls
from repro_audit.facts.patterns import matches
from repro_audit.facts.shell import words_of
from repro_audit.facts.walker import read_module

NAMES = st.text("ab.", max_size=6)
PATTERNS = st.lists(st.text("ab.*", min_size=1, max_size=6), min_size=1, max_size=4).map(tuple)
SOURCE = """
import numpy as np
np.random.seed(seed=1)
model.fit(x, seed=2)
other.model.fit(x)
range(3)
"""


@given(st.text("ab -='\"\\# \t\n$\x0c\xa0", max_size=12))
def test_words_of_a_command_are_those_of_the_shell(text: str) -> None:
    """A broken quotation, which the shell refuses, is split at its blanks."""
    try:
        expected = shlex.split(text, comments=True)
    except ValueError:
        expected = text.split()
    assert words_of(text) == expected


@given(NAMES, PATTERNS)
@example("a", ("a*a",))
@example("ab.a", ("a*.a", "b"))
@example("a.b", ("*.b",))
@example("a.b", ("a.*b*",))
def test_names_match_their_patterns(name: str, patterns: tuple[str, ...]) -> None:
    """Stars at one end, at both, in the middle, and several of them."""
    assert matches(name, patterns) is any(fnmatchcase(name, item) for item in patterns)


@pytest.mark.parametrize(
    ("names", "methods", "keywords", "lines"),
    [
        (("numpy.random.*",), (), (), [3]),
        ((), ("fit",), (), [4, 5]),
        ((), (), ("seed",), [3, 4]),
        (("range", "*.model.fit"), (), ("seed",), [3, 4, 5, 6]),
        (("nothing",), ("neither",), ("nor",), []),
    ],
)
def test_calls_are_found_in_their_order(
    names: tuple[str, ...], methods: tuple[str, ...], keywords: tuple[str, ...], lines: list[int]
) -> None:
    """By their name, its last part, or what they are given; each once."""
    calls = Calls(read_module("a.py", SOURCE).calls)
    found = calls.any_of(names=names, methods=methods, keywords=keywords)
    assert [call.line for call in found] == lines
