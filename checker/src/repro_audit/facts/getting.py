"""Commands that fetch data: in scripts, tasks, notebooks and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.prose import script_commands
from repro_audit.facts.shell import Command, commands
from repro_audit.facts.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

GETTERS = {"wget", "curl", "gdown", "kaggle", "gsutil", "aria2c", "rclone", "axel"}
PULLS = {("dvc", "pull"), ("dvc", "get"), ("dvc", "import"), ("datalad", "get")}
WEIGHTS = re.compile(
    r"weights?\b|checkpoint|ckpt|pre-?trained|\bmodels?\b|\.pth?\b|\.safetensors|miniconda|anaconda|"
    r"\.whl\b|install|get-pip|\bapt\b|cuda|\bnode\b|\.deb\b|codecov|vocab(ulary)? file",
    re.IGNORECASE,
)


def own_commands(repo: Repository) -> Iterator[Command]:
    """Yield the commands of scripts, tasks and notebooks."""
    yield from script_commands(repo)
    for task in repo.fact(Tasks).all:
        yield from task.commands
    for notebook in repo.fact(Notebooks).all:
        for text, line in notebook.shell:
            yield from commands(text, notebook.path, line)


def getting(found: Iterator[Command]) -> Iterator[Command]:
    """Yield the commands that fetch data."""
    for command in found:
        words = command.words
        pulls = words[:2] in PULLS or words[:3] in {("git", "lfs", "pull"), ("git", "annex", "get")}
        copies = command.program == "aws" and "s3" in words[:2] and {"cp", "sync"} & set(words)
        address = command.program in {"kaggle", "gdown"} or "://" in command.text
        if command.program == "kaggle" and {"submit", "push", "create", "version"} & set(words):
            continue  # sends what was made here
        gets = command.program in GETTERS and address
        hub = words[:2] in {("huggingface-cli", "download"), ("hf", "download")}
        hub = hub and "dataset" in command.text
        if pulls or ((gets or copies or hub) and not WEIGHTS.search(command.text)):
            yield command
