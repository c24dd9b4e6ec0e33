"""Records of runs that the repository carries: what was repeated, whether it came out equal.

A record is written by whoever ran the project, so it is read like any other file: bounded, with
nothing in it believed that the repository contradicts. One of another commit, lock or data is
stale and proves nothing.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit import lazyre as re
from repro_audit.digest import Digests
from repro_audit.facts.history import History
from repro_audit.facts.locks import lock_files
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

SCHEMA = "repro-audit/record/v1"
NAME = "repro-record.json"
NAMES = (NAME, "repro-record*.json", "*.repro-record.json")
CONTROL = "control"
MOST_VARIATIONS = 100
MOST_DIGESTS = 200
MOST_RECORDS = 20
LONGEST = 300
SHA256 = re.compile(r"[0-9a-f]{64}")


class Variation(NamedTuple):
    """One re-run under one changed condition."""

    name: str
    equal: bool
    moved: tuple[tuple[str, str], ...]

    @property
    def differences(self) -> tuple[str, ...]:
        """Each output that differs, and how, in a line."""
        return tuple(f"{path}: {what}" for path, what in self.moved)


class Record(NamedTuple):
    """One record; `stale` says why it does not speak of this tree, empty when it does."""

    path: str
    commit: str
    command: str
    equal: bool
    within_tolerance: bool
    variations: tuple[Variation, ...]
    causes: tuple[str, ...]
    stale: str

    @property
    def repeated(self) -> frozenset[str]:
        """The variations that came out equal; none when the plain re-run did not."""
        equal = frozenset(item.name for item in self.variations if item.equal)
        unequal = {item.name for item in self.variations if not item.equal}
        return equal - unequal if CONTROL in equal - unequal else frozenset()

    def proves(self, wanted: tuple[str, ...]) -> bool:
        """Say whether this record is the passed run that a practice waits for."""
        return bool(wanted) and not self.stale and set(wanted) <= self.repeated

    def evidence(self, message: str) -> Evidence:
        """Point at the record."""
        return Evidence(self.path, 1, message)


class Records(NamedTuple):
    """All records, and files called so that are none, with the reason."""

    all: tuple[Record, ...]
    broken: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Records:
        """Read every record; the one in the root also when git does not know it."""
        paths = [file.path for file in repo.matching(*NAMES, roles=(Role.SOURCE, Role.DATA))]
        if NAME not in paths and os.path.lexists(repo.root / NAME):
            paths.append(NAME)
        found: list[Record] = []
        broken: list[Evidence] = []
        for path in sorted(paths)[MOST_RECORDS:]:
            repo.skips[path] = f"more than {MOST_RECORDS} records"
        for path in sorted(paths)[:MOST_RECORDS]:
            text = repo.text(path) if path in repo.by_path else repo.read(path)
            record = read_record(repo, path, text, frozenset(paths))
            if isinstance(record, Record):
                found.append(record)
            else:
                broken.append(Evidence(path, 1 if text else 0, record))
        return cls(tuple(found), tuple(broken))

    @property
    def current(self) -> tuple[Record, ...]:
        """The records that speak of this tree."""
        return tuple(record for record in self.all if not record.stale)

    def proves(self, wanted: tuple[str, ...]) -> bool:
        """Say whether one current record holds all of `wanted`, each equal."""
        return any(record.proves(wanted) for record in self.current)


def read_record(
    repo: Repository, path: str, text: str | None, records: frozenset[str]
) -> Record | str:
    """Read one record, or say why it is none."""
    if text is None:
        return "cannot be read"
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError):
        return "is no JSON"
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        return f"does not name the schema {SCHEMA}"
    if not isinstance(raw.get("equal"), bool) or not isinstance(raw.get("variations"), list):
        return "does not say what was repeated and whether it came out equal"
    command = raw.get("command")
    words = command[:MOST_VARIATIONS] if isinstance(command, list) else []
    return Record(
        path=path,
        commit=short(raw.get("commit")),
        command=short(" ".join(word for word in words if isinstance(word, str))),
        equal=raw["equal"],
        within_tolerance=raw.get("within_tolerance") is True,
        variations=tuple(read_variations(raw["variations"])),
        causes=tuple(read_causes(raw.get("causes"))),
        stale=staleness(repo, raw, records),
    )


def short(value: object) -> str:
    """Return a text of bounded length; empty for what is no text."""
    return value[:LONGEST] if isinstance(value, str) else ""


def read_variations(raw: list[Any]) -> Iterator[Variation]:
    """Yield the re-runs; one that lists differences is not equal, whatever it says."""
    for item in raw[:MOST_VARIATIONS]:
        if not isinstance(item, dict) or not short(item.get("name")):
            continue
        listed = item.get("differences")
        parts = listed[:MOST_VARIATIONS] if isinstance(listed, list) else []
        moved = tuple(
            (short(part.get("path")), short(part.get("what")))
            for part in parts
            if isinstance(part, dict)
        )
        equal = item.get("equal") is True and not listed
        yield Variation(short(item["name"]), equal, moved)


def read_causes(raw: object) -> Iterator[str]:
    """Yield what the record says of why runs differ."""
    for item in raw[:MOST_VARIATIONS] if isinstance(raw, list) else []:
        if isinstance(item, dict):
            where = f"{short(item.get('path'))}:{item.get('line', 0)}"
            yield f"{where[:LONGEST]} {short(item.get('message'))}".strip()


def staleness(repo: Repository, raw: dict[str, Any], records: frozenset[str]) -> str:
    """Say why a record does not speak of this tree; empty when it does."""
    history = repo.fact(History)
    commit = raw.get("commit")
    if not isinstance(commit, str) or not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", commit):
        return "it names no commit"
    if history.commit is None:
        return "there is no history here to compare its commit with"
    moved = history.moved(commit)
    if moved is None:
        return f"its commit {commit[:12]} is not in this history"
    # The commit that brings the record is a later one, and changes nothing that was run.
    others = [path for path in (*moved, *history.changed) if path not in records]
    if others:
        return f"{others[0]} and {len(others) - 1} more changed since its commit {commit[:12]}"
    return lock_moved(repo, raw.get("lock_digest")) or data_moved(repo, raw.get("data_digests"))


def bare(digest: object) -> str:
    """Return a digest without the name of its algorithm."""
    return short(digest).rpartition(":")[2].lower()


def lock_moved(repo: Repository, given: object) -> str:
    """Say that no lock of this tree has the digest under which the run was made."""
    if not given:
        return ""
    if isinstance(given, dict):
        return data_moved(repo, given)
    paths = {lock.path for lock in lock_files(repo)}
    paths |= {file.path for file in repo.matching("*requirements*.txt", "requirements/*.txt")}
    digests = {repo.fact(Digests).of(path) for path in sorted(paths)[:MOST_DIGESTS]}
    return "" if bare(given) in digests else "it was made under another lock"


def data_moved(repo: Repository, given: object) -> str:
    """Say which file has other bytes than those that the run was given."""
    listed = list(given.items())[:MOST_DIGESTS] if isinstance(given, dict) else []
    for path, digest in listed:
        if path not in repo.by_path:
            continue
        seen = repo.fact(Digests).of(path) if SHA256.fullmatch(bare(digest)) else None
        if seen is not None and seen != bare(digest):
            return f"{short(path)} has other bytes than in its run"
    return ""
