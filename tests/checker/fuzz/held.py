"""A repository that stands in memory, so that thousands of them can be judged in a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.facts.history import History
from repro_audit.plainfile import Folder
from repro_audit.repository import File, Repository
from repro_audit.roles import role_of
from repro_audit.unread import Skips

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES = (
    "train.py", "README.md", "pyproject.toml", "requirements.txt", "conf/config.yaml", "a.ipynb",
    "src/pkg/__init__.py", "src/pkg/data.py", "tests/test_a.py", "setup.py", "setup.cfg",
    "environment.yml", "uv.lock", "poetry.lock", "Pipfile.lock", "pixi.lock", "pylock.toml",
    "conda-lock.yml", "Dockerfile", "docker-compose.yml", ".github/workflows/ci.yml",
    ".gitlab-ci.yml", "azure-pipelines.yml", ".circleci/config.yml", "Makefile", "justfile",
    "noxfile.py", "tox.ini", "dvc.yaml", "dvc.lock", "data.csv.dvc", "Snakefile", "MLproject",
    "CITATION.cff", "codemeta.json", "croissant.json", "LICENSE", "conf/a.json", "conf/b.toml",
    "conf/c.ini", "conf/model/b.yaml", "run.sh", "job.slurm", "README.rst", "docs/model_card.md",
    "docs/data.md", "data/checksums.sha256", ".gitattributes", ".gitignore", ".gitmodules",
    ".python-version", "paper.bib", "repro-record.json", "mlruns/0/meta.yaml", "results/a.csv",
    "requirements/dev.in", "Pipfile", "pixi.toml", ".pre-commit-config.yaml", "apptainer.def",
    "docs/results.md", "analysis.R", "main.jl", "data/a.txt",
)  # fmt: skip
LARGEST = 60_000


class Held(Repository):
    """Files by name, with no disk and no history behind them."""

    def __init__(self, contents: Mapping[str, bytes], root: Path) -> None:
        """Take the files as they are; `root` is an empty folder."""
        self.contents = {path: raw[:LARGEST] for path, raw in contents.items()}
        self.root, self.disk = root, Folder(root)
        self.asking, self.missed = [], {}
        self.skips, self.links = Skips(self.note), {}
        self.index = None
        self.files = tuple(File(path, role_of(path)) for path in sorted(contents))
        self.by_path = {file.path: file for file in self.files}
        self.texts, self.facts = {}, {}
        self.facts[History] = History(False, None, 0, False, False, (), ())

    def read(self, path: str) -> str | None:
        """Decode what is held."""
        return self.decode(path, self.contents[path]) if path in self.contents else None

    def beginning(self, path: str) -> bytes:
        """Return the bytes of a short file."""
        raw = self.contents.get(path, b"")
        return raw if len(raw) < 1_000 else b""


def unpacked(raw: bytes) -> dict[str, bytes]:
    """Read a tree out of bytes: parts parted by 0xFF, of which the first byte names the file."""
    parts = [part for part in raw.split(b"\xff") if part]
    return {NAMES[part[0] % len(NAMES)]: part[1:] for part in parts}


def packed(contents: Mapping[str, bytes]) -> bytes:
    """Write a tree as bytes."""
    known = {path: raw for path, raw in contents.items() if path in NAMES}
    return b"\xff".join(bytes([NAMES.index(path)]) + raw for path, raw in known.items())
