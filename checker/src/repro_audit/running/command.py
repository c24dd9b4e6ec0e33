"""The command `repro-audit run`: what it is given, what it says, and its exit status."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.running.launch import launch
from repro_audit.running.notify import Notifier
from repro_audit.running.record import without_passwords
from repro_audit.running.recorder import Recorder

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Run what follows `--`; its exit status is ours.

    Raises:
        ReproAuditError: when there is nothing to run, or no place for the record.
    """
    if not options.words:
        raise ReproAuditError("There is no command to run; give it after --.")
    environment = dict(os.environ)
    notifier = Notifier(options.notify, without_passwords(options.words))
    recorder = Recorder(options.words, options.output, track=not options.no_track)
    recorder.begin(environment)
    notifier.started()
    ended = launch(
        options.words,
        recorder.observed_environment(environment),
        recorder.folder,
        recorder.started,
    )
    recorder.end(ended)
    if options.notify:
        notifier.ended(ended, recorder.record["reason"], recorder.path)
        recorder.record["notifications"] = notifier.told
        recorder.save()
    if ended.problem:
        say(ended.problem)
    if not options.quiet:
        say(f"{ended.state} in {ended.seconds:.1f} s; the record is {shown(recorder)}")
    return ended.status


def shown(recorder: Recorder) -> str:
    """Return the path of the record as it is typed from here."""
    try:
        return os.path.relpath(recorder.path)
    except ValueError:
        return str(recorder.path)


def say(line: str) -> None:
    """Tell a person, apart from the output of the command."""
    print(f"repro-audit: {line}", file=sys.stderr, flush=True)
