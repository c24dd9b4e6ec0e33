"""What the fuzzers found stays found, and generated trees and texts bring nothing new."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .fuzz import MANY
from .fuzz.held import NAMES, unpacked
from .fuzz.judged import faults
from .fuzz.seeds import trees

SEEDS = trees()
# What the guided fuzzer found, as it wrote it.
FOUND = (
    b"\x01<table><td>x</td><tr>text of no cell</table>\n",
    b"\x01|a|\n\xff\x01<table><tr>x<td>1</td><tr>y</tr></table>",
    (
        b"\x00import pandas as pd\n\nframe = pd.read_c\xff6/annex/objects/SHA256E-s31390--"
        b"2a02aba9ed12e4ac4eb3ea9421c420301a0c6460d9830d74a9df87efa4912010.csv\n"
        b"\xff\x01# Study\n\n    git annex get data\n"
    ),
    b"\x04a: !!timestamp x\nb: !!bool x\nc: !!int x\nd: !!float [1]\n",
    b'\x05{"cells": [{"cell_type": "code", "source": ["x = \'\\ud800\'"]}]}',
)
PIECES = st.one_of(
    st.sampled_from(
        ["\n", "    ", "[", "]", "{", "}", "(", ")", "\"", "'", "```", "|", "---", ": ", "- ", "= ", "#",  # noqa: E501
         "\\", "\x00", "\u2028", "\ud7ff", "<table>", "<td>", "</tr>", "<!--", "&a ", "*a", "!!x ", "<<: ",  # noqa: E501
         "-r ", "$(", "%", "\r\n", "\t", "\ufeff", "9" * 50, "0x", "1e999", "é", "\x1b[31m", "seed", "random"]  # noqa: E501
    ),
    st.text(max_size=12),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, bytes]:
    """Take an example of a page, cut it, join it with another, and put pieces in."""
    tree = dict(draw(st.sampled_from(SEEDS)))
    tree |= draw(st.sampled_from(SEEDS)) if draw(st.booleans()) else {}
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(sorted(tree) or list(NAMES)))
        raw = tree.get(path, b"")
        first, last = sorted((draw(st.integers(0, len(raw))), draw(st.integers(0, len(raw)))))
        piece = "".join(draw(st.lists(PIECES, max_size=4))).encode("utf-8", "replace")
        kind = draw(st.sampled_from(["cut", "put", "twice", "move", "bytes"]))
        if kind == "bytes":
            piece = draw(st.binary(max_size=20))
        kept = {"cut": raw[:first] + raw[last:], "twice": raw[:last] + raw[first:]}
        tree[path] = kept.get(kind, raw[:first] + piece + raw[first:])
        if kind == "move":
            tree[draw(st.sampled_from(NAMES))] = tree.pop(path)
    return tree


@pytest.mark.parametrize("raw", FOUND)
def test_what_was_found_stays_mended(raw: bytes, tmp_path: Path) -> None:
    assert faults(unpacked(raw), tmp_path) == []


@given(mutated())
@settings(max_examples=MANY, suppress_health_check=list(HealthCheck))
def test_changed_examples_are_judged_without_a_crash(tree: dict[str, bytes]) -> None:
    assert faults(tree, Path("/nonexistent")) == []


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(PIECES, max_size=30)), max_size=4))
@settings(max_examples=MANY, suppress_health_check=list(HealthCheck))
def test_texts_of_pieces_are_judged_without_a_crash(parts: list[tuple[str, list[str]]]) -> None:
    tree = {path: "".join(pieces).encode("utf-8", "replace") for path, pieces in parts}
    assert faults(tree, Path("/nonexistent")) == []


@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=300), max_size=3))
@settings(max_examples=MANY // 2, suppress_health_check=list(HealthCheck))
def test_bytes_are_judged_without_a_crash(tree: dict[str, bytes]) -> None:
    assert faults(tree, Path("/nonexistent")) == []
