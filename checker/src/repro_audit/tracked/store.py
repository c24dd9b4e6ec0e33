"""The runs of an MLflow store, read through MLflow's own client; nothing of the store is changed.

Whoever wrote the store is a stranger: artefacts are read only where they lie in plain files or
where the server itself hands them out, within bounds, and what they say is checked.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from repro_audit.errors import ReproAuditError
from repro_audit.plainfile import Folder
from repro_audit.verify.compare.tracking import is_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE, MOST_RUNS = 1000, 20_000
LARGEST_RECORD = 50_000_000
FOLDER, RECORD, PATCH = "repro-audit", "run.json", "changes.patch"
MARK, PARENT = "repro_audit.run", "mlflow.parentRunId"
SQLITE = "sqlite:///"
NEEDED = "runs needs MLflow; install it with pip install 'repro-audit[track]'."
# The store of a folder may be refused by newer releases of MLflow, and is only read here.
QUIET = {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}


@dataclass(frozen=True)
class StoredRun:
    """One run as the store tells it; `record` is what `repro-audit run` kept, None without it.

    `metrics` are the last values; `datasets` are pairs of name and digest.
    """

    run_id: str
    name: str
    experiment: str
    status: str
    started: int
    artifacts: str = ""
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    datasets: tuple[tuple[str, str], ...] = ()
    record: dict[str, Any] | None = None

    @property
    def parent(self) -> str:
        """The run that this one is a part of; empty for none."""
        return self.tags.get(PARENT, "")


class Store:
    """An open store."""

    def __init__(self, uri: str, client: Any) -> None:
        """Take the address as it was given, and a client of MLflow."""
        self.uri = uri
        self.client = client
        self.notes: list[str] = []

    def runs(self, experiment: str | None = None) -> list[StoredRun]:
        """Return the runs of one experiment or of all, in the order in which they began.

        Raises:
            ReproAuditError: when the experiment does not exist.
        """
        names = {item.experiment_id: item.name for item in self.experiments()}
        if experiment is not None:
            names = {key: name for key, name in names.items() if experiment in (key, name)}
            if not names:
                raise ReproAuditError(f"The store has no experiment {experiment!r}.")
        found: list[StoredRun] = []
        token: str | None = None
        while names and len(found) < MOST_RUNS:
            page = self.client.search_runs(list(names), max_results=PAGE, page_token=token)
            found += [self.read(run, names[run.info.experiment_id]) for run in page]
            token = page.token
            if not token:
                break
        if len(found) >= MOST_RUNS:
            self.notes.append(f"only the newest {MOST_RUNS} runs were read")
        return sorted(found, key=lambda run: (run.started, run.run_id))

    def experiments(self) -> Iterator[Any]:
        """Yield all experiments that were not deleted."""
        token: str | None = None
        while True:
            page = self.client.search_experiments(max_results=PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def run(self, ident: str) -> StoredRun:
        """Return one run by its identity, or by the beginning of it that no other has.

        Raises:
            ReproAuditError: when there is none, or several begin so.
        """
        found = [run for run in self.runs() if run.run_id.startswith(ident) or run.name == ident]
        if not found:
            raise ReproAuditError(f"The store {self.uri} has no run {ident}.")
        if len(found) > 1:
            raise ReproAuditError(f"{len(found)} runs are called {ident}; give the whole identity.")
        return found[0]

    def read(self, run: Any, experiment: str) -> StoredRun:
        """Turn a run of MLflow into ours."""
        tags = dict(run.data.tags)
        inputs = run.inputs.dataset_inputs if run.inputs else ()
        return StoredRun(
            run_id=run.info.run_id,
            name=run.info.run_name or "",
            experiment=experiment,
            status=run.info.status,
            started=run.info.start_time or 0,
            artifacts=run.info.artifact_uri or "",
            params=dict(run.data.params),
            metrics={name: float(value) for name, value in run.data.metrics.items()},
            tags=tags,
            datasets=tuple((item.dataset.name, item.dataset.digest) for item in inputs),
            record=self.record(run.info) if MARK in tags and PARENT not in tags else None,
        )

    def record(self, info: Any) -> dict[str, Any] | None:
        """Return the record that `repro-audit run` put into a run; None where there is none."""
        try:
            found = json.loads(self.artifact(info.run_id, info.artifact_uri or "", RECORD))
        except (OSError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def artifact(self, ident: str, where: str, name: str) -> bytes:
        """Return a file that `repro-audit run` put into a run.

        Raises:
            OSError: when it is not there, not plain, too large, or lies on a third machine.
        """
        local = local_folder(where)
        if local is not None:
            return Folder(local).read(f"{FOLDER}/{name}", LARGEST_RECORD)
        if not where.startswith("mlflow-artifacts:"):
            raise OSError(f"{where} is not on the server")
        return self.handed_out(ident, f"{FOLDER}/{name}")

    def handed_out(self, ident: str, path: str) -> bytes:
        """Return a file that the server hands out.

        Raises:
            OSError: when it does not.
        """
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - see opened

        with tempfile.TemporaryDirectory(prefix="repro-audit-") as folder:
            try:
                listed = self.client.list_artifacts(ident, FOLDER)
                size = next(item.file_size for item in listed if item.path == path)
                if (size or 0) > LARGEST_RECORD:
                    raise OSError("too large")
                return Path(self.client.download_artifacts(ident, path, folder)).read_bytes()
            except (MlflowException, StopIteration) as problem:
                raise OSError(f"{path}: {problem}") from problem

    def history(self, ident: str, metric: str) -> list[tuple[int, float]]:
        """Return step and value of every point of a metric, in order."""
        points = self.client.get_metric_history(ident, metric)
        ordered = sorted(points, key=lambda point: (point.step, point.timestamp))
        return [(point.step, float(point.value)) for point in ordered]


def own_store(root: Path) -> str:
    """Return the store of a project: that of the environment, of `run`, or MLflow's default.

    Raises:
        ReproAuditError: when there is none.
    """
    given = os.environ.get("MLFLOW_TRACKING_URI")
    if given:
        return given
    for path in (root / ".repro-audit" / "mlflow.db", root / "mlflow.db"):
        if path.is_file():
            return str(path)
    raise ReproAuditError(f"There is no store of MLflow in {root}; name it with --store.")


def local_folder(uri: str) -> Path | None:
    """Return the folder that an address of artefacts names on this machine."""
    if uri.startswith("/"):
        return Path(uri)
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    return None


def address(given: str) -> tuple[str, Path | None]:
    """Return the address as MLflow writes it, and the database where it is one of SQLite.

    Raises:
        ReproAuditError: when it names nothing.
    """
    if given.startswith(("http://", "https://")):
        return given, None
    if "://" in given and not given.startswith((SQLITE, "file://")):
        return given, None
    name = given.removeprefix(SQLITE)
    path = local_folder(name) or Path(name)
    if path.is_dir():
        inside = path / "mlflow.db"
        if not inside.is_file():
            return path.absolute().as_uri(), None
        path = inside
    if not path.is_file() or not is_store(path):
        what = "is no database of MLflow" if path.is_file() else "does not exist"
        raise ReproAuditError(
            f"{path} {what}; give sqlite:///PATH, a folder, or the address of a server."
        )
    return f"{SQLITE}{path.absolute()}", path


@contextmanager
def opened(given: str) -> Iterator[Store]:
    """Open a store; a database is copied first, because MLflow writes where it reads.

    Raises:
        ReproAuditError: when MLflow is not installed or the store cannot be read.
    """
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    uri, database = address(given)
    try:
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds
        from mlflow.exceptions import MlflowException  # noqa: PLC0415
    except ImportError as problem:
        raise ReproAuditError(NEEDED) from problem
    with tempfile.TemporaryDirectory(prefix="repro-audit-") as folder:
        try:
            reached = uri if database is None else f"{SQLITE}{copied(database, Path(folder))}"
            yield Store(uri, MlflowClient(tracking_uri=reached, registry_uri=reached))
        except (MlflowException, ImportError, OSError, sqlite3.Error) as problem:
            said = str(problem).strip().partition("\n")[0][:200]
            raise ReproAuditError(f"The store {uri} cannot be read: {said}") from problem


def copied(database: Path, folder: Path) -> Path:
    """Copy a database as it is at one moment, also while somebody writes to it."""
    target = folder / "mlflow.db"
    with (
        closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as origin,
        closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy)
    return target


def with_records(runs: Sequence[StoredRun]) -> dict[str, dict[str, Any]]:
    """Return the record of each run by its identity; a part of a run has that of the whole."""
    own = {run.run_id: run.record for run in runs if run.record is not None}
    found = {run.run_id: own.get(run.run_id, own.get(run.parent)) for run in runs}
    return {ident: record for ident, record in found.items() if record is not None}
