"""Judge whether data is validated before it is used."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, passed
from repro_audit.facts.data import VALIDATORS, Data, asserted, validations
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import PythonIndex


def data_validated(repo: Repository) -> Verdict:
    """Reached code checks the data against expectations and stops when they do not hold."""
    data = repo.fact(Data)
    trains = training_calls(repo)
    if not data.used and not trains:
        return not_applicable("The code reads no data.")
    seen = [*validations(repo), *asserted(repo)]
    if seen:
        return passed("Data is checked before it is used.", *seen)
    fix = "Check columns, types and ranges where data is loaded, for example with pandera"
    idle = [
        Evidence(path, line, f"{top} is imported and no check of it is reached")
        for path, line, top in repo.fact(PythonIndex).imported(*VALIDATORS)
    ]
    calls = (*data.reads, *data.named, *data.fetched, *data.bundled, *trains)
    reads = [call.evidence(f"{call.name} is used without a check of the data") for call in calls]
    return failed(
        "Nothing checks the data before it is used.", *idle, *reads, *data.targets, fix=fix
    )
