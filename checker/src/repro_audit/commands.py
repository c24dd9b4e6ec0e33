"""What the commands do; they return an exit status."""

from __future__ import annotations

import gc
import json
import os
import sys
import textwrap
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import catalogue
from repro_audit.audit import run_audit
from repro_audit.baseline import compare, record
from repro_audit.cli import BELOW, DONE, INCOMPLETE
from repro_audit.errors import ReproAuditError
from repro_audit.kept import Answer, Watch, keep
from repro_audit.model import Report, Result, Status
from repro_audit.output import emit, send
from repro_audit.progress import Progress
from repro_audit.render import render
from repro_audit.render.words import safe
from repro_audit.repository import Repository
from repro_audit.settings import Settings, load_settings, own_project
from repro_audit.workers import processors

if TYPE_CHECKING:
    from collections.abc import Iterator


# What `list` prints fits a terminal of the usual width.
LIST_WIDTH = 80


class Choice(NamedTuple):
    """Which practices are asked, and whether the target's settings count; None: if ours."""

    select: tuple[str, ...] = ()
    profile: str | None = None
    trusted: bool | None = None


class Target(NamedTuple):
    """What is written, and where; None is the screen, and `key` is what it is kept under."""

    style: str = "terminal"
    output: str | None = None
    key: str | None = None


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles from walking all that is known again and again.

    It lives until the report is written, and hardly any cycle is made meanwhile.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Neither now nor at the end of the program: what is left lives until then.
        gc.freeze()
        if before:
            gc.enable()


def audited(path: str, choice: Choice) -> tuple[Report, Settings, Watch]:
    """Audit `path`; return the report, the settings as far as they apply, and what was seen.

    Raises:
        ReproAuditError: when something is given that cannot be used.
    """
    root = Path(path)
    if not root.is_dir():
        raise ReproAuditError(
            f"{path} is not a folder that can be read; give the path of a repository."
        )
    root = root.resolve()
    trusted = own_project(root, Path.cwd()) if choice.trusted is None else choice.trusted
    broken: tuple[str, ...] = ()
    try:
        settings = load_settings(root)
    except ReproAuditError as problem:
        if trusted:
            raise
        # A stranger's mistake in settings that are not applied must not end the audit.
        settings, broken = Settings(), (f"{problem} They were not applied (untrusted).",)
    with uncollected():
        repo = Repository(root, exclude=settings.exclude if trusted else ())
        watch = Watch.begin(root, (*repo.by_path, *repo.skips))
        repo.tell = progress = Progress(sys.stderr)
        repo.processes = processors()
        try:
            report = run_audit(
                repo,
                settings=settings,
                select=choice.select,
                profile=choice.profile,
                trusted=trusted,
            )
        finally:
            progress.end()
    report = replace(report, notices=(*report.notices, *broken))
    return report, settings if trusted else Settings(), watch


def check(
    path: str, target: Target, fail_under: float | None, baseline: str | None, choice: Choice
) -> int:
    """Audit `path` and write the report; keep it where the target says so.

    Raises:
        ReproAuditError: when something is given that cannot be used.
    """
    recorded = read_baseline(baseline) if baseline is not None else None
    report, settings, watch = audited(path, choice)
    if recorded is not None:
        name = Path(str(baseline)).name
        report = replace(report, comparison=compare(recorded, name, report))
    colour = target.output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = render(report, target.style, colour=colour)
    send(text, target.output)
    own = settings.fail_under if recorded is None else None
    if target.key is not None and not crashed(report) and not catalogue.foreign():
        keep(target.key, watch, Answer(text, report.score.low, own))
    return status(report, fail_under if fail_under is not None else own)


def read_baseline(path: str) -> str:
    """Return the text of a baseline.

    Raises:
        ReproAuditError: when it cannot be read.
    """
    try:
        return Path(path).read_text("utf-8")
    except (OSError, ValueError) as problem:
        raise ReproAuditError(
            f"{path} cannot be read; record it with `repro-audit baseline --output {path}`."
        ) from problem


def record_baseline(path: str, output: str | None, choice: Choice) -> int:
    """Write today's state of `path`; an incomplete audit records nothing.

    Raises:
        ReproAuditError: when something is given that cannot be used.
    """
    report, _, _ = audited(path, choice)
    if status(report, None) == INCOMPLETE:
        first = crashed(report)[0]
        print(f"repro-audit: {first.practice.id}: {safe(first.verdict.summary)}", file=sys.stderr)
        return INCOMPLETE
    send(record(report), output)
    return DONE


def crashed(report: Report) -> list[Result]:
    """Return what no rule could judge, in the whole and in each project of a monorepo."""
    every = (*report.results, *(result for item in report.projects for result in item.results))
    return [item for item in every if item.verdict.status is Status.ERROR]


def status(report: Report, bar: float | None) -> int:
    """Return the exit status; an incomplete audit outranks the bar and the baseline."""
    if crashed(report):
        return INCOMPLETE
    worse = report.comparison is not None and bool(report.comparison.worse)
    return BELOW if worse or (bar is not None and report.score.low < bar) else DONE


def list_practices(style: str) -> int:
    """Print id, severity, aspect and title of every practice."""
    rows = [rule.practice for rule in catalogue.rules()]
    if style == "json":
        shape = [
            {**asdict(row), "severity": row.severity.value, "sources": list(row.sources)}
            for row in rows
        ]
        emit(json.dumps(shape, indent=2) + "\n")
        return DONE
    wide = max(len(row.id) for row in rows)
    for aspect in sorted({row.aspect for row in rows}):
        inside = [row for row in rows if row.aspect == aspect]
        emit(f"{aspect} ({len(inside)})\n")
        for row in inside:
            start = f"  {row.id:<{wide}}  {row.severity.value:<7}  "
            lines = textwrap.wrap(row.title, LIST_WIDTH - len(start))
            emit(start + f"\n{' ' * len(start)}".join(lines) + "\n")
    emit(f"\n{len(rows)} practices; `repro-audit explain ID` prints the page of one.\n")
    return DONE


def explain(identifier: str) -> int:
    """Print the page of a practice."""
    found = catalogue.rule(identifier)
    practice = found.practice
    emit(f"# {practice.title}\n\n")
    rows = {
        "id": practice.id,
        "aspect": practice.aspect,
        "type": practice.type,
        "level": practice.level,
        "severity": practice.severity.value,
        "since": practice.since,
    }
    for name, value in rows.items():
        emit(f"{name + ':':<10}{value}\n")
    sources = textwrap.wrap(", ".join(practice.sources), 78, break_long_words=False)
    emit("sources:  " + "\n          ".join(sources) + "\n")
    emit(f"\n{found.page.body}")
    emit(f"\nTo leave it out with a reason: # repro-audit: ignore[{practice.id}] -- why\n")
    return DONE
