"""Files that name steps: dvc.yaml, Snakefile, Nextflow, Taskfile, entry points of MLproject.

Sources: the documentation of DVC on dvc.yaml, of Snakemake on rules, of Nextflow on processes, of
Task on its schema, and of MLflow on projects.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.configs import read_yaml
from repro_audit.facts.shell import Command, commands
from repro_audit.facts.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterator

RULE = re.compile(r"^(?:rule|checkpoint)\s+(\w+)\s*:", re.MULTILINE)
PART = re.compile(r"^\s+(shell|script|notebook|run)\s*:\s*(.*)$")
FIELD = re.compile(r"^\s+(\w+)\s*:")
QUOTED = re.compile(
    r"\"\"\"(.*?)\"\"\"|'''(.*?)'''|\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL
)
PROCESS = re.compile(r"^\s*process\s+(\w+)\s*\{", re.MULTILINE)
SCRIPT = re.compile(r"\"\"\"(.*?)\"\"\"|'''(.*?)'''", re.DOTALL)
PROGRAMS = {".py": "python", ".r": "Rscript", ".sh": "bash", ".jl": "julia"}
LONGEST = 20_000


def dvc_stages(path: str, text: str) -> Iterator[Task]:
    """Read the stages of dvc.yaml."""
    for entry in read_yaml(path, text):
        parts = entry.key.split(".")
        if parts[0] == "stages" and "cmd" in parts and (parts[-1] == "cmd" or parts[-1].isdigit()):
            run = tuple(commands(str(entry.value), path, entry.line))
            yield Task("dvc", parts[1], path, entry.line, run)


def snakemake_rules(path: str, text: str) -> Iterator[Task]:
    """Read the rules of a Snakefile, with what their `shell` and `script` parts run."""
    starts = list(RULE.finditer(text))
    ends = [*(item.start() for item in starts[1:]), len(text)]
    for rule, end in zip(starts, ends, strict=False):
        line = text[: rule.start()].count("\n") + 1
        body = text[rule.end() : min(end, rule.end() + LONGEST)].splitlines()
        yield Task("snakemake", rule.group(1), path, line, tuple(rule_commands(body, path, line)))


def rule_commands(body: list[str], path: str, first: int) -> Iterator[Command]:
    """Yield the commands of one rule; a script is run by the program of its suffix."""
    for number, line in enumerate(body):
        part = PART.match(line)
        if part is None:
            continue
        held = [part.group(2)]
        held += iter_until_field(body[number + 1 :])
        texts = ["".join(found) for found in QUOTED.findall("\n".join(held))]
        if part.group(1) == "shell":
            yield from commands(
                " ".join(texts) if "\n" not in "".join(texts) else texts[0], path, first + number
            )
        elif texts:
            # A script's path is relative to the file that names it.
            name = posixpath.normpath(posixpath.join(posixpath.dirname(path), texts[0]))
            program = PROGRAMS.get(posixpath.splitext(name)[1].lower(), "jupyter")
            yield Command((program, name), path, first + number)


def iter_until_field(lines: list[str]) -> Iterator[str]:
    """Yield the lines up to the next field of the rule."""
    for line in lines:
        if FIELD.match(line):
            return
        yield line


def nextflow_processes(path: str, text: str) -> Iterator[Task]:
    """Read the processes of a Nextflow script, with the shell text that stands in them."""
    starts = list(PROCESS.finditer(text))
    ends = [*(item.start() for item in starts[1:]), len(text)]
    for process, end in zip(starts, ends, strict=False):
        line = text[: process.start()].count("\n") + 1
        body = text[process.end() : min(end, process.end() + LONGEST)]
        run = [
            command
            for found in SCRIPT.finditer(body)
            for command in commands(
                found[1] or found[2], path, line + body[: found.start()].count("\n")
            )
        ]
        yield Task("nextflow", process.group(1), path, line, tuple(run))


def taskfile(path: str, text: str) -> Iterator[Task]:
    """Read the tasks of a Taskfile: their commands, and the tasks that they need or call."""
    steps: dict[str, list[Command]] = {}
    needs: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for entry in read_yaml(path, text):
        top, _, rest = entry.key.partition(".")
        name, _, field = rest.partition(".")
        if top != "tasks" or not isinstance(entry.value, str):
            continue
        lines.setdefault(name, entry.line)
        if re.fullmatch(r"deps\.\d+(\.task)?|cmds\.\d+\.task", field):
            needs.setdefault(name, []).append(entry.value)
        elif re.fullmatch(r"(cmds?\.\d+(\.cmd)?|cmd|\d+)?", field):
            steps.setdefault(name, []).extend(commands(entry.value, path, entry.line))
    for name, line in lines.items():
        run, first = tuple(steps.get(name, ())), tuple(needs.get(name, ()))
        yield Task("task", name, path, line, run, first)


def entry_points(path: str, text: str) -> Iterator[Task]:
    """Read the entry points of an MLproject file; MLflow makes the environment that it names."""
    entries = read_yaml(path, text)
    made = tuple(
        Command(("conda", "env", "create", "-f", str(entry.value)), path, entry.line)
        for entry in entries
        if entry.key in {"conda_env", "python_env"}
    )
    for entry in entries:
        parts = entry.key.split(".")
        if parts[0] == "entry_points" and parts[-1] == "command":
            run = tuple(commands(str(entry.value), path, entry.line))
            yield Task("mlflow", parts[1], path, entry.line, (*made, *run))
