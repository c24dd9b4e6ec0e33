"""Commands that the documents show, compared with the files, tasks and flags that exist."""

from __future__ import annotations

import posixpath
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import Configs
from repro_audit.facts.flags import Flags
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.syntax import dotted
from repro_audit.facts.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.facts.shell import Command
    from repro_audit.facts.task import Task
    from repro_audit.repository import Repository

PYTHON = re.compile(
    r"^(python[\d.]*|ipython|torchrun|accelerate|deepspeed|srun|xvfb-run|mpirun|mpiexec|horovodrun)$"
)
# Modules that run the script behind them.
LAUNCHERS = re.compile(
    r"^(torch\.distributed\.(launch|run)|accelerate\.commands\.launch|mpi4py(\.futures)?|"
    r"cProfile|pdb|debugpy|coverage|kernprof|line_profiler|paddle\.distributed\.launch)$"
)
SHELL = re.compile(r"^(bash|sh|zsh|source|sbatch|qsub)$")
FREE = re.compile(
    r"[<>{}$*\[\]]|\.\.\.|path/to|your|(^|[/=_-])name[_-]of[_-]|"
    r"(^|[/=._-])custom([._-]|$)"
)
INSTALLERS = {"setup.py", "install.sh", "setup.sh"}
RUNNERS = {"make", "nox", "just", "tox", "task", "invoke"}


class Invocation(NamedTuple):
    """A shown command that runs something of the repository; `problem` says why it cannot."""

    command: Command
    path: str
    task: Task | None = None
    problem: str = ""


def script_of(command: Command) -> str | None:
    """Return the script or module that a command names, as it is written."""
    words = command.words
    if not PYTHON.match(command.program) and not SHELL.match(command.program):
        # A path alone is a mention; only a shell script needs no more than its name to be run.
        own = words[0].endswith(".sh") or (words[0].endswith(".py") and "/" in words[0])
        return words[0] if own and (len(words) > 1 or words[0].endswith(".sh")) else None
    for number, word in enumerate(words[1:], 1):
        if word == "-m" and number + 1 < len(words):
            if LAUNCHERS.match(words[number + 1]):
                continue
            return "-m " + words[number + 1]
        if word in {"-c", "--version", "-V"}:
            return None
        if word.endswith((".py", ".sh", ".ipynb", ".slurm", ".sbatch")):
            return word
    return None


def program_of(repo: Repository, command: Command) -> str | None:
    """Return a script without an ending that a command starts by its path, such as `./run`."""
    named = command.words[0]
    first = next(iter(repo.lines(named[2:])), "") if named.startswith("./") else ""
    return named if first.startswith("#!") else None


class Invocations(NamedTuple):
    """All shown commands that run something of the repository, in the order of the documents."""

    shown: tuple[Invocation, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Invocations:
        """Compare each command of the README and its linked documents with what exists."""
        return cls(tuple(invocations(repo)))


def invocations(repo: Repository) -> Iterator[Invocation]:
    """Yield the shown commands that run something."""
    tasks = repo.fact(Tasks)
    index = repo.fact(PythonIndex)
    fetched: set[str] = set()
    for command in repo.fact(Prose).commands():
        if command.program in {"wget", "curl"}:
            fetched |= {word.rpartition("/")[2] for word in command.words}
        task = tasks.started_by(command)
        if task is not None:
            yield Invocation(command, task.path, task, missing_config(repo, command))
            continue
        missing = missing_task(command, tasks)
        if missing:
            yield Invocation(command, "", None, missing)
            continue
        named = script_of(command) or program_of(repo, command)
        if named is None or FREE.search(named) or named.rpartition("/")[2] in fetched:
            continue
        path = find(repo, index, named)
        if path in INSTALLERS or (path is None and command.words == (named,)):
            continue
        if path is not None:
            own = command.words[command.words.index(named.removeprefix("-m ")) + 1 :]
            wrong = unknown_flag(repo, own, path) or missing_config(repo, command)
            wrong = wrong or missing_option(repo, command, path)
            yield Invocation(command, path, None, wrong)
        elif not (elsewhere(repo, command) or foreign(named, index) or leaves(command, named)):
            yield Invocation(command, "", None, f"{named} does not exist in this repository")


def missing_config(repo: Repository, command: Command) -> str:
    """Say which configuration file a command is given that does not exist."""
    words = [part for word in command.words for part in split_flag(word)]
    for before, word in pairwise(words):
        named = re.fullmatch(r"--?(c|cfg|conf|config\w*|[\w-]*config[\w-]*)", before)
        kind = word.endswith((".yaml", ".yml", ".toml", ".json", ".ini", ".gin"))
        plain = word.removeprefix("./")
        if not (named and kind) or FREE.search(word) or plain.startswith(("/", "~")):
            continue
        if not any(path == plain or path.endswith(f"/{plain}") for path in repo.by_path):
            return f"{word} does not exist in this repository"
    return ""


def split_flag(word: str) -> tuple[str, ...]:
    """Take `--config=file` apart; every other word is itself."""
    flag, equals, value = word.partition("=")
    return (flag, value) if equals and flag.startswith("-") else (word,)


def missing_option(repo: Repository, command: Command, path: str) -> str:
    """Say which option of a Hydra group a command chooses that the group's folder lacks."""
    module = repo.fact(PythonIndex).modules.get(path)
    if module is None or not any(call.name == "hydra.main" for call in module.calls):
        return ""
    folders: dict[str, set[str]] = {}
    for file in repo.fact(Configs).files:
        folder, _, name = file.rpartition("/")
        folders.setdefault(folder, set()).add(name.rpartition(".")[0])
    for word in command.words:
        group, equals, option = word.lstrip("+").partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z]\w*(/\w+)*", group):
            continue
        # Only a plain name chooses an option; lists, sweeps and numbers are values of keys.
        known = [names for folder, names in folders.items() if folder.endswith(f"/{group}")]
        plain = re.fullmatch(r"[A-Za-z][\w-]*", option) and option not in {"null", "none"}
        plain = plain and not FREE.search(option)
        if plain and known and not any(option in names for names in known):
            return f"{group} has no option {option} in this repository"
    return ""


def foreign(named: str, index: PythonIndex) -> bool:
    """Say whether `-m module` names a module of another distribution."""
    return named.startswith("-m ") and not index.names.get(named[3:].partition(".")[0])


def leaves(command: Command, named: str) -> bool:
    """Say whether a path leads out of the repository: `../other/tool.py` in its README."""
    base = posixpath.dirname(command.path)
    return posixpath.normpath(posixpath.join(base, named)).startswith("../")


def elsewhere(repo: Repository, command: Command) -> bool:
    """Say whether the lines before a command speak of cloning another repository."""
    lines = repo.lines(command.path)[max(0, command.line - 8) : command.line]
    return any(re.search(r"\bclon(e|ing)\b", line[:2000]) for line in lines)


def missing_task(command: Command, tasks: Tasks) -> str:
    """Say which task a runner's command names that its file does not define."""
    runner = command.program
    known = {task.name for task in tasks.all if task.runner == runner}
    if runner not in RUNNERS or not known or "%" in known:
        return ""
    words = [word for word in command.words[1:] if not word.startswith("-") and "=" not in word]
    names = words[:1] if runner != "make" else words
    for name in names:
        if (
            name.partition("(")[0] not in known
            and not FREE.search(name)
            and re.match(r"^[\w-]+$", name)
        ):
            return f"{runner} has no task {name}"
    return ""


def find(repo: Repository, index: PythonIndex, named: str) -> str | None:
    """Return the file that a command names, in whatever folder it is run from."""
    if named.startswith("-m "):
        found = index.names.get(named[3:], ()) or index.names.get(f"{named[3:]}.__main__", ())
        return found[0] if found else None
    plain = named.removeprefix("./").lstrip("/")
    while plain.startswith("../"):
        plain = plain[3:]
    if plain in repo.by_path:
        return plain
    return next((file.path for file in repo.files if file.path.endswith(f"/{plain}")), None)


def unknown_flag(repo: Repository, words: Iterable[str], path: str) -> str:
    """Say which of the words behind a script is a flag that it does not define.

    What stands before the script belongs to its launcher: `torchrun --nnodes=1 train.py`.
    """
    flags = repo.fact(Flags)
    module = repo.fact(PythonIndex).modules.get(path)
    own = flags.defined.get(path, set())
    plain = module is not None and any(
        call.name == "argparse.ArgumentParser" for call in module.calls
    )
    loose = module is not None and any(
        call.method in {"parse_known_args", "add_arguments", "add_subparsers", "add_argparse_args"}
        or (call.argument("parents") is not None)
        # A function that is handed the parser may name flags that only its run knows.
        or (flags.by_code and any("parser" in dotted(node) for node in call.node.args))
        for call in module.calls
    )
    if not own or not plain or loose:
        return ""
    for word in words:
        found = re.match(r"^--([A-Za-z][\w-]*)", word)
        if found and found.group(1) != "help":
            name = found.group(1).replace("-", "_")
            prefix = any(item.startswith(name) for item in own)
            known = name in flags.by_name or f"--{found.group(1)}" in flags.spelled
            if not known and not prefix:
                return f"{path} has no flag --{found.group(1)}"
    return ""
