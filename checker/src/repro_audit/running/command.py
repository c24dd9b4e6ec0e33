"""The command `repro-audit run`: what it is given, what it says, and its exit status."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.output import say
from repro_audit.running.launch import launch
from repro_audit.running.notify import Notifier
from repro_audit.running.record import without_passwords
from repro_audit.running.recorder import Recorder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from repro_audit.running.launch import Ended

    Place = Callable[[Recorder, argparse.Namespace, Mapping[str, str], Callable[[], None]], Ended]


# What only has a meaning where the command does not run in this environment.
ELSEWHERE = ("lock", "data", "keep", "cpus", "gpus")


def run(options: argparse.Namespace) -> int:
    """Run what follows `--`; its exit status is ours.

    Raises:
        ReproAuditError: when there is nothing to run, or no place for the record.
    """
    if not options.words:
        raise ReproAuditError("There is no command to run; give it after --.")
    if not (options.on or options.engine):
        given = [name for name in ELSEWHERE if getattr(options, name)]
        if given:
            raise ReproAuditError(f"--{given[0]} is for --in and --on; here nothing is changed.")
    environment = dict(os.environ)
    notifier = Notifier(options.notify, without_passwords(options.words))
    recorder = Recorder(options.words, options.output, track=not options.no_track)
    try:
        ended = place(options)(recorder, options, environment, notifier.started)
    except ReproAuditError as problem:
        recorder.give_up(str(problem))
        raise
    if options.notify:
        notifier.ended(recorder.record, recorder.path)
        recorder.record["notifications"] = notifier.told
        recorder.save()
    if ended.problem:
        say(ended.problem)
    if not options.quiet:
        say(f"{ended.state} in {ended.seconds:.1f} s; the record is {shown(recorder)}")
    return ended.status


def place(options: argparse.Namespace) -> Place:
    """Return what runs the command where it was asked for."""
    if options.on:
        from repro_audit.running.cluster import run_on_cluster  # noqa: PLC0415 - rarely asked for

        return run_on_cluster
    if options.engine:
        from repro_audit.running.container import run_in_container  # noqa: PLC0415 - as above

        return run_in_container
    return run_here


def run_here(
    recorder: Recorder,
    options: argparse.Namespace,  # noqa: ARG001 - as the other places
    environment: Mapping[str, str],
    began: Callable[[], None],
) -> Ended:
    """Run the command on this machine, in this environment."""
    recorder.begin(environment)
    recorder.keep_store(environment)
    began()
    observed = recorder.observed_environment(environment)
    ended = launch(recorder.words, observed, recorder.folder, recorder.started)
    recorder.end(ended)
    return ended


def shown(recorder: Recorder) -> str:
    """Return the path of the record as it is typed from here."""
    try:
        return os.path.relpath(recorder.path)
    except ValueError:
        return str(recorder.path)
