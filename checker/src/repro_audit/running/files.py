"""From what was opened and what has changed to inputs and outputs with their digests."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.plainfile import TooLargeError, blocks
from repro_audit.running.record import MOST_LISTED, Paths
from repro_audit.running.snapshot import PASSED_OVER

if TYPE_CHECKING:
    from repro_audit.running.observed import Observed
    from repro_audit.running.snapshot import Snapshot
    from repro_audit.running.source import State

# More than this is not read a second time for its digest.
MOST_DIGESTED = 50_000_000_000


@dataclass
class Files:
    """What a run read and what it wrote; `notes` say what could not be told."""

    inputs: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """What was seen of a run; `opened` are paths of the tree that a process of any kind opened."""

    before: Snapshot
    after: Snapshot
    observed: Observed
    began: int
    opened: set[str]


class Told:
    """Digests within a bound of bytes for the whole run."""

    def __init__(self) -> None:
        """Begin at nothing read."""
        self.left = MOST_DIGESTED

    def of(self, path: str) -> tuple[int | None, str | None]:
        """Return size and digest of a regular file; no digest of one that still grows."""
        try:
            seen = Path(path).stat()
            if not stat.S_ISREG(seen.st_mode):
                return None, None
            self.left -= seen.st_size
            if self.left < 0:
                return seen.st_size, None
            digest = hashlib.sha256()
            with Path(path).open("rb") as stream:
                for block in blocks(stream):
                    digest.update(block)
        except TooLargeError:
            return seen.st_size, None
        except OSError:
            return None, None
        return seen.st_size, f"sha256:{digest.hexdigest()}"


def used_files(state: State, evidence: Evidence) -> Files:
    """List inputs and outputs."""
    before, after, observed = evidence.before, evidence.after, evidence.observed
    paths, told, found = Paths(state.top), Told(), Files()
    changed = before.written(after)
    written = {path: str(state.top / path) for path in changed}
    for path in observed.written:
        shown = paths.shown(path)
        passed_over = PASSED_OVER.intersection(shown.split("/"))
        if shown not in written and not passed_over and is_new(path, evidence.began):
            written[shown] = path
    read = {paths.shown(path): path for path in observed.read}
    read |= {path: str(state.top / path) for path in evidence.opened if path in before.files}
    inputs = sorted(shown for shown, path in read.items() if was_there(shown, path, evidence))
    for shown in inputs[:MOST_LISTED]:
        path, rewritten = read[shown], shown in written
        size, digest = None, observed.before.get(path)
        if digest is None and not rewritten:
            size, digest = told.of(path)
        tracked = shown in state.tracked if state.commit else None
        found.inputs.append(
            {
                "path": shown,
                "digest": digest,
                "size": size,
                "tracked": tracked,
                "rewritten": rewritten,
            }
        )
    for shown in sorted(written)[:MOST_LISTED]:
        size, digest = told.of(written[shown])
        if size is not None:
            kind = (
                "changed" if shown in before.files or written[shown] in observed.before else "new"
            )
            found.outputs.append({"path": shown, "digest": digest, "size": size, "kind": kind})
    found.removed = before.removed(after)[:MOST_LISTED]
    if max(len(inputs), len(written)) > MOST_LISTED:
        found.notes.append(f"{len(inputs)} inputs, {len(written)} outputs: not all are listed")
    if not (before.whole and after.whole):
        found.notes.append(f"more than {len(before.files)} files: not all changes are seen")
    if told.left < 0:
        found.notes.append("some digests are left out: there was too much to read again")
    return found


def was_there(shown: str, path: str, evidence: Evidence) -> bool:
    """Say whether a file that was read is older than the run: else the run has made it itself."""
    observed = evidence.observed
    if shown in evidence.before.files or path in observed.before:
        return True
    try:
        seen = Path(path).stat()
    except OSError:
        return False
    return (
        stat.S_ISREG(seen.st_mode)
        and seen.st_mtime_ns < evidence.began
        and path not in observed.written
    )


def is_new(path: str, began: int) -> bool:
    """Say whether a file outside the tree is there and was written since the run began."""
    try:
        seen = Path(path).stat()
    except OSError:
        return False
    return stat.S_ISREG(seen.st_mode) and seen.st_mtime_ns >= began
