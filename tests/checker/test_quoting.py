"""A passage in evidence is short, and shows where it was cut."""

from __future__ import annotations

import pytest
from repro_audit.facts.quoting import quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  python train.py \n", "python train.py"),
        ("a" * 100, "a" * 100),
        ("a" * 101, "a" * 99 + "…"),
        ("a" * 98 + "  b  ", "a" * 98 + "…"),
    ],
)
def test_a_passage_is_cut_visibly(text: str, shown: str) -> None:
    assert quoted(text) == shown
