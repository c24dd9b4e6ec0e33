"""Leave the contents that were asked for, make a git repository where one is wanted, say what next.

Whatever git says to it, generation succeeds.
"""

import io
import itertools
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

GIT_PATIENCE = 20  # seconds for one command; nobody sits there to answer a question
# Our one commit must not ask for a key, run anybody's hooks or leave out what somebody ignores.
OUR_GIT = ["git", "-c", "commit.gpgsign=false"]
OUR_GIT += ["-c", f"core.hooksPath={os.devnull}", "-c", f"core.excludesFile={os.devnull}"]
# Set while git runs a hook: they would lead our commands into the repository of that hook.
FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


def choose(project: Path, contents: str) -> None:
    """Put the files of `minimal` over the example and take away what only the example needs."""
    minimal = project / "minimal"
    if contents == "minimal":
        for name in (minimal / "removed.txt").read_text("utf-8").split():
            (project / name).unlink()
        (minimal / "removed.txt").unlink()
        shutil.copytree(minimal, project, dirs_exist_ok=True)
    shutil.rmtree(minimal)


def git(project: Path, *arguments: str) -> str:
    """Run git without a terminal and give what it printed; what it does not like raises."""
    surroundings = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return subprocess.run(
        [*OUR_GIT, *arguments],
        cwd=project,
        env={**surroundings, "GIT_TERMINAL_PROMPT": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        encoding="utf-8",
        errors="replace",
        timeout=GIT_PATIENCE,
    ).stdout.strip()


def inside_a_repository(project: Path) -> bool:
    """Tell whether a folder above is a repository; git too looks no further than its ceilings."""
    ceilings = os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    above = itertools.takewhile(lambda folder: str(folder) not in ceilings, project.parents)
    return any((folder / ".git").exists() for folder in above)


def knows_who_commits(project: Path) -> bool:
    """Tell whether git has a name and an address for a commit."""
    try:
        return all(git(project, "config", question) for question in ("user.name", "user.email"))
    except (OSError, subprocess.SubprocessError):
        return False


def commit(project: Path) -> str:
    """Make a repository with one commit if that is possible, and say what came of it."""
    if inside_a_repository(project):
        return "No git repository made: the folder is inside one already."
    if shutil.which("git") is None:
        return "No git repository made: git is not installed here."
    if not knows_who_commits(project):
        return "No git repository made: git does not know your user.name and user.email."
    try:
        git(project, "init", "--quiet", "--initial-branch=main")
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message=Start from the template")
    except (OSError, subprocess.SubprocessError):
        return "Git did not make the first commit: try git init, git add --all and git commit."
    return "A git repository with a first commit is made."


def next_steps(project: Path) -> list[str]:
    """Give the commands that lead to a first result, ready to be pasted."""
    folder = str(project)
    quoted = subprocess.list2cmdline([folder]) if os.name == "nt" else shlex.quote(folder)
    return [f"cd {quoted}", "nox -s reproduce", "nox -s audit"]


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console without a letter is no failure
    choose(Path.cwd(), "{{ cookiecutter.contents }}")
    # cruft moves what is generated, adds a file of its own, and compares it file by file.
    by_cruft = "{{ cookiecutter._commit | default('') }}"
    made = "No git repository made: add cruft's file first." if by_cruft else commit(Path.cwd())
    print(made, "Next:", *next_steps(Path.cwd()), sep="\n  ")
