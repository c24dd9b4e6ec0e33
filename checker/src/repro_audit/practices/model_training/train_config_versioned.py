"""Judge whether hyperparameters stand in versioned configuration."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.hyperparameters import Hyperparameters
from repro_audit.facts.kind import training_calls
from repro_audit.facts.mains import Mains
from repro_audit.facts.results import Results

ENOUGH = 2
SEVERAL = 3


def train_config_versioned(repo: Repository) -> Verdict:
    """Values that shape training stand in committed configuration or in defaults of flags."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    found = repo.fact(Hyperparameters)
    outside = (*found.kept, *found.commands)
    bare, all_starts = bare_starts(repo, found)
    fix = "Move the values to a configuration file, and read them from there"
    if len(found.flags) >= ENOUGH > len(outside) and len(bare) * 2 > all_starts:
        seen = [Evidence(path, 1, "trains with values from the code") for path in bare]
        return partial("Most training scripts keep their values in the code.", *seen, fix=fix)
    stated = [table for table in repo.fact(Results).tables if len(table.rows) >= SEVERAL]
    if len(found.flags) >= ENOUGH and not outside and stated:
        return unknown(
            "Values are defaults, and whether they made all stated results is for the authors.",
            *(table.evidence("results of several settings") for table in stated),
            *found.flags,
        )
    if len(found.kept) >= ENOUGH or len(found.flags) >= ENOUGH or found.commands:
        return passed("Hyperparameters stand in configuration.", *outside, *found.flags)
    if outside or found.flags:
        some = [*outside, *found.flags, *found.constants]
        return partial("Hyperparameters stand in the code.", *some, fix=fix)
    if found.constants:
        return failed("Hyperparameters stand in the code.", *found.constants, fix=fix)
    if found.written:
        return failed("Hyperparameters stand in the code.", *found.written, fix=fix)
    return failed(
        "No configuration of the training is kept.",
        *(call.evidence("trains with values from the code") for call in trains[:3]),
        fix=fix,
    )


def bare_starts(repo: Repository, found: Hyperparameters) -> tuple[list[str], int]:
    """Return the experiments that set values at their top and take none, and how many set any."""
    flagged = {seen.path for seen in found.flags}
    held = {seen.path for seen in (*found.constants, *found.written)}
    starts = [path for path in repo.fact(Mains).entries if path in held | flagged]
    return [path for path in starts if path not in flagged], len(starts)
