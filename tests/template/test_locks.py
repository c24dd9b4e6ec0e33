"""No lock falls behind its inputs: neither those that the template ships nor that of our tools."""

import importlib.util
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "{{cookiecutter.project_slug}}" / "requirements"


def pins(*locks: Path) -> dict[str, str]:
    """Locked name -> version."""
    text = "".join(lock.read_text("utf-8") for lock in locks)
    return dict(re.findall(r"^([\w.-]+)==([\w.+!-]+)", text, flags=re.MULTILINE))


def wanted(source: Path) -> list[Requirement]:
    """The requirements of an input file."""
    lines = [line.partition(" #")[0] for line in source.read_text("utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", ["common.txt", "cpu.txt", "cuda.txt", "dev.txt", "search.txt"])
def test_a_lock_of_the_template_was_compiled_from_its_inputs(name: str) -> None:
    spec = importlib.util.spec_from_file_location("lock", REQUIREMENTS / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    first = (REQUIREMENTS / name).read_text("utf-8").splitlines()[0]
    assert lock.inputs_digest(REQUIREMENTS) in first, "run `nox -s lock`"


def test_the_lock_of_our_tools_allows_what_they_ask_for() -> None:
    locked = pins(ROOT / "tests" / "requirements.txt")
    for requirement in wanted(ROOT / "tests" / "requirements.in"):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])
