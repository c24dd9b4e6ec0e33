"""How fast we and others audit each repository of a folder: medians of CPU seconds, side by side.

Every auditor has an environment of its own and runs in turn with the others, so that all meet the
same weather on the machine. CPU seconds are user and system time of the whole process.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from dulwich.errors import NotGitRepository
from dulwich.repo import Repo

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = 900
# The versions that were current when the table was last made.
RIVALS = {
    "adduce": ("0.2.0", ("adduce", "check")),
    "rrdoctor": ("0.2.24", ("rrdoctor", "scan")),
    "ml-project-doctor": ("0.1.1", ("ml-project-doctor",)),
    "reprolint": ("0.1.0", ("reprolint",)),
}
COPIES = (1, 2, 4, 8)
OURS = "repro-audit"
AGAIN = "repro-audit, again"


@dataclass(frozen=True)
class Run:
    """What one process took: CPU and wall seconds, and its peak of memory in megabytes."""

    cpu: float
    wall: float
    megabytes: float
    status: int


def timed(command: Sequence[str], cache: Path) -> Run:
    """Run one auditor; what it prints is thrown away, and its caches go below `cache`."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = kept | {"XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"}
    begun = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    wall = time.monotonic() - begun
    return Run(used.ru_utime + used.ru_stime, wall, kilobytes / 1000, process.returncode)


def installed(name: str, base: Path) -> str | None:
    """Install a rival into its own environment and return where its programs are, or None."""
    version, words = RIVALS[name]
    programs = base / name / "bin"
    made = [
        [sys.executable, "-m", "venv", str(base / name)],
        [str(programs / "python"), "-m", "pip", "install", "-qq", f"{name}=={version}"],
        # Its first run would compile what it imports, which ours has behind it.
        [str(programs / "python"), "-m", "compileall", "-q", str(base / name / "lib")],
    ]
    for command in made:
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode not in {0, 1}:
            return None
    return str(programs) if (programs / words[0]).is_file() else None


def contenders(base: Path) -> dict[str, list[str]]:
    """Return the command of everybody who takes part; the path comes last."""
    ours = [str(Path(sys.executable).parent / OURS), "check", "--untrusted", "--format", "json"]
    found = {OURS: [*ours, "--no-cache"], AGAIN: ours}
    for name, (_, words) in RIVALS.items():
        programs = installed(name, base)
        if programs is None:
            print(f"{name} cannot be installed here and takes no part", file=sys.stderr)
        else:
            found[name] = [f"{programs}/{words[0]}", *words[1:]]
    return found


def race(repository: Path, commands: dict[str, list[str]], rounds: int) -> dict[str, list[Run]]:
    """Run everybody in turn, `rounds` times, over a copy of the repository."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / repository.name
        shutil.copytree(repository, copy, symlinks=True)
        cache = Path(folder) / "cache"
        timed([*commands[AGAIN], str(copy)], cache)
        for number in range(rounds):
            for name, command in commands.items():
                print(f"{repository.name}: {name}, {number + 1} of {rounds}", file=sys.stderr)
                runs[name].append(timed([*command, str(copy)], cache))
    return runs


def commit_of(repository: Path) -> str:
    """Return the short commit of a repository."""
    try:
        with Repo(str(repository)) as repo:
            return repo.head().decode()[:10]
    except (NotGitRepository, KeyError):
        return "no commit"


def rows(repository: Path, runs: dict[str, list[Run]]) -> list[str]:
    """Return the lines of the table for one repository."""
    files = [path for path in repository.rglob("*") if ".git" not in path.parts and path.is_file()]
    python = sum(path.suffix == ".py" for path in files)
    said = f"{repository.name} `{commit_of(repository)}`, {len(files)} files, {python} Python"
    ours = median(run.cpu for run in runs[OURS])
    lines: list[str] = []
    for name, done in runs.items():
        cpu = median(run.cpu for run in done)
        wall = median(run.wall for run in done)
        peak = median(run.megabytes for run in done)
        crashed = any(run.status < 0 or run.status > 3 for run in done)
        note = " (crashed)" if crashed else ""
        times = f"{cpu:.2f} | {wall:.2f} | {peak:.0f} | {cpu / ours:.2f}"
        lines.append(f"| {said if not lines else ''} | {name}{note} | {times} |")
    return lines


def report(results: dict[Path, dict[str, list[Run]]], rounds: int) -> str:
    """Return the page."""
    versions = ", ".join(f"{name} {version}" for name, (version, _) in RIVALS.items())
    lines = [
        "# Benchmarks",
        "",
        f"Written by `nox -s bench -- FOLDER`: medians of {rounds} runs of everybody in turn,",
        f"Python {platform.python_version()}, {os.cpu_count()} cores.",
        "CPU is user and system time of all processes of an auditor, peak MB that of its largest;",
        f"the last column is CPU against our first run. Others: {versions}.",
        "",
        "| repository | auditor | CPU s | wall s | peak MB | ratio |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for repository, runs in results.items():
        lines += rows(repository, runs)
    return "\n".join(lines) + "\n"


def growth(repository: Path, command: Sequence[str]) -> list[str]:
    """Return a table of what our first run takes over one to eight copies side by side."""
    lines = [
        "",
        f"Copies of {repository.name} side by side, our first run. From two on they are projects",
        "of a monorepo, each of which gets a verdict of its own beside that of the whole.",
        "",
        "| copies | CPU s | CPU s per copy | peak MB |",
        "| ---: | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "copies"
        for number in range(max(COPIES)):
            away = shutil.ignore_patterns(".git")
            shutil.copytree(repository, base / f"copy{number}", symlinks=True, ignore=away)
            if number + 1 in COPIES:
                run = timed([*command, str(base)], Path(folder) / "cache")
                each = run.cpu / (number + 1)
                lines.append(f"| {number + 1} | {run.cpu:.2f} | {each:.2f} | {run.megabytes:.0f} |")
    return lines


def main() -> None:
    """Read the command line, race, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder of repositories")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks.md"))
    parser.add_argument("--grow", metavar="NAME", help="also audit copies of this one side by side")
    options = parser.parse_args()
    repositories = sorted(path for path in options.folder.iterdir() if path.is_dir())
    with tempfile.TemporaryDirectory() as base:
        commands = contenders(Path(base))
        results = {path: race(path, commands, options.rounds) for path in repositories}
        grown = growth(options.folder / options.grow, commands[OURS]) if options.grow else []
    temporary = options.output.with_suffix(".tmp")
    temporary.write_text(report(results, options.rounds) + "\n".join([*grown, ""]), "utf-8")
    temporary.replace(options.output)
    print(f"wrote {options.output}")


if __name__ == "__main__":
    main()
