"""Judge whether the machine behind the results is described."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import no_learning, nothing_trained, only_software
from repro_audit.facts.hardware import Hardware
from repro_audit.facts.statements import looked_in


def hw_described(repo: Repository) -> Verdict:
    """A document, job script or report names the processors, and how many, or how much memory."""
    absent = no_learning(repo)
    if absent is not None:
        return absent
    found = repo.fact(Hardware)
    fix = "Write into the README: model and number of processors, memory, driver, CUDA version"
    if found.named:
        return passed("The machine is named.", *found.named, *found.stack, *found.memory)
    sizes = (found.counted, found.memory, found.stack, found.durations)
    some = [item for kind in sizes for item in kind]
    if found.counted and sum(1 for kind in sizes if kind) > 1:
        return passed("The size of the machine is stated.", *some)
    if found.wished:
        return partial(
            "A machine is asked for or recommended; which one was used is not said.",
            *found.wished,
            *some,
            fix=fix,
        )
    some += [*found.totals, *found.epochs, *found.limits]
    if some:
        return partial("Something is said about the machine, but not which.", *some, fix=fix)
    if only_software(repo):
        return nothing_trained(repo)
    seen = looked_in(repo, "nothing about processors, memory, CUDA or run time")
    return failed("The hardware behind the results is not described.", seen, fix=fix)
