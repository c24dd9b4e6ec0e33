"""Judge whether exact steps are given."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.invocations import Invocations
from repro_audit.facts.kind import Kind, training_calls
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted
from repro_audit.facts.steps import Steps
from repro_audit.facts.tasks import Tasks


def doc_repro_steps(repo: Repository) -> Verdict:
    """The README gives commands, in order, that call what exists and start the training."""
    serves = repo.fact(Kind).name in {"library", "app"}
    if not training_calls(repo) and (serves or not repo.fact(Tasks).all):
        return nothing_trained(repo)
    shown, steps = repo.fact(Invocations).shown, repo.fact(Steps)
    good = [item.command.evidence(quoted(item.command.text)) for item in shown if not item.problem]
    good += steps.notebooks
    wrong = [item.command.evidence(item.problem) for item in shown if item.problem]
    fix = "Write the commands from installation to final numbers into the README, in order"
    if wrong and (len(wrong) * 4 > len(good) or not good):
        exists = good or any(item.path for item in shown if item.problem)
        summary = "Some documented commands cannot run as written."
        return (partial if exists else failed)(summary, *wrong, fix=fix)
    if good and not (steps.mostly_shown or steps.notebooks):
        seen = [Evidence(path, 1, "trains, and no command starts it") for path in steps.unshown]
        return partial("Some of the training has no documented command.", *seen, *good, fix=fix)
    if good and steps.edits:
        return partial("Some results need an edited file.", *steps.edits, *good, fix=fix)
    if good:
        return passed(f"{len(good)} command(s) are given and call what exists.", *good, *wrong)
    if steps.named:
        return partial("A script is named, and no command is given.", *steps.named, fix=fix)
    if steps.examples:
        return partial("Steps are given as code to copy.", *steps.examples, fix=fix)
    readme = repo.fact(Prose).readme
    seen = [readme.at(1, "shows no command that runs the project")] if readme else []
    seen = seen or [Evidence(".", 0, "no README")]
    return failed("No command that runs the project is documented.", *seen, fix=fix)
