"""The words of the report: plain frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """What is known about one practice in one repository."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    PARTIAL = "partial"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class Severity(Enum):
    """How much depends on a practice."""

    BLOCKER = "blocker"
    MAJOR = "major"
    MINOR = "minor"


class Basis(Enum):
    """Where a verdict comes from."""

    READ = "read"
    EXECUTED = "executed"
    DECLARED = "declared"


@dataclass(frozen=True, order=True)
class Evidence:
    """One thing that was seen, and where; line 0 is the file as a whole."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Verdict:
    """The answer of one rule; `more` counts the evidence that was left out of the report."""

    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    fix: str | None = None
    more: int = 0


@dataclass(frozen=True)
class Practice:
    """What the catalogue says of one practice; all that renderers may know of a rule.

    `dynamic` says that only a run decides it in full; `proved_by` names the variations of a
    re-run that must all have come out equal for a record to be that run.
    """

    id: str
    title: str
    aspect: str
    type: str
    level: str
    severity: Severity
    sources: tuple[str, ...]
    since: str
    dynamic: bool = False
    proved_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The verdict on one practice."""

    practice: Practice
    verdict: Verdict
    basis: Basis = Basis.READ


@dataclass(frozen=True)
class Ignored:
    """A practice that the project leaves out, with its reason; a path when a comment says so."""

    id: str
    reason: str
    applied: bool = True
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class Declared:
    """What a named person says of a practice: done, not-applicable or accepted-risk."""

    id: str
    status: str
    reason: str
    name: str
    date: str
    applied: bool = True


@dataclass(frozen=True)
class Change:
    """How a practice moved since the baseline."""

    id: str
    before: str
    after: str
    message: str


@dataclass(frozen=True)
class Comparison:
    """What got worse and better since the baseline, and what could not be compared."""

    source: str
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A file that was not read, and why."""

    path: str
    why: str


@dataclass(frozen=True)
class AspectScore:
    """Readiness of one aspect in percent; `decided` of `applicable` weight is known."""

    aspect: str
    low: float
    high: float
    coverage: float


@dataclass(frozen=True)
class Score:
    """The readiness range, its aspects, the proven share, levels, badges and declared share.

    `gains` names the faults in the order in which to mend them, each with the points of the low
    end that it costs.
    """

    low: float
    high: float
    coverage: float
    weakest: str | None
    aspects: tuple[AspectScore, ...]
    proven: float
    levels: tuple[tuple[str, str], ...]
    badges: tuple[tuple[str, str], ...] = ()
    declared: float = 0.0
    gains: tuple[tuple[str, float], ...] = ()

    @property
    def reached(self) -> tuple[str, ...]:
        """The levels and badges that are reached, with `-ready` until re-runs have said it too."""
        names = {"ready": "{}-ready", "proven": "{}"}
        both = (*self.levels, *self.badges)
        return tuple(names[state].format(name) for name, state in both if state in names)


@dataclass(frozen=True)
class Subject:
    """The repository that was audited."""

    name: str
    commit: str | None
    dirty: bool
    kind: str
    files: int


@dataclass(frozen=True)
class Project:
    """One project of a monorepo, judged on its own; its path is that of its folder."""

    path: str
    results: tuple[Result, ...]
    score: Score


@dataclass(frozen=True)
class Rerun:
    """How one re-run came out: each output that differs, and how."""

    name: str
    equal: bool
    differences: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Proof:
    """The record that counts, and why the one that was found does not: `stale` is empty or why."""

    record: str | None = None
    stale: str | None = None
    command: str = ""
    reruns: tuple[Rerun, ...] = ()
    causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything that an output may show."""

    version: str
    specification: str
    subject: Subject
    results: tuple[Result, ...]
    score: Score
    skipped: tuple[Skipped, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    notices: tuple[str, ...] = ()
    proof: Proof = Proof()
    declared: tuple[Declared, ...] = ()
    comparison: Comparison | None = None
    projects: tuple[Project, ...] = ()


def passed(summary: str, *evidence: Evidence) -> Verdict:
    """Say that the practice is kept, shown by `evidence`."""
    return Verdict(Status.PASS, summary, evidence)


def partial(summary: str, *evidence: Evidence, fix: str | None = None) -> Verdict:
    """Say that the practice is kept in part."""
    return Verdict(Status.PARTIAL, summary, evidence, fix)


def failed(summary: str, *evidence: Evidence, fix: str | None = None) -> Verdict:
    """Say that the practice is not kept; an absence points at where it was looked for."""
    return Verdict(Status.FAIL, summary, evidence, fix)


def unknown(reason: str, *evidence: Evidence, fix: str | None = None) -> Verdict:
    """Say why reading cannot decide."""
    return Verdict(Status.UNKNOWN, reason, evidence, fix)


def not_applicable(reason: str, *evidence: Evidence) -> Verdict:
    """Say that the subject of the practice is provably absent."""
    return Verdict(Status.NOT_APPLICABLE, reason, evidence)
