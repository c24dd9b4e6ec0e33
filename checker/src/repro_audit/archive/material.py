"""What goes into an archive: the record of a run, what it kept, and the work tree around it."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError
from repro_audit.gitindex import git_folder
from repro_audit.plainfile import Folder
from repro_audit.running.record import NAME, RUNNING, SCHEMA
from repro_audit.tracked.store import LARGEST_RECORD, local_folder, opened, own_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.tracked.store import Store, StoredRun

KEPT = ("changes.patch", "stdout.txt", "stderr.txt")


@dataclass(frozen=True)
class Material:
    """A finished run: its record, a folder with what was kept, and the work tree around it."""

    record: dict[str, Any]
    kept: Path
    tree: Path
    user: str = ""
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The files that were kept, but for the record itself."""
        folder = Folder(self.kept)
        copied = [f"untracked/{path}" for path in self.record["source"]["copied"]]
        return [name for name in (*KEPT, *copied) if folder.regular(name)]


@contextmanager
def material(run: str, store: str | None) -> Iterator[Material]:
    """Give the material of a run: the folder of its record, or its identity in a store.

    Raises:
        ReproAuditError: when there is no such run, or no record of it.
    """
    path = Path(run)
    folder = path.parent if path.name == NAME else path
    if (folder / NAME).is_file() and store is None:
        found = git_folder(folder.resolve()) or git_folder(Path.cwd())
        yield Material(record_of(folder), folder, found[1] if found else Path.cwd())
        return
    if store is None and (os.sep in run or path.exists()):
        raise ReproAuditError(f"{run} holds no {NAME}; give a folder that `run` made, or an ID.")
    with opened(store or own_store(Path.cwd())) as reached:
        stored = reached.run(run)
        if stored.record is None:
            raise ReproAuditError(
                f"Run {stored.run_id} has no record: only what `repro-audit run` made can be "
                "exported."
            )
        top = git_folder(Path.cwd())
        with tempfile.TemporaryDirectory(prefix="repro-audit-") as name:
            kept = fetched(reached, stored, Path(name))
            yield Material(
                record_of(kept), kept, top[1] if top else Path.cwd(),
                stored.tags.get("mlflow.user", ""), stored.metrics,
            )  # fmt: skip


def fetched(store: Store, run: StoredRun, folder: Path) -> Path:
    """Return the folder of a record, fetched from the server where it lies there."""
    local = local_folder(run.artifacts)
    if local is not None:
        return local / "repro-audit"
    for name in (NAME, *KEPT):
        with suppress(OSError):
            (folder / name).write_bytes(store.artifact(run.run_id, run.artifacts, name))
    return folder


def record_of(folder: Path) -> dict[str, Any]:
    """Return the record in a folder.

    Raises:
        ReproAuditError: when it is no record of a finished run.
    """
    try:
        found = json.loads(Folder(folder.resolve()).read(NAME, LARGEST_RECORD))
    except (OSError, ValueError, RecursionError) as problem:
        raise ReproAuditError(f"{folder / NAME} cannot be read ({problem}).") from problem
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ReproAuditError(f"{folder / NAME} is no record of the schema {SCHEMA}.")
    if found.get("state") == RUNNING:
        raise ReproAuditError(f"The run of {folder / NAME} has not ended; export it when it has.")
    return found
