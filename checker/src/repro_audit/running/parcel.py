"""What goes to a cluster and what comes back: the tree as it stands, this package, the results."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

import repro_audit
from repro_audit.errors import ReproAuditError
from repro_audit.recording.sources import below
from repro_audit.running.snapshot import Snapshot, snapshot
from repro_audit.running.source import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from repro_audit.running.source import State

REQUEST = "request.json"
TREE, RECORD = "tree", "record"
# What Ray takes: https://docs.ray.io/en/latest/ray-core/handling-dependencies.html
LARGEST = 500_000_000


@dataclass
class Parcel:
    """A packed tree; `before` is what stood here when it was packed."""

    path: Path
    files: int
    before: Snapshot
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of the archive."""
        return self.path.stat().st_size


def pack(state: State, data: Sequence[str], request: Mapping[str, Any], target: Path) -> Parcel:
    """Pack committed and unknown files as they stand, the named data, and what runs there.

    Raises:
        ReproAuditError: when data is not in the tree, or all is more than a cluster takes.
    """
    parcel = Parcel(target, 0, snapshot(state.top))
    listed = state.tracked | state.unknown if state.commit else frozenset(parcel.before.files)
    private = sorted(path for path in listed - state.tracked if PRIVATE.search(path))
    if private:
        parcel.notes.append(f"not sent, as they look like secrets: {', '.join(private)}")
    chosen = sorted({*listed, *(named(state.top, data))} - set(private))
    home = PurePosixPath(TREE, state.top.name or TREE)
    programs: list[str] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in chosen:
            origin = state.top / path
            if not origin.is_file() or not origin.resolve().is_relative_to(state.top.resolve()):
                continue
            archive.write(origin, str(home / path))
            parcel.files += 1
            if origin.stat().st_mode & stat.S_IXUSR:
                programs.append(path)
        add_package(archive)
        archive.writestr(REQUEST, json.dumps({**request, "programs": programs}))
    if parcel.size > LARGEST:
        raise ReproAuditError(
            f"The tree is {parcel.size // 1_000_000} MB when packed and Ray takes "
            f"{LARGEST // 1_000_000}; leave data where the cluster finds it."
        )
    return parcel


def named(top: Path, data: Iterable[str]) -> Iterable[str]:
    """Yield the files of folders and files that git does not hold."""
    for name in data:
        path = Path(name).absolute()
        if not path.exists() or not path.is_relative_to(top):
            raise ReproAuditError(f"--data {name} is no file or folder below {top}.")
        yield from below(top, path)


def add_package(archive: zipfile.ZipFile) -> None:
    """Add this package: what runs there needs the standard library and nothing else."""
    home = Path(repro_audit.__file__).parent
    for path in sorted(home.rglob("*.py")):
        archive.write(path, str(PurePosixPath(home.name, path.relative_to(home).as_posix())))


class Kept(Protocol):
    """What of a recorder is sent back."""

    folder: Path
    state: State
    record: dict[str, Any]


def pack_results(recorder: Kept, target: Path) -> None:
    """Pack the folder of the record and every output that lies in the tree; whole or not at all."""
    new = target.with_name(f"{target.name}.new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for path in sorted(recorder.folder.rglob("*")):
            if path.is_file():
                relative = path.relative_to(recorder.folder).as_posix()
                archive.write(path, str(PurePosixPath(RECORD, relative)))
        for item in recorder.record["outputs"]:
            origin = recorder.state.top / item["path"]
            if not item["path"].startswith("~") and origin.is_file():
                archive.write(origin, str(PurePosixPath(TREE, item["path"])))
    os.replace(new, target)  # noqa: PTH105 - the same words as elsewhere


@dataclass
class Results:
    """What came back: the record, how many outputs, and what had to be said."""

    record: dict[str, Any] | None = None
    outputs: int = 0
    notes: list[str] = field(default_factory=list)


def unpack_results(archive: Path, folder: Path, parcel: Parcel) -> Results:
    """Put the record's files into `folder` and the outputs into the tree they were made for.

    What has changed here since the tree was packed stays; the output then lies in `folder/outputs`.
    """
    found, top = Results(), parcel.before.root
    now = snapshot(top)
    kept: list[str] = []
    with zipfile.ZipFile(archive) as packed:
        for item in packed.infolist():
            start, *parts = PurePosixPath(item.filename).parts
            if item.is_dir() or not parts or ".." in parts:
                continue
            path = "/".join(parts)
            if (start, path) == (RECORD, "run.json"):
                found.record = json.loads(packed.read(item))
            elif start == RECORD:
                put(packed, item, folder / path)
            elif start == TREE and parcel.before.files.get(path) == now.files.get(path):
                put(packed, item, top / path)
                found.outputs += 1
            elif start == TREE:
                put(packed, item, folder / "outputs" / path)
                kept.append(path)
    if kept:
        found.notes.append(
            f"changed here meanwhile, so the outputs lie beside the record: {', '.join(kept)}"
        )
    return found


def put(packed: zipfile.ZipFile, item: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file under a temporary name, then give it its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f"{target.name}.repro-audit-new")
    with packed.open(item) as source, new.open("wb") as stream:
        shutil.copyfileobj(source, stream)
    new.replace(target)
