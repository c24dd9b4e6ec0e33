"""From the command line and the project's settings to a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.recording import document
from repro_audit.settings import Verification, load_settings, own_project
from repro_audit.verify.plan import (
    MEGABYTE,
    Limits,
    Plan,
    Tolerance,
    chosen_variations,
    read_tolerance,
)

if TYPE_CHECKING:
    import argparse


def asked(options: argparse.Namespace) -> Plan:
    """Return the plan; what the command line says counts before the settings.

    Raises:
        ReproAuditError: when nothing may be run, or there is nothing to run.
    """
    root = Path(options.path)
    if not root.is_dir():
        raise ReproAuditError(f"{options.path} is no folder; give the path of a repository.")
    root = root.resolve()
    own = own_project(root, Path.cwd())
    configured = load_settings(root).verify if own or options.yes else Verification()
    given = tuple(options.words)
    if options.run is not None and (given or options.vary or options.expect or options.data):
        raise ReproAuditError(
            "--run takes command and data from the store; leave out --vary, --expect, --data and "
            "what follows --."
        )
    if not options.yes and (options.run is not None or given or not (own and configured.command)):
        raise ReproAuditError(
            "Nothing is run without being asked to: add --yes, or set the command under "
            "[tool.repro-audit.verify] of your own project."
        )
    command = given or configured.command or recorded(root)
    if not command and options.run is None:
        raise ReproAuditError("There is no command to run; give it after --.")
    limits = Limits(
        seconds=options.timeout,
        memory=None if options.memory is None else options.memory * MEGABYTE,
        processes=options.processes,
        disk=options.disk * MEGABYTE,
    )
    return Plan(
        root=root,
        command=command,
        vary=chosen_variations(options.vary or configured.vary),
        expect=tuple(options.expect) or configured.expect,
        tolerances=(
            *(read_tolerance(item) for item in (*options.tolerance, *configured.tolerance)),
            *(Tolerance(name, ignore=True) for name in (*options.ignore, *configured.ignore)),
        ),
        data=tuple(options.data) or configured.data,
        keep=tuple(options.keep),
        network=options.network,
        isolate=not options.no_isolation,
        explain=not options.no_causes,
        limits=limits,
    )


def recorded(root: Path) -> tuple[str, ...]:
    """Return the command of the record that the project carries."""
    path = root / document.NAME
    if path.is_symlink() or not path.is_file():
        return ()
    try:
        found = json.loads(path.read_text("utf-8")).get("command", [])
    except (OSError, ValueError, AttributeError, RecursionError):
        return ()
    valid = isinstance(found, list) and all(isinstance(word, str) for word in found)
    return tuple(found) if valid else ()
