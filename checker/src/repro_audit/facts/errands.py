"""Commands that continuous integration runs, also through the tasks that it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.workflows import Workflows

if TYPE_CHECKING:
    from repro_audit.facts.shell import Command
    from repro_audit.facts.task import Task
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

TESTS = re.compile(r"\b(pytest|unittest|nosetests|nose2|tox)\b")


class Errand(NamedTuple):
    """One command of a job; with the task that it starts, if it starts one."""

    command: Command
    task: Task | None

    @property
    def texts(self) -> tuple[str, ...]:
        """The command and what its task runs, as text."""
        inner = self.task.commands if self.task else ()
        return (self.command.text, *(item.text for item in inner))

    @property
    def tests(self) -> bool:
        """Whether it runs tests."""
        return any(TESTS.search(text) for text in self.texts)

    def evidence(self, message: str) -> Evidence:
        """Point at the command."""
        return self.command.evidence(message)


class Errands(NamedTuple):
    """All commands of all workflows."""

    all: tuple[Errand, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Errands:
        """Join workflows with the tasks."""
        tasks = repo.fact(Tasks)
        return cls(
            tuple(
                Errand(command, tasks.started_by(command))
                for workflow in repo.fact(Workflows).all
                for command in workflow.commands
            )
        )
