"""Tags every MLflow run of an environment with the state of the code; an entry point of MLflow.

https://mlflow.org/docs/latest/ml/plugins/ (`mlflow.run_context_provider`). MLflow is not imported:
it asks any object of this shape.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

PREFIX = "repro_audit"


class Provenance:
    """Commit, whether the tree differs from it, and the digests of lock files and of the patch."""

    def in_context(self) -> bool:
        """Say that there is something to tell; it is looked for once in a process."""
        return bool(self.tags())

    def tags(self) -> dict[str, str]:
        """Return the tags; whatever goes wrong here must not keep MLflow from tracking."""
        try:
            return dict(found(Path.cwd()))
        except Exception:  # noqa: BLE001 - see above
            return {}


@lru_cache(maxsize=8)
def found(here: Path) -> tuple[tuple[str, str], ...]:
    """Look at the work tree that a folder lies in."""
    from repro_audit.recording.sources import lock_digests  # noqa: PLC0415 - MLflow may never ask
    from repro_audit.running.source import work_tree  # noqa: PLC0415

    state = work_tree(here)
    if state.commit is None:
        return ()
    tags = {"commit": state.commit, "dirty": str(state.dirty).lower()}
    if state.patch:
        tags["patch"] = f"sha256:{hashlib.sha256(state.patch).hexdigest()}"
    for path, digest in lock_digests(state.top, sorted(state.tracked)).items():
        tags[f"lock.{path}"] = digest
    if "PYTHONHASHSEED" in os.environ:
        tags["PYTHONHASHSEED"] = os.environ["PYTHONHASHSEED"]
    return tuple((f"{PREFIX}.{name}", value) for name, value in tags.items())
