"""Judge whether training has one documented start."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.invocations import Invocation, Invocations
from repro_audit.facts.kind import training_calls
from repro_audit.facts.randomness import Randomness


def train_entrypoint(repo: Repository) -> Verdict:
    """The README shows the command that starts training, and what it names exists."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    scripts = {path.entry for path in repo.fact(Randomness).paths if path.trains}
    shown = repo.fact(Invocations).shown
    starts = [item for item in shown if item.path in scripts or runs_training(item)]
    fix = "Show the exact command that trains, in the README"
    wrong = [item.command.evidence(item.problem) for item in shown if item.problem]
    good = [item for item in starts if not item.problem]
    if good and not wrong:
        return passed(
            "The README shows how to start training.",
            *(item.command.evidence(item.command.text[:100]) for item in good),
        )
    if wrong:
        return (partial if good else failed)(
            "A documented command cannot run as written.", *wrong, fix=fix
        )
    if scripts:
        seen = [
            Evidence(path, 1, "trains, and no document shows its command")
            for path in sorted(scripts)
        ]
        return partial("A script trains, and no document shows the command.", *seen, fix=fix)
    return failed(
        "No command that starts training is documented.",
        *(call.evidence("trains here") for call in trains[:3]),
        fix=fix,
    )


def runs_training(item: Invocation) -> bool:
    """Say whether a task's name says that it trains."""
    name = item.task.name.lower() if item.task else ""
    return any(word in name for word in ("train", "fit", "reproduce", "experiment"))
