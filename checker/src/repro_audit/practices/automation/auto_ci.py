"""Judge whether continuous integration runs the project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.workflows import Workflow, Workflows

if TYPE_CHECKING:
    from repro_audit.facts.shell import Command

TESTS = re.compile(
    r"\b(pytest|unittest|tox|nox|ctest|nose2?|hatch (run )?test|make (test|check|smoke|reproduce)|"
    r"just test|run_tests?)\b"
)


def auto_ci(repo: Repository) -> Verdict:
    """A workflow that starts by itself installs the project and runs its tests."""
    workflows = repo.fact(Workflows).all
    fix = "Add a workflow that installs the lock and runs the tests on every push"
    testing: list[Evidence] = []
    others: list[Evidence] = []
    for workflow in workflows:
        run = [command for command in workflow.commands if tests(repo, command)]
        if run and starts_itself(workflow):
            testing.append(run[0].evidence(f"runs {run[0].text[:80]}"))
        else:
            reason = "is started by hand only" if run else "runs no tests"
            others.append(Evidence(workflow.path, 1, reason))
    if testing:
        return passed("Continuous integration runs the tests.", *testing)
    if others:
        return partial("Continuous integration runs, and not the tests.", *others, fix=fix)
    return failed(
        "There is no continuous integration.",
        Evidence(".", 0, "no workflow of a known service"),
        fix=fix,
    )


def tests(repo: Repository, command: Command) -> bool:
    """Say whether a command runs tests, itself or through a task."""
    if TESTS.search(command.text):
        return "lint" not in command.text or "test" in command.text
    task = repo.fact(Tasks).started_by(command)
    return task is not None and any(TESTS.search(item.text) for item in task.commands)


def starts_itself(workflow: Workflow) -> bool:
    """Say whether a workflow runs on more than a button."""
    if workflow.service != "github":
        return True
    triggers = {
        str(entry.value) if entry.key in {"on", f"on.{n}"} else entry.key.split(".")[1]
        for n in range(1)
        for entry in workflow.entries
        if entry.key.split(".")[0] == "on"
    }
    listed = {
        str(entry.value) for entry in workflow.entries if re.fullmatch(r"on(\.\d+)?", entry.key)
    }
    named = {name for name in triggers if not name.isdigit()}
    return bool((named | listed) - {"workflow_dispatch", "workflow_call"})
