"""The record of a verification: `repro-record.json`, which the audit reads as proof."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from repro_audit.recording import document
from repro_audit.recording.sources import digests, lock_digests

if TYPE_CHECKING:
    from repro_audit.verify.compare.difference import Difference
    from repro_audit.verify.experiment import Findings, Outcome
    from repro_audit.verify.lab import Lab

MOST_DIFFERENCES = 100


def as_document(lab: Lab, findings: Findings, started: str, seconds: float) -> dict[str, Any]:
    """Return the record of what was found; only `started` and the seconds tell the time."""
    plan, source = lab.plan, lab.source
    pristine = lab.pristine / source.inside
    return document.head(
        list(plan.command),
        source.commit,
        equal=findings.equal,
        within_tolerance=findings.within,
        variations=[variation(item) for item in findings.outcomes],
        causes=[asdict(item) for item in findings.causes],
        together=combination(findings),
        skipped=[{"name": item.name, "reason": item.why} for item in findings.skipped],
        failed=findings.reference.reason if findings.reference.failed else None,
        outputs=dict(sorted(findings.reference.written.files.items())),
        expect=list(plan.expect),
        tolerances=[
            {"pattern": item.pattern, "relative": item.relative, "absolute": item.absolute}
            for item in plan.tolerances
            if not item.ignore
        ],
        ignored=[item.pattern for item in plan.tolerances if item.ignore],
        lock_digest=lock_digests(pristine, source.paths),
        data_digests=digests(pristine, lab.data),
        isolation={
            "by": lab.tools.isolation,
            "network": findings.base.network,
            "limits": asdict(plan.limits),
        },
        environment=document.environment_part(lab.interpreter),
        machine=document.machine_part(lab.machine),
        notes=list(findings.notes),
        started=started,
        seconds=round(seconds, 3),
    )


def combination(findings: Findings) -> dict[str, Any] | None:
    """Describe the run under all variations at once, or the few that make it differ."""
    found = findings.combined
    return None if found is None else {"names": list(found.names), "equal": found.equal}


def variation(outcome: Outcome) -> dict[str, Any]:
    """Describe one variation."""
    return {
        "name": outcome.name,
        "equal": outcome.equal,
        "within_tolerance": outcome.within,
        "condition": outcome.told,
        "differences": [difference(item) for item in listed(outcome)],
        "same_content": [item.path for item in outcome.differences if item.same],
        "seconds": round(outcome.seconds, 3),
    }


def listed(outcome: Outcome) -> list[Difference]:
    """Return the differences that count, bounded."""
    return [item for item in outcome.differences if not item.same][:MOST_DIFFERENCES]


def difference(item: Difference) -> dict[str, Any]:
    """Describe one output that differs."""
    return {"path": item.path, "what": item.what, "within_tolerance": item.within}
