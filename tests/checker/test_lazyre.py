"""Expressions that are compiled late, and asked only of some texts, answer as those of `re` do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repro_audit import lazyre

from .fuzz.expressions import patterns
from .fuzz.made import many

PATTERNS = list(patterns().values())
ASCII = st.characters(max_codepoint=127)


def answers(expression: Any, text: str) -> list[object]:
    """Ask everything that a tell-tale text may cut short."""
    found = expression.search(text)
    return [
        found and (found.span(), found.groups()),
        expression.findall(text),
        [item.span() for item in expression.finditer(text)],
        expression.split(text),
        expression.sub("", text),
    ]


def held(pattern: re.Pattern[str], text: str) -> None:
    """Hold the one against the other; lower and upper case are both tried."""
    late = lazyre.Expression(pattern.pattern, pattern.flags & ~re.UNICODE)
    # As after many questions; the first ones replace what answered them.
    late.left = 0
    answers(late, "")
    for way in (text, text.upper(), text.lower()):
        assert answers(late, way) == answers(pattern, way)


@many(0.25)
@given(st.data())
def test_what_an_expression_matches_is_found(data: st.DataObject) -> None:
    """Texts are made from the expression; in half of them all letters are of ASCII."""
    pattern = data.draw(st.sampled_from(PATTERNS))
    telling = bool(lazyre.Expression(pattern.pattern, pattern.flags).tells)
    alphabet = ASCII if telling and data.draw(st.booleans()) else None
    before, after = data.draw(st.text(ASCII, max_size=4)), data.draw(st.text(max_size=4))
    text = data.draw(st.from_regex(pattern, alphabet=alphabet))
    lazyre.made(pattern.pattern, pattern.flags).left = 0
    hopeless = lazyre.hopeless(pattern.pattern, pattern.flags, text.lower())
    assert not (text.isascii() and pattern.search(text) and hopeless)
    held(pattern, (before + text + after).ljust(lazyre.SHORT + data.draw(st.integers(0, 2))))


@pytest.mark.parametrize(
    ("pattern", "flags", "expected"),
    [
        (r"\b(we|study) (ask|hypothesi[sz]e)", 0, {"ask", "hypothesise", "hypothesize"}),
        (r"Scaled|normali[sz]", 0, {"scaled", "normalis", "normaliz"}),
        (r"to-?do|x?kilo\d", 0, {"to-do", "todo", "kilo"}),
        (r"[ab][cd][ef][gh]kilo", 0, {"kilo"}),
        (r"(?:kilo)+\d*", 0, {"kilo"}),
        (r"(?:kilo)?\d", 0, set()),
        (r"kilo|\d", 0, set()),
        (r"a(?=b)c(?!d)", 0, {"ac"}),
        # Only the beginning is looked at, which is as fast as can be.
        (r"(^kilo|^\d)", 0, set()),
        # Nothing of ASCII matches the first; a Kelvin sign is a k where case does not count.
        ("\u2264|abc", re.IGNORECASE, {"abc"}),
        ("\u212a|abc", re.IGNORECASE, set()),
    ],
)
def test_tell_tale_texts(pattern: str, flags: int, expected: set[str]) -> None:
    """The rarest texts of which each match has one."""
    assert set(lazyre.Expression(pattern, flags).tells) == expected


@pytest.mark.parametrize("text", ["\u212aILO", "kilo", "a \u017fun"])
def test_letters_that_are_the_same_but_for_their_case(text: str) -> None:
    """Other letters than those of ASCII are left to `re`."""
    for pattern in ("kilo", "sun", "(?i:KILO|Sun)"):
        held(re.compile(pattern, re.IGNORECASE), text.ljust(lazyre.SHORT + 1))


def test_only_what_is_asked_often_is_looked_through() -> None:
    """To work out the tell-tale texts of an expression takes as long as some hundred searches."""
    often = lazyre.Expression("kilo", re.IGNORECASE)
    for _ in range(lazyre.PATIENCE - 1):
        assert often.search("A KILO of it, or more than that")
    assert "guarded" not in often.search.__qualname__
    assert often.search("A KILO of it, or more than that")
    assert "guarded" in often.search.__qualname__
    assert often.search("A KILO of it, or more than that")
    assert often.search("nothing of it, or more than that") is None


def test_functions_with_flags() -> None:
    """They take what those of `re` take."""
    assert lazyre.search("^B", "a\nb", re.MULTILINE | re.IGNORECASE)
    assert lazyre.sub("^B", "c", "a\nb", flags=re.MULTILINE | re.IGNORECASE) == "a\nc"
    assert lazyre.search(lazyre.compile("b"), "ab")
    assert lazyre.fullmatch("a.", "ab")
    assert lazyre.split(",", "a,b") == ["a", "b"]
