"""Each hostile tree is audited in time and memory, with a valid report and nothing else touched."""

from __future__ import annotations  # noqa: I001

import sys

import pytest
from .hostile.audited import audit, build, contents, faults
from .hostile.trees import TREES
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measured as Linux counts")


@pytest.mark.parametrize("name", TREES)
def test_a_hostile_tree_is_audited_within_bounds(name: str, tmp_path: Path) -> None:
    tree = TREES[name]
    root, scratch = build(tree, tmp_path)
    before = contents(tmp_path / "tree")
    outcome = audit(root, scratch)
    assert contents(tmp_path / "tree") == before, "the audit wrote into the tree"
    assert faults(tree, tmp_path, outcome) == []


def test_there_are_at_least_forty() -> None:
    assert len(TREES) >= 40
