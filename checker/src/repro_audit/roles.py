"""What a file is for, told from its path alone."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import PurePosixPath


class Role(Enum):
    """The part a file plays; rules look at sources unless they say otherwise."""

    SOURCE = "source"
    TEST = "test"
    EXAMPLE = "example"
    GENERATED = "generated"
    VENDORED = "vendored"
    TEMPLATE = "template"
    DATA = "data"
    PROSE = "prose"


VENDORED_PARTS = frozenset(
    {"vendor", "vendored", "_vendor", "third_party", "thirdparty", "3rdparty", "node_modules"}
    | {"site-packages", ".venv", "venv", "bower_components"}
)
GENERATED_PARTS = frozenset(
    {"__pycache__", ".ipynb_checkpoints", ".eggs", "htmlcov", ".mypy_cache", ".pytest_cache"}
    | {".ruff_cache", ".nox", ".tox", "mlruns", "wandb", "lightning_logs"}
)
TEST_FILE = re.compile(r"^(test_.*|.*_test|tests|conftest)\.(py|ipynb)$")
GENERATED_FILE = re.compile(r"(_pb2(_grpc)?\.pyi?|\.min\.js|\.egg-info|/PKG-INFO)$")
PROSE_SUFFIXES = frozenset({".md", ".mdx", ".rst", ".markdown", ".tex", ".bib", ".org", ".adoc"})
DATA_SUFFIXES = frozenset(
    {".csv", ".tsv", ".parquet", ".feather", ".npy", ".npz", ".h5", ".hdf5", ".arrow", ".jsonl"}
    | {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".mat", ".arff"}
    | {".zip", ".gz", ".tar", ".xz", ".bz2", ".7z", ".sqlite", ".db", ".xlsx", ".xls", ".rds"}
    | {".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".mp4", ".wav", ".bin"}
)


def role_of(path: str) -> Role:
    """Return the role of the file at `path` (relative, with forward slashes)."""
    pure = PurePosixPath(path)
    folders = [part.lower() for part in pure.parts[:-1]]
    if any("{{" in part or "{%" in part for part in pure.parts) or pure.suffix in {".j2", ".jinja"}:
        return Role.TEMPLATE
    if VENDORED_PARTS.intersection(folders):
        return Role.VENDORED
    if any(part in GENERATED_PARTS or part.endswith(".egg-info") for part in folders):
        return Role.GENERATED
    if GENERATED_FILE.search(path) or folders[:1] in (["build"], ["dist"]):
        return Role.GENERATED
    if TEST_FILE.match(pure.name) or "tests" in folders or "testing" in folders:
        return Role.TEST
    if pure.suffix.lower() in PROSE_SUFFIXES:
        return Role.PROSE
    if pure.suffix.lower() in DATA_SUFFIXES:
        return Role.DATA
    if {"examples", "example", "demo", "demos"}.intersection(folders):
        return Role.EXAMPLE
    return Role.SOURCE
