"""What the command line understands."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from repro_audit import __version__
from repro_audit.errors import ReproAuditError
from repro_audit.render import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = ("check", "baseline", "list", "explain")
EXAMPLES = """\
examples:
  repro-audit                                      audit the current directory
  repro-audit ../paper --fail-under 70             exit 1 when readiness may be below 70
  repro-audit check . --format html --output report.html
  repro-audit check . --select env-lock seed-all-libraries
  repro-audit check . --profile pwc                only the practices of a badge or level
  repro-audit check stranger/                      its own settings are listed, not applied
  repro-audit baseline . --output baseline.json    remember today's state
  repro-audit check . --baseline baseline.json     exit 1 only for what is worse
  repro-audit explain env-lock                     why it matters and how to fix it

exit status: 0 done and above the bar, 1 below the bar or worse than the baseline,
  2 wrong use, 3 a rule crashed, 130 interrupted
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


def add_choice(command: argparse.ArgumentParser) -> None:
    """Add what says which repository and which practices."""
    command.add_argument("path", nargs="?", default=".", help="the repository (default: here)")
    command.add_argument(
        "--select", nargs="+", default=[], metavar="ID", help="only these practices"
    )
    command.add_argument(
        "--profile", metavar="NAME", help="only the practices of a level or badge, such as pwc"
    )
    trust = command.add_mutually_exclusive_group()
    trust.add_argument(
        "--untrusted",
        dest="trust",
        action="store_const",
        const="untrusted",
        default="own",
        help="list the settings and comments of the target, apply none (the default for a "
        "repository other than the one you are in)",
    )
    trust.add_argument(
        "--trusted",
        dest="trust",
        action="store_const",
        const="trusted",
        help="apply them wherever you are",
    )


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
    add_choice(check)
    check.add_argument("--format", choices=STYLES, default="terminal", help="what to write")
    check.add_argument("--output", metavar="FILE", help="write there instead of the screen")
    check.add_argument("--fail-under", type=bar, metavar="N", help="exit 1 below this readiness")
    check.add_argument(
        "--baseline", metavar="FILE", help="exit 1 only for what is worse than this record"
    )
    baseline = commands.add_parser("baseline", help="record today's state of a repository")
    add_choice(baseline)
    baseline.add_argument("--output", metavar="FILE", help="write there instead of the screen")
    names = commands.add_parser("list", help="name all practices")
    names.add_argument("--format", choices=("terminal", "json"), default="terminal")
    explain = commands.add_parser("explain", help="print the page of a practice")
    explain.add_argument("id", help="such as env-lock")
    return top


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Put `check` in front of a path or an option of it."""
    first = arguments[0] if arguments else ""
    if first in COMMANDS or first in {"-h", "--help", "--version"}:
        return list(arguments)
    return ["check", *arguments]
