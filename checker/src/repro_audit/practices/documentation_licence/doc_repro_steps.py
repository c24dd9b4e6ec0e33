"""Judge whether exact steps are given."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.invocations import Invocations
from repro_audit.facts.kind import training_calls
from repro_audit.facts.prose import Prose
from repro_audit.facts.tasks import Tasks


def doc_repro_steps(repo: Repository) -> Verdict:
    """The README gives commands, in order, that call what exists."""
    if not training_calls(repo) and not repo.fact(Tasks).all:
        return nothing_trained(repo)
    shown = repo.fact(Invocations).shown
    good = [item.command.evidence(item.command.text[:100]) for item in shown if not item.problem]
    wrong = [item.command.evidence(item.problem) for item in shown if item.problem]
    fix = "Write the commands from installation to final numbers into the README, in order"
    if good and not wrong:
        return passed(f"{len(good)} command(s) are given and call what exists.", *good)
    if good:
        return partial("Some documented commands cannot run as written.", *wrong, fix=fix)
    if wrong:
        return failed("The documented commands name what does not exist.", *wrong, fix=fix)
    readme = repo.fact(Prose).readme
    seen = (
        readme.at(1, "shows no command that runs the project")
        if readme
        else Evidence(".", 0, "no README")
    )
    return failed("No command that runs the project is documented.", seen, fix=fix)
