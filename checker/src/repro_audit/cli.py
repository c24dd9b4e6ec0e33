"""The command line; what is heavy is imported by the command that needs it."""

from __future__ import annotations

import sys

from repro_audit import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from repro_audit.kept import Answer

DONE, BELOW, WRONG, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; only argparse's help and version exit."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:
        # Answered before argparse is imported: shells and CI ask for it all the time.
        print(f"repro-audit {__version__}")
        return DONE
    from repro_audit.errors import ReproAuditError  # noqa: PLC0415 - see above

    try:
        from repro_audit.options import parsed  # noqa: PLC0415 - see above

        return started(parsed(arguments))
    except ReproAuditError as problem:
        # The sentence may quote what a stranger's file says.
        from repro_audit.render.words import safe  # noqa: PLC0415 - see above

        print(f"repro-audit: {safe(str(problem))}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("repro-audit: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader left, as `head` does; nothing more can be said to it.
        sys.stderr.close()
        return DONE


def started(options: argparse.Namespace) -> int:
    """Start the command that was asked for."""
    if options.command == "run":
        from repro_audit.running.command import run as record  # noqa: PLC0415 - as verify

        return record(options)
    if options.command == "verify":
        from repro_audit.verify.command import verify  # noqa: PLC0415 - the audit never loads it

        return verify(options)
    if options.command == "runs":
        from repro_audit.tracked.command import runs  # noqa: PLC0415 - as verify

        return runs(options)
    if options.command == "export":
        from repro_audit.archive.command import export  # noqa: PLC0415 - as verify

        return export(options)
    key = None
    if options.command == "check" and not (options.baseline or options.no_cache):
        from repro_audit import kept  # noqa: PLC0415 - it answers before the audit is imported

        key = kept.question(options)
        answer = kept.recall(key) if key is not None else None
        if answer is not None:
            return repeated(answer, options)
    from repro_audit import commands  # noqa: PLC0415 - `--help` stays light

    if options.command == "list":
        return commands.list_practices(options.format)
    if options.command == "explain":
        return commands.explain(options.id)
    choice = commands.Choice(
        tuple(options.select),
        profile=options.profile,
        trusted={"trusted": True, "untrusted": False, "own": None}[options.trust],
    )
    if options.command == "baseline":
        return commands.record_baseline(options.path, options.output, choice)
    return commands.check(
        path=options.path,
        target=commands.Target(options.format, options.output, key),
        fail_under=options.fail_under,
        baseline=options.baseline,
        choice=choice,
    )


def repeated(answer: Answer, options: argparse.Namespace) -> int:
    """Write a report that was kept."""
    from repro_audit.output import send  # noqa: PLC0415 - see above

    send(answer.text, options.output)
    bar = options.fail_under if options.fail_under is not None else answer.bar
    return BELOW if bar is not None and answer.low < bar else DONE


def run() -> None:
    """Leave with the status of `main`; the console script."""
    sys.exit(main())
