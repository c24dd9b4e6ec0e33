"""What was promised of a generated project, measured: writes docs/measured.md.

`python project.py CHECKER [PART...]` generates a project, and measures the parts that are named, or
all; each takes the place of its section in the page. The project's environment is that of
PROJECT_ENV and is made where it is missing. Seconds are those of processors, user and system, of
all processes of a command: what else the machine does hardly shows in them.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "measured.md"
HEAD = """# What was promised, measured

Written by `nox -s measured`, which makes every table anew on your machine; a name such as
`nox -s measured -- kills` makes one of them.
"""
TRIALS, EPOCHS = 40, 60  # of a search: the example as it is trained, for minutes
IMPORTS = {"base": "import torch, pytorch_lightning", "entry": "import {package}.training"}
VALIDATION = """\
import sys, time
import great_expectations
from hydra import compose, initialize_config_dir
from {package}.stages import ROOT
from {package}.preparation import data
from {package}.validation import failures
with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
    cfg = compose("config", ["data.source.n_showers=100000", "data.folder=" + sys.argv[1]])
folder = data(cfg)
for _ in range(5):
    began = time.process_time()
    failed, record, page = failures(folder, 100_000, cfg.data)
    print("took", time.process_time() - began, len(record["results"]), len(failed))
"""


class Project:
    """A generated project, and how its commands are run."""

    def __init__(self, parent: Path, checker: str) -> None:
        made = ("--no-input", "--output-dir", str(parent), str(ROOT))
        subprocess.run([tool("cookiecutter"), *made], check=True, stdout=subprocess.DEVNULL)
        (self.folder,) = parent.iterdir()
        self.package = self.folder.name
        # Files of the first import are written; a tracking server is nobody's business here.
        left_out = ("PYTHONDONTWRITEBYTECODE", "MLFLOW_TRACKING_URI")
        self.environment = {k: v for k, v in os.environ.items() if k not in left_out}
        self.environment["REPRO_AUDIT"] = checker
        self.python = Path(os.environ["PROJECT_ENV"]) / "bin" / "python"
        self.run([tool("nox"), "-s", "data", "--", "experiment=smoke"])

    def run(self, command: list[str]) -> tuple[str, float, float]:
        """What a command prints, and its seconds: of processors, and on the clock."""
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return (
            done.stdout,
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            wall,
        )

    def session(self, *words: str) -> str:
        """What a session of the project's noxfile prints."""
        return self.run([tool("nox"), "-s", *words])[0]


def tool(name: str) -> str:
    """A program beside the Python that runs this."""
    return str(Path(sys.executable).with_name(name))


def first(project: Project) -> str:
    """The first command of the README, with no network."""
    alone = ["unshare", "--map-current-user", "--net", "--"]
    rows = ["| experiment | processor seconds | seconds on the clock |", "| --- | ---: | ---: |"]
    for name in ("baseline", "smoke"):
        shutil.rmtree(project.folder / "data" / "raw", ignore_errors=True)
        command = [*alone, tool("nox"), "-s", "reproduce", "--", f"experiment={name}"]
        _, cpu, wall = project.run(command)
        rows.append(f"| {name} | {cpu:.0f} | {wall:.0f} |")
    about = "In a network namespace of its own, where there is none, after the installation."
    return "\n".join([about, "", *rows])


def equality(project: Project) -> str:
    """The conditions of a training, one by one."""
    return table(project.session("equality"))


def kills(project: Project) -> str:
    """Twenty kills, which go on."""
    said = project.session("kills")
    return f"{table(said)}\n\n{said.strip().splitlines()[-1]}"


def speed(project: Project) -> str:
    """The loops of the project's own benchmark."""
    project.session("data")
    project.session("validate")
    said = re.findall(
        r"speed: (.+?) +([\d.]+) s an epoch, .* ([\d.]+) of", project.session("speed")
    )
    rows = [f"| {name} | {seconds} | {ratio} |" for name, seconds, ratio in said]
    head = "| loop | processor seconds an epoch | the project has of its speed |"
    wanted = "Aimed at are 0.95 of the ordinary loop's speed and 0.85 of the sliced one's."
    return "\n".join([wanted, "", head, "| --- | ---: | ---: |", *rows])


def imports(project: Project) -> str:
    """The entry point of a training beside its two largest libraries, in turns."""
    found: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(6):
        for name, code in IMPORTS.items():
            words = [str(project.python), "-c", code.format(package=project.package)]
            found[name].append(project.run(words)[1])
    base, entry = (statistics.median(seconds[1:]) for seconds in found.values())
    return (
        f"PyTorch and Lightning take {base:.1f} processor seconds, the entry point of the training "
        f"{entry:.1f}: {entry / base:.2f} times as much (medians of five, after a first one)."
    )


def validation(project: Project) -> str:
    """The expectations on 100 000 rows."""
    code = VALIDATION.replace("{package}", project.package)
    said, _, _ = project.run([str(project.python), "-c", code, "data/raw/large"])
    took = [line.split()[1:] for line in said.splitlines() if line.startswith("took")]
    seconds = statistics.median(float(each[0]) for each in took)
    return (
        f"{took[0][1]} expectations on 100 000 rows of the example: {seconds:.1f} processor "
        "seconds (median of five; Great Expectations was imported before)."
    )


def search(project: Project) -> str:
    """As many trials by one worker of Ray and by two."""
    project.session("data")
    project.session("validate")
    hours = {workers: per_hour(project, workers) for workers in (1, 2)}
    rows = [f"| {workers} | {TRIALS} | {rate:.0f} |" for workers, rate in hours.items()]
    head = ["| workers of Ray | trials | trials an hour |", "| ---: | ---: | ---: |"]
    return "\n".join([*head, *rows, "", f"Ratio {hours[2] / hours[1]:.2f}."])


def per_hour(project: Project, workers: int) -> float:
    """Trials an hour, from the start of the first to the end of the last; Ray's start is before."""
    folder = f"outputs/search-{workers}"
    few = [f"search.trials={TRIALS}", f"trainer.max_epochs={EPOCHS}", f"search.min_epochs={EPOCHS}"]
    ray = ["search=ray", f"search.ray.workers={workers}", f"search.folder={folder}"]
    project.session("search", "--", *ray, *few)
    with sqlite3.connect(project.folder / folder / "study.db") as store:
        asked = (
            "select (julianday(max(datetime_complete)) - julianday(min(datetime_start))) * 24 "
            "from trials"
        )
        ((taken,),) = store.execute(asked)
    return TRIALS / float(taken)


def where() -> str:
    """The machine, the day, and how many processes wanted its processors."""
    load, day = os.getloadavg()[1], time.strftime("%Y-%m-%d")
    return f"{platform.machine()}, {os.cpu_count()} cores, a load of {load:.0f}, {day}"


def table(said: str) -> str:
    """The lines of a table in what a command prints."""
    return "\n".join(line for line in said.splitlines() if line.startswith("|"))


PARTS = {
    "first": ("The first run", first),
    "equality": ("Equal to the bit", equality),
    "kills": ("Killed, and gone on", kills),
    "speed": ("Steps per second", speed),
    "search": ("Two workers of a search", search),
    "imports": ("Start", imports),
    "validation": ("Validation", validation),
}


def sections() -> dict[str, str]:
    """The page as it is: title -> text of each section."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else ""
    return {
        title: body.strip()
        for title, body in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", text, re.MULTILINE)
    }


def main() -> None:
    """Measure, and write each section when it is known."""
    checker, *named = sys.argv[1:]
    with tempfile.TemporaryDirectory() as parent:
        project = Project(Path(parent), checker)
        for name in named or PARTS:
            title, measure = PARTS[name]
            found = measure(project)
            kept = sections() | {title: f"{found}\n\n(`nox -s measured -- {name}`; {where()}.)"}
            ordered = [each for each, _ in PARTS.values() if each in kept]
            body = "".join(f"\n## {each}\n\n{kept[each]}\n" for each in ordered)
            PAGE.write_text(HEAD + body, "utf-8")
            print(f"{title}\n\n{found}\n", flush=True)


if __name__ == "__main__":
    main()
