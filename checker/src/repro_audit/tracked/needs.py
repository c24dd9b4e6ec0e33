"""What a stored run carries of that which is needed to repeat it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro_audit.recording.environment import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from repro_audit.tracked.store import StoredRun

YES, WEAK, NO = "yes", "weak", "no"
COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
DIGEST = re.compile(r"(?:\w+:)?[0-9a-f]{32,128}")
COMMITS = ("repro_audit.commit", "mlflow.source.git.commit", "git.commit", "git_commit")
DIRTY = ("repro_audit.dirty", "git.dirty", "git_dirty")
SEED = re.compile(r"(^|[._/ -])(random_)?(seed|random_state|rng_seed)$", re.IGNORECASE)
LOCK = re.compile(r"(^|[._])lock([._]|$)", re.IGNORECASE)
DATA = re.compile(
    r"(^|[._])(data|dataset|inputs|dvc)([._].*)?(sha\d*|md5|digest|hash|checksum)"
    r"|^repro_audit\.(data[._]|inputs$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Need:
    """One thing that a repetition needs: whether the run carries it, and what is seen of it."""

    name: str
    state: str
    told: str


@dataclass(frozen=True)
class Carried:
    """Everything that one run carries."""

    run: StoredRun
    needs: tuple[Need, ...]

    def state(self, name: str) -> str:
        """Return the state of one need."""
        return next(need.state for need in self.needs if need.name == name)

    @property
    def lacking(self) -> tuple[Need, ...]:
        """What keeps the run from being repeated: of lock and environment one is enough."""
        either = {self.state("lock"), self.state("environment")}
        enough = ("lock", "environment") if YES in either else ()
        return tuple(need for need in self.needs if need.state != YES and need.name not in enough)

    @property
    def repeatable(self) -> bool:
        """Whether nothing is lacking."""
        return not self.lacking


def carried(run: StoredRun, record: Mapping[str, Any] | None) -> Carried:
    """Judge one run; a record of another shape than ours counts as far as it can be read."""
    needs = []
    for name, judge in JUDGES.items():
        try:
            state, told = judge(run, record or {})
        except (AttributeError, KeyError, TypeError):
            state, told = NO, "the record cannot be read"
        needs.append(Need(name, state, told))
    return Carried(run, tuple(needs))


def first(run: StoredRun, names: tuple[str, ...]) -> str:
    """Return the first of several tags."""
    return next((run.tags[name] for name in names if run.tags.get(name)), "")


def commit_of(run: StoredRun, record: Mapping[str, Any]) -> str:
    """Return the commit of a run; empty when none is known."""
    found = str(record.get("commit") or first(run, COMMITS))
    return found if COMMIT.fullmatch(found) else ""


def command_of(run: StoredRun, record: Mapping[str, Any]) -> list[str]:
    """Return the command of a run, word by word; empty when it is not known.

    It is that of the record, or of our tag, or of a tag `command` as one types it.
    """
    found: Any = record.get("command")
    if not found:
        try:
            told = run.tags.get("repro_audit.command")
            found = json.loads(told) if told else shlex.split(run.tags.get("command", ""))
        except (ValueError, RecursionError):
            found = []
    valid = isinstance(found, list) and all(isinstance(word, str) for word in found)
    return list(found) if valid else []


def command(run: StoredRun, record: Mapping[str, Any]) -> tuple[str, str]:
    """Judge whether the command is known."""
    words = command_of(run, record)
    if any(MASK in word for word in words):
        return WEAK, "a word of it is hidden"
    if words:
        return YES, " ".join(words)
    script = run.tags.get("mlflow.source.name", "")
    return (WEAK, f"{script}, without its options") if script else (NO, "not recorded")


def commit(run: StoredRun, record: Mapping[str, Any]) -> tuple[str, str]:
    """Judge whether the commit is known."""
    found = commit_of(run, record)
    return (YES, found[:12]) if found else (NO, "not recorded")


def clean(run: StoredRun, record: Mapping[str, Any]) -> tuple[str, str]:
    """Judge whether what ran was the commit, or what was changed is kept."""
    source = record.get("source") or {}
    dirty = str(source.get("dirty", first(run, DIRTY))).lower()
    used = [path for path in source.get("untracked_used", ()) if path not in source["copied"]]
    if dirty == "false":
        return YES, "nothing was changed"
    if dirty != "true":
        return NO, "not recorded"
    if source.get("changed") and not source.get("patch"):
        return NO, "changed, and the patch is not kept"
    if used:
        return NO, f"{used[0]} was used, and is neither committed nor kept"
    return (
        (YES, "changed, and the changes are kept")
        if source
        else (NO, "changed, by what is not kept")
    )


def lock(run: StoredRun, record: Mapping[str, Any]) -> tuple[str, str]:
    """Judge whether the digest of a lock is known."""
    listed = record.get("lock_digest") or {}
    if listed:
        return YES, ", ".join(sorted(listed))
    named = [name for name, value in run.tags.items() if LOCK.search(name) and digests(value)]
    return (YES, f"tag {named[0]}") if named else (NO, "not recorded")


def data(run: StoredRun, record: Mapping[str, Any]) -> tuple[str, str]:
    """Judge whether the digests of what was read are known."""
    inputs = [item for item in record.get("inputs", ()) if item["tracked"] is not True]
    without = [str(item["path"]) for item in inputs if not item["digest"]]
    if without:
        return NO, f"{without[0]} has no digest"
    if inputs:
        return YES, f"{len(inputs)} file(s) with digests"
    if record and "audit-hook" in record["observed"]["by"]:
        return YES, "it read nothing that the commit lacks"
    every = {**run.params, **run.tags}
    named = [name for name, value in every.items() if DATA.search(name) and digests(value)]
    named += [name for name, digest in run.datasets if DIGEST.fullmatch(digest)]
    if named:
        return YES, named[0]
    if run.datasets:
        return WEAK, f"MLflow's digest of {run.datasets[0][0]} sees the first rows alone"
    return NO, "not recorded"


def seed(run: StoredRun, record: Mapping[str, Any]) -> tuple[str, str]:
    """Judge whether the seeds are known."""
    unseeded = [str(item["library"]) for item in record.get("unseeded", ()) if item["used"]]
    if unseeded:
        return NO, f"{', '.join(unseeded)} drew numbers and was never seeded"
    seeds = record.get("seeds") or ()
    for item in seeds:
        if item["value"] is None:
            return NO, f"{item['library']} at {item['path']}:{item['line']} was given no seed"
    if seeds:
        return YES, ", ".join(dict.fromkeys(f"{item['library']} {item['value']}" for item in seeds))
    if record and "audit-hook" in record["observed"]["by"]:
        return YES, "no draw from an unseeded generator was seen"
    every = {**run.tags, **run.params}
    named = [f"{name} {value}" for name, value in every.items() if SEED.search(name) and value]
    return (YES, named[0]) if named else (NO, "not recorded")


def environment(run: StoredRun, record: Mapping[str, Any]) -> tuple[str, str]:
    """Judge whether the versions of what was installed are known."""
    packages = (record.get("environment") or {}).get("packages") or {}
    if packages:
        return YES, f"{len(packages)} packages"
    state, told = lock(run, record)
    return (WEAK, f"the lock alone ({told})") if state == YES else (NO, "not recorded")


def digests(value: str) -> bool:
    """Say whether a tag holds digests and nothing else."""
    words = value.split()
    return bool(words) and all(DIGEST.fullmatch(word) for word in words)


JUDGES: dict[str, Callable[[StoredRun, Mapping[str, Any]], tuple[str, str]]] = {
    "command": command,
    "commit": commit,
    "clean": clean,
    "lock": lock,
    "data": data,
    "seed": seed,
    "environment": environment,
}
