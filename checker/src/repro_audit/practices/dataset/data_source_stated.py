"""Judge whether the origin of the data is written down."""

from __future__ import annotations

from repro_audit import (
    Repository,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.data import Data
from repro_audit.facts.datadocs import DataDocs
from repro_audit.facts.kind import training_calls
from repro_audit.facts.origins import Origins, left_to_user, stepped
from repro_audit.facts.python import PythonIndex


def data_source_stated(repo: Repository) -> Verdict:
    """Each data set has a name and an address, in prose or in the call that loads it."""
    data, origins, docs = repo.fact(Data), repo.fact(Origins), repo.fact(DataDocs)
    stored = origins.stored
    if left_to_user(repo):
        return not_applicable("The package reads what its users give it, and brings no data.")
    if stepped(repo):
        return not_applicable("An environment gives the experience; no data is read.")
    if not (data.used or stored or origins.any):
        trained = training_calls(repo)
        if trained:
            return unknown("Models are trained and no data is seen.", trained[0].evidence("trains"))
        return not_applicable("The code reads no data.")
    described = [seen for _, seen in repo.fact(Croissant).addressed()]
    seen = [*docs.addressed, *described, *origins.fetched, *origins.made]
    seen += [
        call.evidence(f"{call.name} names a public data set")
        for call in (*origins.named, *data.bundled)
    ]
    fix = "Write a section on data in the README: its name, its address, who made it"
    told = {item.path.rpartition("/")[0] for item in seen}
    lacking = [item for item in docs.nameless if item.path.rpartition("/")[0] not in told]
    if seen and lacking:
        summary = "The origin of some of the data is stated, of other data it is not."
        return partial(summary, *lacking, *seen, fix=fix)
    if seen:
        return passed("The origin of the data is stated.", *seen)
    if docs.bare or docs.mentioned:
        summary = "Data is described without an address."
        return partial(summary, *docs.bare, *docs.mentioned, fix=fix)
    shown = [item for item in origins.shown if "://" in item.message]
    if shown:
        return passed("The documents show from where the data is fetched.", *shown)
    reads = [call.evidence(f"{call.name} reads data of unknown origin") for call in data.reads]
    if not reads and not stored:
        return unknown("Data is used, and nothing shows how it is read.")
    if not reads and not any(repo.fact(PythonIndex).live()):
        return unknown("No code reads the data that stands here, nor is its origin told.", *stored)
    return failed("Data is read and nothing says where it comes from.", *(reads or stored), fix=fix)
