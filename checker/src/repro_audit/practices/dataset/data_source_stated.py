"""Judge whether the origin of the data is written down."""

from __future__ import annotations

import re

from repro_audit import (
    Evidence,
    Repository,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.facts.data import Data, committed
from repro_audit.facts.kind import training_calls
from repro_audit.facts.prose import Prose, script_commands

ADDRESS = r"https?://|\b10\.\d{4,9}/\S+|doi\.org"
ABOUT = r"\bdata(set|sets)?\b|\bcorpus\b|\bcorpora\b|\bbenchmark"
MADE = r"(simulat|generat|synthe)\w*"


def data_source_stated(repo: Repository) -> Verdict:
    """Each data set has a name and an address, in prose or in the call that loads it."""
    data = repo.fact(Data)
    stored = list(committed(repo))
    if not data.used and not stored:
        trained = training_calls(repo)
        if trained:
            return unknown("Models are trained and no data is seen.", trained[0].evidence("trains"))
        return not_applicable("The code reads no data.")
    seen = described(repo)
    seen += [
        call.evidence(f"{call.name} names a public data set")
        for call in (*data.named, *data.bundled)
    ]
    seen += list(data.targets)
    seen += [call.evidence(f"{call.name} fetches from an address") for call in data.fetched]
    seen += [
        command.evidence("fetches data")
        for command in script_commands(repo)
        if command.program in {"wget", "curl", "gdown", "kaggle", "aws", "gsutil"}
    ]
    if seen:
        return passed("The origin of the data is stated.", *seen)
    fix = "Write a section on data in the README: its name, its address, who made it"
    mentions = [
        document.at(heading.line, "speaks of data and gives no address")
        for document in repo.fact(Prose).documents
        for heading in document.section(ABOUT)
    ]
    if mentions:
        return partial("Data is described without an address.", *mentions, fix=fix)
    reads = [call.evidence(f"{call.name} reads data of unknown origin") for call in data.reads]
    return failed("Data is read and nothing says where it comes from.", *(reads or stored), fix=fix)


def described(repo: Repository) -> list[Evidence]:
    """Return the sections on data that hold an address, or say how the data is made."""
    found: list[Evidence] = []
    for document in repo.fact(Prose).documents:
        for heading in document.section(ABOUT):
            for number, line in enumerate(
                document.lines[heading.line : heading.end], heading.line + 1
            ):
                if re.search(ADDRESS, line[:2000]) or re.search(MADE, line[:2000], re.IGNORECASE):
                    found.append(
                        document.at(
                            number, f"the section {heading.text!r} says where data comes from"
                        )
                    )
                    break
    return found
