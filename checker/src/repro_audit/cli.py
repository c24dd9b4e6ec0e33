"""The command line; what is heavy is imported by the command that needs it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from repro_audit import __version__
from repro_audit.errors import ReproAuditError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, BELOW, WRONG, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
FORMATS = ("terminal", "json", "html", "sarif", "markdown")
COMMANDS = ("check", "list", "explain")
EXAMPLES = """\
examples:
  repro-audit                                      audit the current directory
  repro-audit ../paper --fail-under 70             exit 1 when readiness may be below 70
  repro-audit check . --format html --output report.html
  repro-audit check . --select env-lock seed-all-libraries
  repro-audit check stranger/ --untrusted          do not apply the settings found there
  repro-audit explain env-lock                     why it matters and how to fix it

exit status: 0 done and above the bar, 1 below the bar, 2 wrong use,
  3 a rule crashed, 130 interrupted
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing the usage."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raise instead of leaving the program."""
        raise ReproAuditError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def bar(text: str) -> float:
    """Read a percentage."""
    value = float(text)
    if not 0 <= value <= 100:  # noqa: PLR2004 - percent
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 100")
    return value


def parser() -> Parser:
    """Build the parser."""
    top = Parser(
        prog="repro-audit",
        description="Says, with evidence, how repeatable the results of a repository are.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"repro-audit {__version__}")
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    check = commands.add_parser(
        "check",
        help="audit a repository (the default)",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("path", nargs="?", default=".", help="the repository (default: here)")
    check.add_argument("--format", choices=FORMATS, default="terminal", help="what to write")
    check.add_argument("--output", metavar="FILE", help="write there instead of the screen")
    check.add_argument("--fail-under", type=bar, metavar="N", help="exit 1 below this readiness")
    check.add_argument("--select", nargs="+", default=[], metavar="ID", help="only these practices")
    check.add_argument(
        "--untrusted", action="store_true", help="list the settings of the target, apply none"
    )
    commands.add_parser("list", help="name all practices")
    explain = commands.add_parser("explain", help="print the page of a practice")
    explain.add_argument("id", help="such as env-lock")
    return top


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Put `check` in front of a path or an option of it."""
    first = arguments[0] if arguments else ""
    if first in COMMANDS or first in {"-h", "--help", "--version"}:
        return list(arguments)
    return ["check", *arguments]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; only argparse's help and version exit."""
    try:
        options = parser().parse_args(with_default_command(sys.argv[1:] if argv is None else argv))
        from repro_audit import commands  # noqa: PLC0415 - `--version` and `--help` stay light

        if options.command == "list":
            return commands.list_practices()
        if options.command == "explain":
            return commands.explain(options.id)
        return commands.check(
            path=options.path,
            style=options.format,
            output=options.output,
            fail_under=options.fail_under,
            choice=commands.Choice(tuple(options.select), untrusted=options.untrusted),
        )
    except ReproAuditError as problem:
        print(f"repro-audit: {problem}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("repro-audit: interrupted", file=sys.stderr)
        return INTERRUPTED


def run() -> None:
    """Leave with the status of `main`; the console script."""
    sys.exit(main())
