"""Judge whether training has one documented start."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.invocations import Invocation, Invocations, find, script_of
from repro_audit.facts.kind import training_calls
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.steps import Steps, leads
from repro_audit.facts.tasks import Tasks

FIX = "Show the exact command that trains, in the README"
TRAINS = re.compile(r"(^|[/_.-])(train|fit|fine-?tune|pre-?train|main|run)", re.IGNORECASE)


def train_entrypoint(repo: Repository) -> Verdict:
    """The README shows the command that starts training, and what it names exists."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    scripts = {path.entry for path in repo.fact(Randomness).paths if path.trains}
    shown = repo.fact(Invocations).shown
    starts = [item for item in shown if item.path in scripts or runs_training(item, repo, scripts)]
    good = [item for item in starts if not item.problem]
    # Where one command trains, what is wrong in other documents matters if it is to train too.
    readme = repo.fact(Prose).readme
    first = readme.path if readme is not None else ""
    told = [
        item
        for item in shown
        if not good or item.command.path == first or item in starts or TRAINS.search(item.problem)
    ]
    wrong = [item.command.evidence(item.problem) for item in told if item.problem]
    if good and not wrong:
        return passed(
            "The README shows how to start training.",
            *(item.command.evidence(quoted(item.command.text)) for item in good),
        )
    if wrong:
        return (partial if good else failed)(
            "A documented command cannot run as written.", *wrong, fix=FIX
        )
    return untold(repo, scripts)


def untold(repo: Repository, scripts: set[str]) -> Verdict:
    """Judge what stands in a command's place: an opened notebook, a name, code to copy, nothing."""
    opened = repo.fact(Steps).notebooks
    if opened and all(path.endswith(".ipynb") for path in scripts):
        return passed("The README shows how to run the notebook that trains.", *opened)
    steps = repo.fact(Steps)
    if scripts and steps.named:
        said = "A script that trains is named, and no command is given."
        return partial(said, *steps.named, fix=FIX)
    if scripts and steps.examples:
        said = "Training is shown as code to copy, not as a command."
        return partial(said, *steps.examples, fix=FIX)
    if scripts:
        seen = [
            Evidence(path, 1, "trains, and no document shows its command")
            for path in sorted(scripts)
        ]
        return partial("A script trains, and no document shows the command.", *seen, fix=FIX)
    return failed(
        "No command that starts training is documented.",
        *(call.evidence("trains here") for call in training_calls(repo)[:3]),
        fix=FIX,
    )


def runs_training(item: Invocation, repo: Repository, scripts: set[str]) -> bool:
    """Say whether a task's name says that it trains, or what it or a shell script leads to does."""
    if item.task is None:
        return leads(repo, item.path, sorted(scripts))
    if any(word in item.task.name.lower() for word in ("train", "fit", "reproduce", "experiment")):
        return True
    named = [script_of(command) for command in repo.fact(Tasks).run_by(item.task)]
    index = repo.fact(PythonIndex)
    return any(find(repo, index, name) in scripts for name in named if name)
