"""The locks are those of the `*.in` files, whole, with hashes, and of nobody's machine."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from requirements.lock import CUDA, FOLDER, INPUTS, entries, inputs_digest

LOCKS = ("common.txt", "cpu.txt", "cuda.txt", "dev.txt", "search.txt")


def pins(*names: str) -> dict[str, str]:
    """Locked name -> version of one or more locks."""
    text = "".join((FOLDER / name).read_text("utf-8") for name in names)
    return dict(re.findall(r"^([\w.-]+)==([\w.+!-]+)", text, flags=re.M))


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_was_compiled_from_these_inputs(lock: str) -> None:
    assert inputs_digest() in (FOLDER / lock).read_text("utf-8").splitlines()[0], (
        "run `nox -s lock`"
    )


@pytest.mark.parametrize("part", ["cpu.txt", "cuda.txt"])
@pytest.mark.parametrize("source", INPUTS)
def test_every_requirement_is_locked_at_a_version_it_allows(source: str, part: str) -> None:
    locked = pins("common.txt", part, "dev.txt", "search.txt")
    for line in (FOLDER / source).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            wanted = Requirement(line)
            if part == "cpu.txt" and CUDA.match(wanted.name) and wanted.name != "torch":
                continue
            assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)])


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_has_hashes_and_none_names_a_machine(lock: str) -> None:
    text = (FOLDER / lock).read_text("utf-8")
    assert all("--hash=sha256:" in entry for entry in entries(text).values())
    assert not re.search(r"^\s*-(?!-hash)|file:|://", text, flags=re.M)


def test_the_parts_share_nothing_but_pytorch() -> None:
    parts = {lock: set(pins(lock)) for lock in LOCKS}
    assert parts["cpu.txt"] == {"torch"} <= parts["cuda.txt"]
    assert not parts["common.txt"] & parts["dev.txt"]
    assert not parts["common.txt"] & parts["cuda.txt"]
    assert not parts["dev.txt"] & parts["cuda.txt"]
    assert not parts["search.txt"] & set.union(*(parts[lock] for lock in LOCKS[:-1]))
