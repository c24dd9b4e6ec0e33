"""Judge whether the number of devices and threads belongs to the recipe."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.parallel import Parallel


def hw_distributed_recorded(repo: Repository) -> Verdict:
    """Where work is spread over devices or threads, their number is written down."""
    found = repo.fact(Parallel)
    if not found.uses:
        return not_applicable("No code that is reached spreads training over devices or threads.")
    fix = "Write the number of devices into the configuration or the command: --nproc_per_node=4"
    if found.counted:
        return passed("The number of devices or threads is recorded.", *found.counted, *found.uses)
    if found.automatic:
        return partial(
            "The number of devices is whatever the machine has.",
            *found.automatic,
            *found.uses,
            fix=fix,
        )
    return failed("On how many devices is not recorded.", *found.uses, fix=fix)
