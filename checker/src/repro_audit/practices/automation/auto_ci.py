"""Judge whether continuous integration runs the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.invocations import find, script_of
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.tasks import Tasks
from repro_audit.facts.workflows import Workflow, Workflows

if TYPE_CHECKING:
    from repro_audit.facts.shell import Command

TESTS = re.compile(
    r"\b(pytest|unittest|tox|nox|ctest|nose2?|hatch (run )?test|make (test|check|smoke|reproduce)|"
    r"just test|run_tests?|setup\.py test)\b"
)
NO_RUN = {"echo", "printf", "pip", "pip3", "conda", "mamba", "apt", "apt-get", "cat", "cp", "git"}
# A line of a shell script that runs Python code of the project, not an installer or a formatter.
PYTHON_RUN = re.compile(
    r"^\s*(time )?(python3?|torchrun|uv run( python3?)?) (?!-m (pip|venv)|setup)[\w./-]+\.py\b"
)


def auto_ci(repo: Repository) -> Verdict:
    """A workflow that starts by itself installs the project and runs its tests."""
    workflows = repo.fact(Workflows).all
    fix = "Add a workflow that installs the lock and runs the tests on every push"
    testing: list[Evidence] = []
    others: list[Evidence] = []
    for workflow in workflows:
        run = [command for command in workflow.commands if tests(repo, command)]
        strict = [command for command in run if not command.forgiven]
        if strict and starts_itself(workflow):
            testing.append(strict[0].evidence(f"runs {quoted(strict[0].text)}"))
        else:
            reason = reason_of(run)
            others.append(Evidence(workflow.path, 1, reason))
    if testing:
        return passed("Continuous integration runs the tests.", *testing)
    elsewhere = [use for workflow in workflows for use in workflow.uses if use.whole]
    if elsewhere:
        seen = [use.evidence(f"runs {use.name}, which stands elsewhere") for use in elsewhere]
        return unknown("What the workflow of another repository runs cannot be read.", *seen)
    if others:
        return partial("Continuous integration runs, and not the tests.", *others, fix=fix)
    return failed(
        "There is no continuous integration.",
        Evidence(".", 0, "no workflow of a known service"),
        fix=fix,
    )


def reason_of(run: list[Command]) -> str:
    """Say why a workflow does not test by itself."""
    if not run:
        return "runs no tests"
    if all(command.forgiven for command in run):
        return "goes on when the tests fail"
    return "is started by hand only"


def tests(repo: Repository, command: Command) -> bool:
    """Say whether a command runs tests, itself or through a task."""
    if command.program in NO_RUN or {"install", "add"} & set(command.words[:4]):
        return False
    tasks = repo.fact(Tasks)
    task = tasks.started_by(command)
    if task is not None and task.commands:
        inner = [item for item in tasks.run_by(task) if item.program not in NO_RUN]
        return any(TESTS.search(item.text) or runs_project(repo, item) for item in inner)
    if TESTS.search(command.text):
        return "lint" not in command.text or "test" in command.text
    return runs_project(repo, command)


def runs_project(repo: Repository, command: Command) -> bool:
    """Say whether a command runs a script that trains, itself or through a shell script."""
    named = script_of(command)
    path = find(repo, repo.fact(PythonIndex), named) if named else None
    trains = {item.entry for item in repo.fact(Randomness).paths if item.trains}
    if path is None or path.startswith((".github/", "docs/")):
        return False
    if path in trains:
        return True
    text = (repo.text(path) or "") if path.endswith(".sh") else ""
    lines = [line[:500] for line in text.splitlines() if not line.lstrip().startswith("#")]
    return any(PYTHON_RUN.search(line) or TESTS.search(line) for line in lines)


def starts_itself(workflow: Workflow) -> bool:
    """Say whether a workflow runs on more than a button."""
    if workflow.service != "github":
        # Azure: neither a push nor a pull request, and no clock.
        off = {entry.key for entry in workflow.entries if str(entry.value).lower() == "none"}
        timed = any(entry.key.startswith("schedules") for entry in workflow.entries)
        return timed or not off.issuperset({"trigger", "pr"})
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
