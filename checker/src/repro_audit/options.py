"""What the command line understands."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import __version__
from repro_audit.errors import ReproAuditError
from repro_audit.examples import (
    CHECK_EXAMPLES,
    EXPORT_EXAMPLES,
    RUN_EXAMPLES,
    RUNS_EXAMPLES,
    VERIFY_EXAMPLES,
)
from repro_audit.render import STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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


def add_run(command: argparse.ArgumentParser) -> None:
    """Add what says how a command is run."""
    add = command.add_argument
    add("--output", metavar="FOLDER", help="where the record goes (default: a folder of its own in "
        ".repro-audit/runs of the work tree)")  # fmt: skip
    add("--notify", action="append", default=[], metavar="URL", help="tell this address of start, "
        "end and failure (as apprise writes them: mailto://, slack://, json:// ...)")  # fmt: skip
    add("--no-track", action="store_true", help="leave MLflow alone; otherwise what trains with "
        "scikit-learn, Lightning, XGBoost, LightGBM, Keras or fastai is logged in one run, where "
        "MLflow is installed beside it")  # fmt: skip
    add("--quiet", action="store_true", help="say nothing about the record at the end")
    place = command.add_argument_group("elsewhere")
    either = place.add_mutually_exclusive_group()
    either.add_argument("--in", dest="engine", choices=("docker", "podman"), help="in a container "
        "of the repository's Dockerfile, or of its lock; the tree is mounted")  # fmt: skip
    either.add_argument("--on", metavar="ADDRESS", help="on a Ray cluster (http://HOST:8265, "
        "ray://HOST:10001): the tree is sent there, record and outputs come back")  # fmt: skip
    add = place.add_argument
    add("--lock", action="append", default=[], metavar="FILE", help="what pip installs there, any "
        "number of times; `none` takes what is there (default: uv.lock, requirements.lock or "
        "requirements.txt of the tree)")  # fmt: skip
    add("--data", action="append", default=[], metavar="PATH", help="a file or folder that git "
        "does not hold and the command needs on a cluster")  # fmt: skip
    add("--keep", action="append", default=[], metavar="VARIABLE",
        help="hand on this variable too, also when its name looks like a secret")  # fmt: skip
    add("--cpus", type=positive, metavar="N", help="processors that the command asks for there")
    add("--gpus", type=positive, metavar="N", help="graphics processors that it asks for there")
    command.set_defaults(words=[])


def add_verify(command: argparse.ArgumentParser) -> None:
    """Add what says how a command is verified."""
    add = command.add_argument
    add("path", nargs="?", default=".", help="the repository (default: here)")
    add("--yes", action="store_true", help="run the command: nothing is run without this")
    add(
        "--output", metavar="FILE", help="the record (default: repro-record.json in the repository)"
    )
    add("--vary", action="append", default=[], metavar="NAME,...", help="only these variations")
    add("--expect", action="append", default=[], metavar="GLOB", help="the outputs that count "
        "(default: every file that the command writes in the tree)")  # fmt: skip
    add("--tolerance", action="append", default=[], metavar="NAME=REL[,ABS]", help="how far "
        "numbers of this name may lie apart; the name may have wildcards")  # fmt: skip
    add("--ignore", action="append", default=[], metavar="NAME", help="a value or an output that "
        "does not count, such as run_id; the name may have wildcards")  # fmt: skip
    add("--data", action="append", default=[], metavar="PATH",
        help="a file or folder that git does not hold and the command needs")  # fmt: skip
    add("--run", metavar="ID", help="make this run of an MLflow store again, instead of a command")
    add_store(command)
    add("--keep", action="append", default=[], metavar="VARIABLE",
        help="hand on this variable although its name looks like a secret")  # fmt: skip
    add("--network", action="store_true", help="let all runs use the network")
    add("--no-isolation", action="store_true", help="do without bubblewrap")
    add("--no-causes", action="store_true", help="do not look for causes with traced runs")
    add("--timeout", type=positive, default=3600.0, metavar="SECONDS", help="for one run")
    add("--memory", type=whole, metavar="MB", help="of one run (default: no limit)")
    add("--processes", type=whole, default=2048, metavar="N", help="of one run")
    add("--disk", type=whole, default=20_000, metavar="MB", help="that one run may write")
    command.set_defaults(words=[])


def add_store(command: argparse.ArgumentParser) -> None:
    """Add what says where tracked runs are."""
    command.add_argument(
        "--store",
        metavar="URI",
        help="the store of the run (default: MLFLOW_TRACKING_URI, else the one that `run` keeps)",
    )


def add_runs(command: argparse.ArgumentParser) -> None:
    """Add what says which store is audited."""
    add = command.add_argument
    add("uri", metavar="URI", help="a database, sqlite:///PATH, a folder, or a server")
    add("--experiment", metavar="NAME", help="only the runs of this experiment")
    add("--claims", metavar="FILE", help="a file of results (JSON, CSV, tables of Markdown): say "
        "from which run each of its numbers comes")  # fmt: skip
    add("--format", choices=("terminal", "json"), default="terminal", help="what to write")
    add("--output", metavar="FILE", help="write there instead of the screen")


def positive(text: str) -> float:
    """Read a number above zero."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def whole(text: str) -> int:
    """Read a whole number above zero."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def add_check(command: argparse.ArgumentParser) -> None:
    """Add what says which report is written, and what its exit status depends on."""
    add_choice(command)
    add = command.add_argument
    add("--format", choices=STYLES, default="terminal", help="what to write")
    add("--output", metavar="FILE", help="write there instead of the screen")
    add("--fail-under", type=bar, metavar="N", help="exit 1 below this readiness")
    add("--baseline", metavar="FILE", help="exit 1 only for what is worse than this record")
    add("--no-cache", action="store_true",
        help="neither use nor keep the report of an earlier run")  # fmt: skip


def add_baseline(command: argparse.ArgumentParser) -> None:
    """Add what says where a baseline goes."""
    add_choice(command)
    command.add_argument("--output", metavar="FILE", help="write there instead of the screen")


def add_export(command: argparse.ArgumentParser) -> None:
    """Add what says which run is archived, where and for whom."""
    command.add_argument("run", metavar="RUN", help="the folder of a record, or the ID of a run")
    add_store(command)
    add = command.add_argument
    add("--output", metavar="PATH", required=True, help="a folder, or a .zip")
    add("--agent", metavar="NAME", default="", help="who ran it: a name, or an ORCID such as "
        "https://orcid.org/0000-0002-1825-0097")  # fmt: skip


def add_list(command: argparse.ArgumentParser) -> None:
    """Add how the practices are listed."""
    command.add_argument("--format", choices=("terminal", "json"), default="terminal")


def add_explain(command: argparse.ArgumentParser) -> None:
    """Add which practice is explained."""
    command.add_argument("id", help="such as env-lock")


class Described(NamedTuple):
    """A command as `--help` shows it, and what adds its options."""

    name: str
    help: str
    add: Callable[[argparse.ArgumentParser], None]
    examples: str | None = None
    usage: str | None = None


DESCRIBED = (
    Described("check", "audit a repository (the default)", add_check, CHECK_EXAMPLES),
    Described("baseline", "record today's state of a repository", add_baseline),
    Described(
        "run",
        "run a command, and keep what is needed to repeat it",
        add_run,
        RUN_EXAMPLES,
        "repro-audit run [options] -- COMMAND ...",
    ),
    Described(
        "verify",
        "run a command again under changed conditions, and say why it differs",
        add_verify,
        VERIFY_EXAMPLES,
        "repro-audit verify [PATH] --yes [options] -- COMMAND ...",
    ),
    Described("runs", "say which runs of an MLflow store can be repeated", add_runs, RUNS_EXAMPLES),
    Described("export", "write a run as an RO-Crate, to be archived", add_export, EXPORT_EXAMPLES),
    Described("list", "name all practices", add_list),
    Described("explain", "print the page of a practice", add_explain),
)


def parser() -> Parser:
    """Build the parser."""
    written = argparse.RawDescriptionHelpFormatter
    top = Parser(
        prog="repro-audit",
        description="Says, with evidence, how repeatable the results of a repository are.",
        epilog=CHECK_EXAMPLES,
        formatter_class=written,
    )
    top.add_argument("--version", action="version", version=f"repro-audit {__version__}")
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    for item in DESCRIBED:
        command = commands.add_parser(
            item.name,
            help=item.help,
            epilog=item.examples,
            usage=item.usage,
            formatter_class=written,
        )
        item.add(command)
    return top


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Read a command line; what follows `--` is the command to run or to verify, word by word."""
    given = list(arguments)
    words: list[str] = []
    if given[:1] in (["run"], ["verify"]) and "--" in given:
        at = given.index("--")
        given, words = given[:at], given[at + 1 :]
    options = parser().parse_args(with_default_command(given))
    if words:
        options.words = words
    return options


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Put `check` in front of a path or an option of it."""
    first = arguments[0] if arguments else ""
    if first in {item.name for item in DESCRIBED} or first in {"-h", "--help", "--version"}:
        return list(arguments)
    return ["check", *arguments]
