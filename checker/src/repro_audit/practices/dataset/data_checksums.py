"""Judge whether the bytes of the data are checked."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.data import Data, committed, comparisons, digests, sum_commands
from repro_audit.facts.prose import script_commands
from repro_audit.facts.tasks import Tasks

VERIFIED = (
    "torchvision.",
    "keras.datasets",
    "tensorflow.keras.datasets",
    "tensorflow_datasets.",
    "sklearn.datasets.fetch_",
)


def data_checksums(repo: Repository) -> Verdict:
    """Expected digests stand in the repository, and the data is compared with them."""
    data = repo.fact(Data)
    listed = list(digests(repo))
    checked = list(comparisons(repo))
    commands = [*script_commands(repo)]
    commands += [command for task in repo.fact(Tasks).all for command in task.commands]
    checked += list(sum_commands(iter(commands)))
    stored = list(committed(repo))
    verified = [
        call.evidence(f"{call.name} checks what it downloads")
        for call in data.named
        if call.name.startswith(VERIFIED)
    ]
    if not (data.used or stored or listed):
        return not_applicable("The code reads no data from outside.")
    dvc = [item for item in listed if item.path.endswith((".dvc", "dvc.lock"))]
    if checked or dvc or verified:
        return passed("Data is compared with expected digests.", *checked, *dvc, *verified, *listed)
    fix = "sha256sum data/* > data/SHA256SUMS, and check it before training"
    if listed:
        return partial("Digests are listed and nothing compares them.", *listed, fix=fix)
    if stored and not data.fetched:
        return passed("The data stands in the repository, where git fixes its bytes.", *stored)
    if not (data.fetched or data.reads or data.named or data.targets):
        return not_applicable("The data comes with an installed package, which fixes it.")
    calls = (*data.fetched, *data.reads, *data.named)
    seen = [call.evidence(f"{call.name} takes the bytes as they come") for call in calls]
    return failed("Data is used without any check of its bytes.", *seen, *data.targets, fix=fix)
