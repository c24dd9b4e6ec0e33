"""Facts of declarations, locks and recipes: small texts in, values out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from repro_audit import Repository
from repro_audit.facts.containers import read_dockerfile
from repro_audit.facts.dependencies import Dependencies, providers
from repro_audit.facts.manifest import fixes_minor
from repro_audit.facts.requirement import from_conda, from_pep508
from repro_audit.facts.requirementlines import read_requirements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Plant = Callable[[Mapping[str, str]], Path]


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("numpy==1.2.3", True),
        ("numpy===1.2", True),
        ("numpy==1.*", False),
        ("numpy~=1.2", False),
        ("numpy>=1,<2", False),
        ("numpy", False),
        ("a @ git+https://x/y@" + "a" * 40, True),
        ("a @ git+https://x/y@main", False),
        ("torch==2.1+cpu ; python_version > '3'", True),
    ],
)
def test_only_one_version_is_exact(text: str, exact: bool) -> None:
    item = from_pep508(text, "requirements.txt", 1)
    assert item is not None
    assert item.exact is exact


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("numpy=1.26", False),
        ("numpy=1.26.4", True),
        ("numpy=1.26.4=py311", True),
        ("numpy>=1", False),
        ("pytorch=2.*", False),
        ("conda-forge::numpy==1.26.4", True),
        ("pip", False),
    ],
)
def test_a_conda_prefix_is_not_exact(text: str, exact: bool) -> None:
    item = from_conda(text, "environment.yml", 1)
    assert item is not None
    assert item.exact is exact


def test_requirements_keep_includes_hashes_and_continuations() -> None:
    found = read_requirements(
        "requirements/dev.txt",
        "-r common.txt\n-c ../constraints.txt\n--extra-index-url https://x\n"
        "torch==2.1+cpu ; python_version >= '3.10' \\\n"
        f"    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\n"
        "six  # why\n-e .\n",
    )
    assert found.includes == ("requirements/common.txt",)
    assert found.constraints == ("constraints.txt",)
    assert [(item.name, item.hashes, item.line) for item in found.declared] == [
        ("torch", 2, 4),
        ("six", 0, 7),
    ]


@pytest.mark.parametrize(
    ("spec", "fixed"),
    [
        ("==3.11.*", True),
        (">=3.11,<3.12", True),
        (">=3.8", False),
        ("~=3.11.0", True),
        ("3.11", True),
        (">=3.9,<3.13", False),
        ("^3.9", False),
    ],
)
def test_one_minor_version_is_fixed(spec: str, fixed: bool) -> None:
    assert fixes_minor(spec) is fixed


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("cv2", "opencv-python-headless"),
        ("sklearn", "scikit-learn"),
        ("yaml", "pyyaml"),
        ("PIL", "pillow"),
        ("torch", "pytorch"),
        ("pywt", "pywavelets"),
        ("numpy", "numpy"),
    ],
)
def test_imports_are_mapped_to_distributions(module: str, distribution: str) -> None:
    assert distribution in providers(module)


LOCKS = {
    "uv.lock": '[[package]]\nname = "numpy"\nversion = "1.0"\nwheels = [{url = "u", hash = "sha256:a"}]\n',  # noqa: E501 - the text of a file
    "poetry.lock": '[[package]]\nname = "numpy"\nversion = "1.0"\nfiles = [{file = "f", hash = "sha256:a"}]\n',  # noqa: E501 - the text of a file
    "pylock.toml": '[[packages]]\nname = "numpy"\nversion = "1.0"\nwheels = [{hashes = {sha256 = "a"}}]\n',  # noqa: E501 - the text of a file
    "Pipfile.lock": json.dumps(
        {"default": {"numpy": {"version": "==1.0", "hashes": ["sha256:a"]}}}
    ),
    "conda-lock.yml": "package:\n- name: numpy\n  version: '1.0'\n  hash: {md5: a}\n",
    "explicit.txt": "@EXPLICIT\nhttps://conda.example/linux-64/numpy-1.0-py311.conda#abc\n",
    "pixi.lock": "packages:\n- conda: https://c.example/numpy-1.0-py311.conda\n  sha256: a\n",
}


@pytest.mark.parametrize("path", sorted(LOCKS))
def test_locks_of_all_tools_are_read(path: str, plant: Plant) -> None:
    (lock,) = Repository(plant({path: LOCKS[path]})).fact(Dependencies).locks
    assert (lock.versions(), lock.hashed, lock.problem) == ({"numpy": {"1.0"}}, True, "")


def test_stages_and_arguments_of_a_dockerfile_are_resolved() -> None:
    recipe = read_dockerfile(
        "Dockerfile",
        "ARG TAG=3.11\nFROM python:${TAG} AS base\nRUN pip install \\\n    numpy==1.0 && apt-get update\nFROM base\n",  # noqa: E501 - the text of a file
    )
    assert [(image.name, image.pin, image.line) for image in recipe.images] == [
        ("python:3.11", "tag", 2)
    ]
    assert [command.text for command in recipe.commands] == [
        "pip install numpy==1.0",
        "apt-get update",
    ]


@given(some.text(some.sampled_from("aB1_-. =<>!~,*[;@v"), max_size=14))
def test_what_is_read_without_packaging_is_what_packaging_reads(text: str) -> None:
    item = from_pep508(text, "requirements.txt", 1)
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        assert item is None
        return
    assert item is not None
    assert (item.name, item.spec) == (canonicalize_name(parsed.name), str(parsed.specifier))
