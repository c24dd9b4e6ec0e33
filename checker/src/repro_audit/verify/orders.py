"""What the agent inside a child is told: a file of orders, and the path by which Python finds it.

The agent is a `sitecustomize` of the standard library alone. It is there only in runs that need
it: listing folders backwards, another seed, and the traced runs that look for a cause.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repro_audit.verify.conditions import Condition

VARIABLE = "REPRO_AUDIT_ORDERS"
UNTRACED = "untraced.json"
# Where a run that is made again keeps what it logs.
TRACKED, ARTIFACTS = "mlflow.db", "mlflow-artifacts"


def write_orders(
    condition: Condition,
    orders: Mapping[str, object] | None,
    work: Path,
    kept: Path,
    environment: dict[str, str],
) -> Path | None:
    """Write the orders of a run and point its environment at them; return where traces go."""
    if orders is None and not condition.needed_shims:
        return None
    (kept / "orders").mkdir()
    told: dict[str, object] = {"shims": list(condition.needed_shims), "tree": str(condition.tree)}
    (kept / "orders" / UNTRACED).write_text(json.dumps(told), "utf-8")
    trace = None
    if orders is not None:
        trace = kept / "trace"
        trace.mkdir()
        if "track" in orders:
            told |= {**orders, "notes": str(trace), "track": tracked(trace, orders["track"])}
            environment["MLFLOW_TRACKING_URI"] = f"sqlite:///{trace / TRACKED}"
        else:
            told |= {**orders, "trace": str(trace)}
    path = kept / "orders" / "orders.json"
    path.write_text(json.dumps(told), "utf-8")
    before = environment.get("PYTHONPATH", "")
    agent = str(work / "agent")
    environment["PYTHONPATH"] = f"{agent}:{before}" if before else agent
    environment[VARIABLE] = str(path)
    return trace


def untraced(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment whose orders ask for no trace."""
    found = dict(environment)
    if VARIABLE in found:
        found[VARIABLE] = str(Path(found[VARIABLE]).with_name(UNTRACED))
    return found


def tracked(folder: Path, given: object) -> dict[str, object]:
    """Return the orders for tracking: a store of its own for each run."""
    own: dict[str, object] = {
        "uri": f"sqlite:///{folder / TRACKED}",
        "artifacts": (folder / ARTIFACTS).as_uri(),
    }
    return own | (given if isinstance(given, dict) else {})
