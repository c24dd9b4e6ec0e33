"""Judge whether one command regenerates the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.invocations import Invocation, Invocations, find, script_of
from repro_audit.facts.kind import training_calls
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.shell import commands
from repro_audit.facts.steps import Steps, leads
from repro_audit.facts.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro_audit.facts.shell import Command
    from repro_audit.facts.task import Task

WHOLE = re.compile(
    r"^(all|reproduce|repro|results|paper|pipeline|run[_-]?all|experiments?|everything|figures|table\w*)$",
    re.IGNORECASE,
)
# One command of these runs the whole pipeline; what the last two run is not written as commands.
WHOLE_RUNNERS = {"dvc", "snakemake", "nextflow", "kedro"}
SILENT = {"snakemake", "kedro"}
IDLE = {"echo", "printf", "true", ":", "mkdir", "cd", "set", "export", "exit", "touch", "rm"}
SCRIPT = re.compile(
    r"(^|/)(reproduce|run_?all|run_experiments|main_results|pipeline|replicate)[\w-]*\.(sh|py)$",
    re.IGNORECASE,
)


# A script whose name says that it makes what is reported.
ENDS = re.compile(r"(eval|test|result|table|figure|plot|report|score|metric)\w*\.(py|ipynb)$")


def auto_one_command(repo: Repository) -> Verdict:
    """A task or script leads from data to final results, calls what exists, and is documented."""
    if not training_calls(repo):
        return nothing_trained(repo)
    fix = "Offer one task, for example `nox -s reproduce`, that validates, trains and evaluates"
    shown = [item for item in repo.fact(Invocations).shown if not item.problem]
    told: set[Task | str] = {item.path for item in shown}
    told |= {item.task for item in repo.fact(Invocations).shown if item.task}
    broken, found = candidates(repo)
    named = [evidence for key, evidence in found if key in told]
    named += [item.command.evidence("trains and evaluates") for item in shown if whole(repo, item)]
    hidden = [evidence for key, evidence in found if key not in told]
    if named:
        return passed("One documented command regenerates the results.", *named)
    if hidden and not broken:
        return partial("A task for everything exists and is not documented.", *hidden, fix=fix)
    steps = repo.fact(Steps)
    single = [
        item.command.evidence(quoted(item.command.text))
        for item in shown
        if starts_work(repo, item, set(steps.trained))
    ]
    single = [*single[:8], *steps.named]
    if broken and not single:
        return failed("The task for everything cannot run.", *broken, fix=fix)
    if broken:
        summary = "The task for everything cannot run; each step has a command of its own."
        return partial(summary, *broken, *single, fix=fix)
    if single:
        return partial("Results take one command for each step.", *single, fix=fix)
    mains = [task for task in repo.fact(Tasks).find("^main$") if task.runner == "mlflow"]
    if mains:
        starts = [task.evidence(f"{task.spelled} starts the project") for task in mains]
        return partial("A task exists and is not documented.", *starts, fix=fix)
    readme = repo.fact(Prose).readme
    seen = Evidence(".", 0, "no README and no task file")
    seen = readme.at(1, "shows no command") if readme else seen
    return failed("No command regenerates the results.", seen, fix=fix)


def whole(repo: Repository, item: Invocation) -> bool:
    """Say whether a shell script starts a script that trains and one that shows results."""
    text = repo.text(item.path) or ""
    if item.task is not None or not leads(repo, item.path, [*repo.fact(Steps).trained]):
        return False
    scripts = {script_of(command) or "" for command in commands(text, item.path)}
    return any(ENDS.search(script) for script in scripts)


def starts_work(repo: Repository, item: Invocation, trained: set[str]) -> bool:
    """Say whether a command starts an experiment; one that builds or serves does not."""
    if item.task is not None:
        return item.task.runner in WHOLE_RUNNERS or any(
            script_of(command) for command in item.task.commands
        )
    same = {path.rpartition("/")[2] for path in trained}
    return leads(repo, item.path, sorted(trained)) or item.path.rpartition("/")[2] in same


def candidates(repo: Repository) -> tuple[list[Evidence], list[tuple[Task | str, Evidence]]]:
    """Return tasks for everything that cannot run, and tasks and scripts that can."""
    broken: list[Evidence] = []
    found: list[tuple[Task | str, Evidence]] = []
    for task in repo.fact(Tasks).all:
        if not WHOLE.match(task.name) and task.runner not in WHOLE_RUNNERS:
            continue
        missing = missing_script(repo, task)
        if missing:
            broken.append(task.evidence(f"calls {missing}, which does not exist"))
        elif task.runner not in SILENT and not does(repo.fact(Tasks).run_by(task)):
            broken.append(task.evidence("does nothing"))
        else:
            # One step of a pipeline stands for all: without a name, all are run.
            start = "dvc repro" if task.runner == "dvc" else task.spelled
            found.append((task, task.evidence(f"{start} runs everything")))
    for file in repo.files:
        if SCRIPT.search(file.path) and not file.path.startswith(("tests/", ".github/")):
            shell = file.suffix == ".sh"
            if shell and not does(commands(repo.text(file.path) or "", file.path)):
                broken.append(Evidence(file.path, 1, "does nothing"))
            else:
                found.append((file.path, Evidence(file.path, 1, "the script that runs everything")))
    return broken, found


def does(found: Iterable[Command]) -> bool:
    """Say whether commands do more than speak and make folders."""
    return any(command.program not in IDLE for command in found)


def missing_script(repo: Repository, task: Task) -> str | None:
    """Return a script that a task calls and that is not there."""
    index = repo.fact(PythonIndex)
    for command in task.commands:
        named = script_of(command)
        own = named is not None and not (
            named.startswith("-m ") and named[3:].partition(".")[0] not in index.tops
        )
        if own and named and not re.search(r"[$<{*]", named) and find(repo, index, named) is None:
            return named
    return None
