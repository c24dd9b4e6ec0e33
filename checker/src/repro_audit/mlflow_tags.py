"""Tags every MLflow run of an environment with the state of the code; an entry point of MLflow.

https://mlflow.org/docs/latest/ml/plugins/ (`mlflow.run_context_provider`). MLflow is not imported:
it asks any object of this shape.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from functools import lru_cache
from pathlib import Path

PREFIX = "repro_audit"
LONGEST = 5000


class Provenance:
    """Commit and changes, command and folder, digests of locks and of the data's checksums."""

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
    # MLflow may never ask.
    from repro_audit.recording.sources import checksum_digests, lock_digests  # noqa: PLC0415
    from repro_audit.running.record import without_passwords  # noqa: PLC0415
    from repro_audit.running.source import work_tree  # noqa: PLC0415

    state = work_tree(here)
    if state.commit is None:
        return ()
    tags = {"commit": state.commit, "dirty": str(state.dirty).lower()}
    if state.patch:
        tags["patch"] = f"sha256:{hashlib.sha256(state.patch).hexdigest()}"
    for path, digest in lock_digests(state.top, sorted(state.tracked)).items():
        tags[f"lock.{path}"] = digest
    for path, digest in checksum_digests(state.top, sorted(state.tracked)).items():
        tags[f"data.{path}"] = digest
    command = json.dumps(without_passwords(sys.orig_argv))
    if len(command) <= LONGEST:
        tags["command"] = command
    tags["folder"] = here.resolve().relative_to(state.top.resolve()).as_posix()
    tags["python"] = platform.python_version()
    if "PYTHONHASHSEED" in os.environ:
        tags["PYTHONHASHSEED"] = os.environ["PYTHONHASHSEED"]
    return tuple((f"{PREFIX}.{name}", value) for name, value in tags.items())
