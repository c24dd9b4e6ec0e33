"""One task that a project offers: how it is called, and what it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.facts.shell import Command

INSTALLS = re.compile(
    r"\b(uv sync|poetry install|pdm (install|sync)|pixi install|pip3? install|conda env create|"
    r"docker build|renv::restore)\b"
)


class Task(NamedTuple):
    """One task: how it is called, and the commands that it runs."""

    runner: str
    name: str
    path: str
    line: int
    commands: tuple[Command, ...]
    needs: tuple[str, ...] = ()

    @property
    def spelled(self) -> str:
        """The words that start it."""
        starts = {
            "make": "make",
            "just": "just",
            "nox": "nox -s",
            "tox": "tox -e",
            "dvc": "dvc repro",
            "snakemake": "snakemake",
            "nextflow": "nextflow run",
            "mlflow": "mlflow run . -e",
        }
        return f"{starts.get(self.runner, self.runner)} {self.name}".strip()

    @property
    def installs(self) -> bool:
        """Whether it installs from a file of requirements or a lock, itself or on its way."""
        return any(
            INSTALLS.search(command.text) or {"-r", "--requirement"} & set(command.words)
            for command in self.commands
        )

    def evidence(self, message: str) -> Evidence:
        """Point at the task."""
        return Evidence(self.path, self.line, message)
