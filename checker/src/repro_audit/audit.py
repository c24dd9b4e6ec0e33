"""Runs rules over a repository; a rule that crashes becomes an `error` and the audit goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit import __version__, catalogue
from repro_audit.facts.history import History
from repro_audit.facts.kind import Kind
from repro_audit.model import (
    Evidence,
    Ignored,
    Report,
    Result,
    Skipped,
    Status,
    Subject,
    Verdict,
)
from repro_audit.proof import notices as record_notices
from repro_audit.proof import proof, prove
from repro_audit.repository import Repository
from repro_audit.score import score
from repro_audit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_EVIDENCE = 20
NEEDS_EVIDENCE = (Status.PASS, Status.PARTIAL, Status.FAIL)


def clean(text: str) -> str:
    """Make bytes of a file name that are no text visible, so that every output can be written."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def judge(rule: catalogue.Rule, repo: Repository) -> Verdict:
    """Ask one rule, and hold it to the law of verdicts."""
    try:
        verdict = rule.check(repo)
    except Exception as problem:  # noqa: BLE001 - a broken rule must not end the audit
        reason = f"{type(problem).__name__}: {problem}"
        return Verdict(Status.ERROR, f"The rule crashed ({clean(reason)[:200]}); please report it.")
    if verdict.status in NEEDS_EVIDENCE and not verdict.evidence:
        return Verdict(Status.ERROR, f"The rule says {verdict.status.value} without evidence.")
    evidence = tuple(
        Evidence(clean(item.path), item.line, clean(item.message))
        for item in dict.fromkeys(verdict.evidence)
    )
    kept = evidence[:MOST_EVIDENCE]
    return Verdict(verdict.status, clean(verdict.summary), kept, verdict.fix)


def chosen(select: Sequence[str]) -> list[catalogue.Rule]:
    """Return the selected rules; all when nothing is selected.

    Raises:
        ReproAuditError: for an id that no practice has.
    """
    if not select:
        return list(catalogue.rules())
    wanted = {catalogue.rule(identifier).practice.id for identifier in select}
    return [rule for rule in catalogue.rules() if rule.practice.id in wanted]


def ignores(settings: Settings, *, trusted: bool) -> tuple[tuple[Ignored, ...], tuple[str, ...]]:
    """Return the ignored practices, and notices about ignores that name nothing or do not count."""
    known = {rule.practice.id for rule in catalogue.rules()}
    ignored = tuple(
        Ignored(identifier, clean(reason), applied=trusted)
        for identifier, reason in settings.ignore
        if identifier in known
    )
    notices = tuple(
        f"{settings.source} ignores {clean(identifier)!r}, which is no practice."
        for identifier, _ in settings.ignore
        if identifier not in known
    )
    if not trusted and settings.source:
        listed = f"The settings in {settings.source} were listed and not applied (--untrusted)."
        notices = (*notices, listed)
    return ignored, notices


def result_of(rule: catalogue.Rule, repo: Repository, reasons: dict[str, str]) -> Result:
    """Judge one practice; an ignored one is undecided, so that ignoring never raises a score."""
    reason = reasons.get(rule.practice.id)
    if reason is not None:
        return Result(rule.practice, Verdict(Status.UNKNOWN, f"Ignored by the settings: {reason}"))
    return Result(rule.practice, judge(rule, repo))


def run_audit(
    path: Path | str,
    *,
    settings: Settings | None = None,
    select: Sequence[str] = (),
    trusted: bool = True,
) -> Report:
    """Audit the repository at `path` without running any of it.

    Raises:
        ReproAuditError: when `path` cannot be read or `select` names no practice.
    """
    own = settings or Settings()
    repo = Repository(Path(path), exclude=own.exclude if trusted else ())
    rules = chosen(select or (own.select if trusted else ()))
    ignored, notices = ignores(own, trusted=trusted)
    reasons = {item.id: item.reason for item in ignored if item.applied}
    results = tuple(result_of(rule, repo, reasons) for rule in rules)
    results = prove(results, repo, set(reasons))
    history = repo.fact(History)
    subject = Subject(
        name=clean(repo.root.name),
        commit=history.commit,
        dirty=history.dirty,
        kind=repo.fact(Kind).name,
        files=len(repo.files),
    )
    return Report(
        version=__version__,
        specification=catalogue.SPECIFICATION,
        subject=subject,
        results=results,
        score=score(results),
        skipped=tuple(Skipped(clean(item.path), clean(item.why)) for item in repo.skipped),
        ignored=ignored,
        notices=(*notices, *(clean(item) for item in record_notices(repo))),
        proof=proof(repo),
    )
