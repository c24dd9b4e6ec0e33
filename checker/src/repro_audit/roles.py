"""What a file is for, told from its path alone."""

from __future__ import annotations

from enum import Enum

from repro_audit import lazyre as re


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


def suffix_of(name: str) -> str:
    """Return the suffix of a name, with its dot; fifty thousand paths as objects take a second."""
    at = name.rfind(".")
    return name[at:] if 0 < at < len(name) - 1 else ""


def role_of(path: str) -> Role:
    """Return the role of the file at `path` (relative, with forward slashes)."""
    *above, name = path.split("/")
    folders = [part.lower() for part in above]
    suffix = suffix_of(name)
    if "{{" in path or "{%" in path or suffix in {".j2", ".jinja"}:
        return Role.TEMPLATE
    if VENDORED_PARTS.intersection(folders):
        return Role.VENDORED
    if any(part in GENERATED_PARTS or part.endswith(".egg-info") for part in folders):
        return Role.GENERATED
    if GENERATED_FILE.search(path) or folders[:1] in (["build"], ["dist"]):
        return Role.GENERATED
    if TEST_FILE.match(name) or "tests" in folders or "testing" in folders:
        return Role.TEST
    if suffix.lower() in PROSE_SUFFIXES:
        return Role.PROSE
    if suffix.lower() in DATA_SUFFIXES:
        return Role.DATA
    if {"examples", "example", "demo", "demos"}.intersection(folders):
        return Role.EXAMPLE
    return Role.SOURCE
