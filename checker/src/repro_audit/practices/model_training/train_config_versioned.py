"""Judge whether hyperparameters stand in versioned configuration."""

from __future__ import annotations

import re

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.configs import Configs
from repro_audit.facts.flags import Flags
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.randomness import Randomness

HYPER = re.compile(
    r"^(lr|learning_rate|batch_size|epochs|num_epochs|max_epochs|n_epochs|weight_decay|hidden\w*|dropout|"
    r"n_estimators|max_depth|optimizer|momentum|num_layers|n_layers|steps|max_steps|alpha|gamma|latent\w*|"
    r"kernel_size|embedding_dim|dim|warmup\w*|beta|train_batch_size|max_iter|n_clusters)$",
    re.IGNORECASE,
)
MODULE = re.compile(r"(^|/)(configs?|conf|settings|hparams|params)(/[\w-]+)*\.py$")
ENOUGH = 2


def train_config_versioned(repo: Repository) -> Verdict:
    """Values that shape training stand in committed configuration or in defaults of flags."""
    trains = training_calls(repo)
    if not trains:
        return nothing_trained(repo)
    kept = [
        entry.evidence(f"{entry.key} is {entry.value}")
        for file in repo.fact(Configs).files.values()
        for entry in file.entries
        if HYPER.match(entry.key.rpartition(".")[2])
    ]
    kept += [
        Evidence(path, item.line, f"{item.target} is kept in a configuration module")
        for path, item in repo.fact(PythonIndex).assignments("*")
        if MODULE.search(path) and not item.scope and HYPER.match(item.target)
    ]
    flags = [
        Evidence(flag.path, flag.line, f"{flag.spelled} has a default")
        for name, found in repo.fact(Flags).by_name.items()
        for flag in found
        if HYPER.match(name) and flag.default is not None
    ]
    bare = [path for path in starts(repo) if not any(seen.path == path for seen in flags)]
    fix = "Move the values to a configuration file, and read them from there"
    if len(flags) >= ENOUGH > len(kept) and len(bare) * 2 > len(starts(repo)):
        seen = [Evidence(path, 1, "trains with values from the code") for path in bare]
        return partial("Most training scripts keep their values in the code.", *seen, fix=fix)
    if len(kept) >= ENOUGH or len(flags) >= ENOUGH:
        return passed("Hyperparameters stand in configuration.", *kept, *flags)
    constants = [
        Evidence(path, item.line, f"{item.target} is set in the code")
        for path, item in repo.fact(PythonIndex).assignments("*")
        if HYPER.match(item.target.rpartition(".")[2]) and item.scope == ""
    ]
    if kept or flags or constants:
        some = [*kept, *flags, *constants]
        return (partial if kept or flags else failed)(
            "Hyperparameters stand in the code.", *some, fix=fix
        )
    return failed(
        "No configuration of the training is kept.",
        *(call.evidence("trains with values from the code") for call in trains[:3]),
        fix=fix,
    )


def starts(repo: Repository) -> list[str]:
    """Return the scripts that train and set a value that shapes training at their top."""
    index = repo.fact(PythonIndex)
    trained = {path.entry for path in repo.fact(Randomness).main() if path.trains}
    flagged = {flag.path for found in repo.fact(Flags).by_name.values() for flag in found}
    held = {
        path
        for path, item in index.assignments("*")
        if not item.scope and HYPER.match(item.target.rpartition(".")[2])
    }
    return sorted(trained & (held | flagged))
