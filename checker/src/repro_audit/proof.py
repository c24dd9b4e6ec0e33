"""From records to proof: which practices a run has decided, and what to say of the records.

A record decides a practice when it is of this tree and every variation in the practice's
`proved_by` came out equal in it. A run settles doubt and never excuses a fault: where reading
shows one, the practice stays as it is and nothing is proven.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from repro_audit.facts.records import Records
from repro_audit.model import Basis, Proof, Rerun, Result, Status, passed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_audit.repository import Repository


def prove(results: Sequence[Result], repo: Repository, left_out: set[str]) -> tuple[Result, ...]:
    """Return the results with those that a current record decides marked as executed."""
    records = repo.fact(Records)
    return tuple(
        item if item.practice.id in left_out else decided(item, records) for item in results
    )


def decided(item: Result, records: Records) -> Result:
    """Mark one result as executed, where a record is the run that it waits for."""
    wanted = item.practice.proved_by
    if item.verdict.status not in (Status.PASS, Status.UNKNOWN) or not records.proves(wanted):
        return item
    record = next(record for record in records.current if record.proves(wanted))
    seen = record.evidence(f"re-runs came out equal: {', '.join(wanted)}")
    if item.verdict.status is Status.PASS:
        verdict = replace(item.verdict, evidence=(seen, *item.verdict.evidence))
    else:
        verdict = passed(f"Re-runs came out equal; reading alone: {item.verdict.summary}", seen)
    return replace(item, verdict=verdict, basis=Basis.EXECUTED)


def proof(repo: Repository) -> Proof:
    """Name the record that counts, or the stale one with the reason."""
    records = repo.fact(Records)
    for record in (*records.current, *records.all):
        reruns = tuple(Rerun(item.name, item.equal, item.moved) for item in record.variations)
        return Proof(record.path, record.stale or None, record.command, reruns, record.causes)
    return Proof()


def notices(repo: Repository) -> Iterator[str]:
    """Say which records prove nothing, and where a re-run came out otherwise."""
    records = repo.fact(Records)
    for record in records.all:
        if record.stale:
            yield f"The record {record.path} is stale and proves nothing: {record.stale}."
            continue
        for variation in record.variations:
            if not variation.equal:
                where = "; ".join(variation.differences[:3]) or "no difference is named"
                yield f"The record {record.path}: the re-run {variation.name} differs ({where})."
        for cause in record.causes[:10]:
            yield f"The record {record.path} names a cause: {cause}."
    for item in records.broken:
        yield f"{item.path} is called like a record and is none: it {item.message}."
