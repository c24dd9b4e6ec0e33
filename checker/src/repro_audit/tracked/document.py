"""What was found in a store, as a document of the schema `runs-v1`."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from repro_audit import __version__
from repro_audit.recording.environment import MASK
from repro_audit.running.record import SIGNED_IN
from repro_audit.tracked.matches import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro_audit.tracked.matches import Match, Value
    from repro_audit.tracked.needs import Carried

SCHEMA = "repro-audit/runs/v1"
MOST_VALUES = 10


@dataclass(frozen=True)
class Findings:
    """One audit of a store; `claims` is None where no file was given."""

    uri: str
    runs: Sequence[Carried]
    claims: Sequence[Match] | None = None
    claims_file: str = ""
    notes: Sequence[str] = ()

    @property
    def repeatable(self) -> int:
        """How many runs can be repeated."""
        return sum(item.repeatable for item in self.runs)

    @property
    def good(self) -> bool:
        """Whether there are runs, all can be repeated, and every claim has one."""
        claimed = any(item.state == MISSING for item in self.claims or ())
        return bool(self.runs) and self.repeatable == len(self.runs) and not claimed


def as_document(found: Findings) -> dict[str, Any]:
    """Return the findings as plain values; passwords of an address are hidden."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "repro-audit", "version": __version__},
        "store": SIGNED_IN.sub(f"{MASK}@", found.uri),
        "runs": [run_part(item) for item in found.runs],
        "repeatable": found.repeatable,
        "claims_file": found.claims_file or None,
        "claims": None if found.claims is None else [claim_part(item) for item in found.claims],
        "notes": list(found.notes),
    }


def run_part(item: Carried) -> dict[str, Any]:
    """Describe one run."""
    run = item.run
    return {
        "run_id": run.run_id,
        "name": run.name,
        "experiment": run.experiment,
        "status": run.status,
        "started": moment(run.started),
        "parent": run.parent or None,
        "repeatable": item.repeatable,
        "needs": [asdict(need) for need in item.needs],
    }


def claim_part(item: Match) -> dict[str, Any]:
    """Describe one claim."""
    return {
        "name": item.claim.name,
        "line": item.claim.line or None,
        "text": item.claim.text,
        "state": item.state,
        "by": ("name" if item.by_name else "value") if item.values else None,
        "values": [value_part(value) for value in item.values[:MOST_VALUES]],
        "found": len(item.values),
        "near": None if item.near is None else value_part(item.near),
    }


def value_part(value: Value) -> dict[str, Any]:
    """Describe one number of the store."""
    return {
        "runs": list(value.runs),
        "kind": value.kind,
        "name": value.name,
        "number": value.number,
    }


def moment(milliseconds: int) -> str | None:
    """Write a time of MLflow; None for one that no calendar has."""
    try:
        found = dt.datetime.fromtimestamp(milliseconds / 1000, dt.timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None
    return found.isoformat(timespec="milliseconds") if milliseconds else None
