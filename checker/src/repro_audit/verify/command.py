"""The command `repro-audit verify`: what it is given, what it says, and its exit status."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.output import emit, say, write
from repro_audit.recording import document
from repro_audit.render.words import safe
from repro_audit.verify import show
from repro_audit.verify.experiment import experiment
from repro_audit.verify.lab import Lab, check_platform
from repro_audit.verify.record import as_document
from repro_audit.verify.why import causes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import FrameType

    from repro_audit.verify.plan import Plan

EQUAL, UNEQUAL, FAILED = 0, 1, 3
UNFENCED = "bubblewrap is not there: the command runs with the rights of your account"


def verify(options: argparse.Namespace) -> int:
    """Verify what the options ask for.

    Raises:
        ReproAuditError: when something is given that cannot be used.
    """
    from repro_audit.verify.asked import asked  # noqa: PLC0415

    check_platform()
    plan = asked(options)
    if options.run is not None:
        with ended_by_signals():
            return again(options, plan)
    target = Path(options.output) if options.output else plan.root / document.NAME
    if not target.absolute().parent.is_dir():
        raise ReproAuditError(f"{target} lies in no folder; choose another --output.")
    try:
        with ended_by_signals():
            return carry_out(plan, target)
    except OSError as problem:
        # A full disk is neither an equal result nor an unequal one.
        say(f"the runs could not be made: {problem}")
        return FAILED


def carry_out(plan: Plan, target: Path) -> int:
    """Make the runs, write the record, and show the matrix."""
    moment = dt.datetime.now(dt.timezone.utc)
    began = time.monotonic()
    with Lab(plan) as lab:
        if not lab.tools.bubblewrap:
            say(UNFENCED)
        findings = experiment(lab, say)
        findings = replace(findings, causes=causes(lab, findings, say))
        seconds = time.monotonic() - began
        record = as_document(lab, findings, moment.isoformat(timespec="seconds"), seconds)
    write(target, document.as_text(record))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    emit(show.coloured(findings, plan) if colour else show.plain(findings, plan))
    if findings.failed:
        return FAILED
    near = any(not item.ignore for item in plan.tolerances) and findings.within
    return EQUAL if findings.equal or near else UNEQUAL


def again(options: argparse.Namespace, plan: Plan) -> int:
    """Make a run of an MLflow store again, and compare what it logged.

    Raises:
        ReproAuditError: when the run lacks what is needed.
    """
    from repro_audit.tracked.store import opened, own_store  # noqa: PLC0415 - takes seconds
    from repro_audit.verify import repeated  # noqa: PLC0415 - only here
    from repro_audit.verify.repeat import repeat  # noqa: PLC0415 - only here

    say("reading the store")
    with opened(options.store or own_store(plan.root)) as store:
        found = repeat(store, options.run, plan)
        uri = store.uri
    say(f"running {safe(' '.join(found.plan.command))}")
    with Lab(found.plan) as lab:
        if not lab.tools.bubblewrap:
            say(UNFENCED)
        made = repeated.make_again(lab, found)
    if options.output:
        write(Path(options.output), document.as_text(repeated.as_document(made, uri)))
    emit("\n".join(repeated.told(made, show.tolerances(found.plan))) + "\n")
    if made.failed:
        return FAILED
    near = any(not item.ignore for item in found.plan.tolerances) and made.within
    return EQUAL if made.equal or near else UNEQUAL


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn the request to end into an interruption, so that everything is cleaned up."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a handler's signature
        raise KeyboardInterrupt

    kept = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
