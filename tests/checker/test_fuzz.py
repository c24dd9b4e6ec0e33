"""What the fuzzers found stays found, and generated trees and texts bring nothing new."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .fuzz.held import NAMES, unpacked
from .fuzz.judged import faults
from .fuzz.made import PIECES, many, mutated

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


@pytest.mark.parametrize("raw", FOUND)
def test_what_was_found_stays_mended(raw: bytes, tmp_path: Path) -> None:
    assert faults(unpacked(raw), tmp_path) == []


@given(mutated())
@many(0.1)
def test_changed_examples_are_judged_without_a_crash(tree: dict[str, bytes]) -> None:
    assert faults(tree, Path("/nonexistent")) == []


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(PIECES, max_size=30)), max_size=4))
@many(0.1)
def test_texts_of_pieces_are_judged_without_a_crash(parts: list[tuple[str, list[str]]]) -> None:
    tree = {path: "".join(pieces).encode("utf-8", "replace") for path, pieces in parts}
    assert faults(tree, Path("/nonexistent")) == []


@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=300), max_size=3))
@many(0.05)
def test_bytes_are_judged_without_a_crash(tree: dict[str, bytes]) -> None:
    assert faults(tree, Path("/nonexistent")) == []
