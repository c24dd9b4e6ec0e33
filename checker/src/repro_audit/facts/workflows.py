"""Continuous integration: which jobs run which commands, and what they use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro_audit.facts.configs import Entry, read_yaml
from repro_audit.facts.shell import Command, commands
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

OTHERS = (
    ".gitlab-ci.yml",
    "azure-pipelines.yml",
    ".circleci/config.yml",
    ".travis.yml",
    "appveyor.yml",
)
COMMIT = re.compile(r"@[0-9a-f]{40}$")


@dataclass(frozen=True)
class Use:
    """An action or image that a workflow takes from elsewhere."""

    name: str
    path: str
    line: int

    @property
    def pinned(self) -> bool:
        """Whether it is fixed by a full commit or digest."""
        return bool(COMMIT.search(self.name)) or "@sha256:" in self.name

    def evidence(self, message: str) -> Evidence:
        """Point at the line that uses it."""
        return Evidence(self.path, self.line, message)


@dataclass(frozen=True)
class Workflow:
    """One file of a CI service."""

    path: str
    service: str
    entries: tuple[Entry, ...]
    uses: tuple[Use, ...]
    commands: tuple[Command, ...]


def run_commands(entries: tuple[Entry, ...], service: str) -> Iterator[Command]:
    """Yield the commands of `run`, `script` and `command` steps."""
    wanted = {"run"} if service == "github" else {"run", "script", "command", "bash", "install"}
    for entry in entries:
        parts = [part for part in entry.key.split(".") if not part.isdigit()]
        if parts and parts[-1] in wanted and isinstance(entry.value, str):
            first = entry.line + (1 if "\n" in entry.value else 0)
            yield from commands(entry.value, entry.path, first)


def read_workflow(path: str, text: str, service: str) -> Workflow:
    """Read one workflow."""
    entries = read_yaml(path, text)
    uses = tuple(
        Use(str(entry.value), path, entry.line)
        for entry in entries
        if entry.key.rpartition(".")[2] == "uses"
        and not str(entry.value).startswith(("./", "docker://localhost"))
    )
    return Workflow(path, service, entries, uses, tuple(run_commands(entries, service)))


@dataclass(frozen=True)
class Workflows:
    """All CI files."""

    all: tuple[Workflow, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Workflows:
        """Read GitHub's workflows and the files of other services."""
        found: list[Workflow] = []
        for file in repo.files:
            github = re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", file.path)
            if not github and file.path not in OTHERS:
                continue
            text = repo.text(file.path)
            if text is not None:
                found.append(read_workflow(file.path, text, "github" if github else "other"))
        return cls(tuple(found))
