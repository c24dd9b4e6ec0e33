"""Judge whether one documented command makes the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.languages import no_code
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted
from repro_audit.facts.tasks import Tasks

if TYPE_CHECKING:
    from repro_audit.facts.shell import Command

FILES = re.compile(r"(?:-r|-f|--file|--requirement|--lockfile)[= ]+(\S+)")
WHOLE = re.compile(
    r"^(hatch env create|rye sync|Rscript .*renv::restore|"
    r"uv sync|poetry install|pdm (install|sync)|pixi install|pipenv (install|sync)|nix develop|"
    r"conda-lock install|(python3? -m )?pip3? install .*(-r|--requirement)|"
    r"(conda|mamba|micromamba) (env )?create .*(-f|--file)|uv pip (install|sync) .*\.txt|"
    r"(python3? -m )?pip3? install (-e )?['\"]?\.|docker(-compose| compose)? (build|run|up|pull))"
)
# What is typed into Julia or R itself makes an environment from the lock beside it.
TYPED = r"\bPkg\.instantiate\(|\brenv::restore\("
SETUP = re.compile(r"^(setup|install|env|environment|init|bootstrap|dev|lock)", re.IGNORECASE)


def env_one_command(repo: Repository) -> Verdict:
    """The README shows one command that sets up the environment, and the files it names exist."""
    commands = list(repo.fact(Prose).commands())
    broken: list[Evidence] = []
    for command in commands:
        if not sets_up(repo, command):
            continue
        missing = [name for name in FILES.findall(command.text) if not exists(repo, name)]
        if not missing:
            return passed(
                "One documented command sets up the environment.",
                command.evidence(quoted(command.text)),
            )
        broken.append(command.evidence(f"names {missing[0]}, which does not exist"))
    typed = [
        document.at(number, quoted(line))
        for document in repo.fact(Prose).guide()
        for number, line in document.find(TYPED, re.RegexFlag(0))
    ]
    if typed:
        return passed("One documented command sets up the environment.", *typed)
    fix = "Show one command in the README, such as: pip install -r requirements.txt"
    if broken:
        return failed("The documented command names a file that does not exist.", *broken, fix=fix)
    single = [
        item.evidence(quoted(item.text))
        for item in commands
        if re.search(r"\b(pip3?|conda|mamba|uv)\b.* (install|create|add) ", item.text + " ")
    ]
    if single:
        return partial("Packages are installed one by one.", *single[:5], fix=fix)
    if no_code(repo):
        return not_applicable("There is no code, so nothing needs an environment.")
    readme = repo.fact(Prose).readme
    where = (
        Evidence(readme.path, 1, "shows no command that installs")
        if readme
        else Evidence(".", 0, "no README")
    )
    return failed("No command that sets up the environment is documented.", where, fix=fix)


def sets_up(repo: Repository, command: Command) -> bool:
    """Say whether a command creates the whole environment."""
    if WHOLE.match(command.text):
        return True
    task = repo.fact(Tasks).started_by(command)
    if task is None:
        return False
    return task.installs or (bool(SETUP.match(task.name)) and bool(task.commands))


def exists(repo: Repository, name: str) -> bool:
    """Say whether the file that a command names is there, in whatever folder it is run from."""
    plain = name.strip("\"'`,").removeprefix("./")
    free = any(mark in plain for mark in "<>${*")
    return (
        free or plain in repo.by_path or any(file.path.endswith(f"/{plain}") for file in repo.files)
    )
