"""Task runners: which named tasks a project offers, and what they run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.pipelines import (
    dvc_stages,
    entry_points,
    nextflow_processes,
    snakemake_rules,
    taskfile,
)
from repro_audit.facts.shell import Command, commands
from repro_audit.facts.syntax import Call, Module, dotted, literal
from repro_audit.facts.task import Task
from repro_audit.facts.walker import read_module
from repro_audit.roles import Role
from repro_audit.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from repro_audit.repository import Repository

# Stands for a runner's tasks of any name.
ANY = "*"
TARGET = re.compile(r"^([A-Za-z][\w./ -]*?|%)\s*:(?!=)\s*([^=#]*)")


def makefile(path: str, text: str, runner: str) -> Iterator[Task]:
    """Read the targets of a Makefile or justfile."""
    lines = text.splitlines()
    starts = [
        (number, found)
        for number, line in enumerate(lines)
        if (found := TARGET.match(line)) and not line.startswith((".", "\t"))
    ]
    for position, (number, found) in enumerate(starts):
        end = starts[position + 1][0] if position + 1 < len(starts) else len(lines)
        recipe = [line for line in lines[number + 1 : end] if line.startswith(("\t", " "))]
        body = "\n".join(line.strip().lstrip("@-") for line in recipe)
        same = lines[number].partition(";")[2].strip().lstrip("@-")
        needs = found.group(2).partition(";")[0].split()
        run = (*commands(same, path, number + 1), *commands(body, path, number + 2))
        for name in found.group(1).split():
            yield Task(runner, name, path, number + 1, run, tuple(needs))


def spoken(module: Module, call: Call) -> Command:
    """Write a call of a session as a command; what is computed is shown by its name."""
    words: list[str] = []
    for node in call.node.args:
        value = literal(node)
        inner = node.value if isinstance(node, ast.Starred) else node
        if isinstance(value, str):
            words.append(value)
        elif isinstance(inner, ast.JoinedStr):
            parts = (literal(part) or "$" for part in inner.values)
            words.append("".join(str(part) for part in parts))
        else:
            words.append("$" + as_code(inner)[:40])
    if call.method == "install":
        words = ["pip", "install", *words]
    return Command(tuple(words), module.path, call.line)


def session_commands(module: Module, scope: str, seen: frozenset[str]) -> Iterator[Command]:
    """Yield what a session runs, itself or through functions that it hands its session to."""
    for call in module.calls:
        if call.scope != scope:
            continue
        helper = call.name in module.functions and call.name not in seen
        if call.method in {"run", "run_always", "run_install", "install"} and "." in call.name:
            if call.node.args:
                yield spoken(module, call)
        elif helper and call.node.args and dotted(call.node.args[0]) == "session":
            given = spoken(module, call)
            yield Command((call.name, *given.words[1:]), given.path, given.line)
            yield from session_commands(module, call.name, seen | {call.name})


def noxfile(path: str, text: str) -> Iterator[Task]:
    """Read the sessions of a noxfile by its syntax."""
    for module, name, line in decorated(path, text, {"nox.session", "session"}):
        run = tuple(session_commands(module, name, frozenset({name})))
        yield Task("nox", name, path, line, run)


def decorated(path: str, text: str, names: set[str]) -> Iterator[tuple[Module, str, int]]:
    """Yield the functions with such a decorator, each with its module and line."""
    try:
        module = read_module(path, text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for name, function in module.functions.items():
        if names.intersection(function.decorators):
            yield module, name, function.line


def invoke_tasks(path: str, text: str) -> Iterator[Task]:
    """Read the tasks of Invoke by their syntax; its command line writes `-` for `_`."""
    for module, name, line in decorated(path, text, {"invoke.task", "task"}):
        run = [
            command
            for call in module.calls
            if call.scope == name and call.method == "run" and call.given
            for command in commands(spoken(module, call).text, path, call.line)
        ]
        yield Task("invoke", name.replace("_", "-"), path, line, tuple(run))


def tox_environments(path: str, text: str) -> Iterator[Task]:
    """Read the environments of tox.ini."""
    for found in re.finditer(
        r"^\[testenv(?::([\w-]+))?\]\n((?:(?!^\[).*\n?)*)", text, re.MULTILINE
    ):
        line = text[: found.start()].count("\n") + 1
        body = re.search(
            r"^commands\s*=\s*((?:.*\n?)(?:[ \t]+.*\n?)*)", found.group(2), re.MULTILINE
        )
        run = tuple(commands(body.group(1), path, line)) if body else ()
        yield Task("tox", found.group(1) or "py", path, line, run)


def table(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return an inner table, or an empty one when the file has something else in its place."""
    for key in keys:
        inner = document.get(key)
        document = inner if isinstance(inner, dict) else {}
    return document


def project_table(path: str, text: str) -> Iterator[Task]:
    """Read the tasks of pixi, hatch, pdm and poe in a pyproject.toml."""
    try:
        document = read_toml(text)
    except ValueError:
        return
    tool = table(document, "tool")
    environments = [
        item for item in table(tool, "hatch", "envs").values() if isinstance(item, dict)
    ]
    yield from written(table(tool, "pixi", "tasks"), path, text)
    yield from written(table(tool, "pdm", "scripts"), path, text)
    yield from written(table(tool, "poe", "tasks"), path, text)
    for environment in environments:
        yield from written(table(environment, "scripts"), path, text)


def pixi_tasks(path: str, text: str) -> Iterator[Task]:
    """Read the tasks of pixi.toml."""
    try:
        document = read_toml(text)
    except ValueError:
        return
    yield from written(table(document, "tasks"), path, text)


def written(tasks: dict[str, Any], path: str, text: str) -> Iterator[Task]:
    """Yield tasks that are written as a command, a list of commands, or a table with one."""
    for name, value in tasks.items():
        own: dict[str, Any] = value if isinstance(value, dict) else {}
        given = next((own[key] for key in GIVEN if key in own), "") if own else value
        steps = given if isinstance(given, list) else [given]
        steps = [step.get("cmd", "") if isinstance(step, dict) else step for step in steps]
        body = "\n".join(str(step) for step in steps)
        needs = [*(own.get("depends-on") or own.get("depends_on") or ()), *steps]
        names = tuple(item for item in needs if isinstance(item, str) and item in tasks)
        line = line_of(name, text)
        yield Task("", name, path, line, tuple(commands(body, path, line)), names)


def line_of(name: str, text: str) -> int:
    """Return the line where a key is written."""
    found = re.search(rf"^{re.escape(name)}\s*=", text, re.MULTILINE)
    return text[: found.start()].count("\n") + 1 if found else 1


def kedro_run(path: str, text: str) -> Iterator[Task]:
    """Read a Kedro project: one command runs all registered pipelines."""
    found = re.search(r"^def register_pipelines\(", text, re.MULTILINE)
    if found:
        yield Task("kedro", "run", path, text[: found.start()].count("\n") + 1, ())


def console_tasks(repo: Repository) -> Iterator[Task]:
    """Yield the console scripts, each of which runs its module."""
    for manifest in repo.fact(Dependencies).manifests:
        for script in manifest.scripts:
            run = Command(("python", "-m", script.module), script.path, script.line)
            yield Task("", script.name, script.path, script.line, (run,))


READERS: dict[str, Callable[[str, str], Iterator[Task]]] = {
    "makefile": partial(makefile, runner="make"),
    "gnumakefile": partial(makefile, runner="make"),
    "justfile": partial(makefile, runner="just"),
    ".justfile": partial(makefile, runner="just"),
    "noxfile.py": noxfile,
    "tox.ini": tox_environments,
    "pyproject.toml": project_table,
    "pixi.toml": pixi_tasks,
    "dvc.yaml": dvc_stages,
    "snakefile": snakemake_rules,
    ".nf": nextflow_processes,
    "tasks.py": invoke_tasks,
    "taskfile.yml": taskfile,
    "taskfile.yaml": taskfile,
    ".smk": snakemake_rules,
    "mlproject": entry_points,
    "pipeline_registry.py": kedro_run,
}
# Where a table of pixi, pdm or poe writes what its task runs.
GIVEN = ("cmd", "shell", "composite", "sequence")
# Other names of a runner's program.
ALIASES = {"inv": "invoke", "gmake": "make", "go-task": "task"}
# One command of these runs all steps, unless it names some.
WHOLE = {"dvc", "snakemake", "nextflow", "mlflow"}
# These run their first task when they are given none.
FIRST = {"make", "just"}


def names_task(word: str) -> bool:
    """Say whether a word of a runner's command is neither an option nor a variable."""
    return not word.startswith("-") and "=" not in word


@dataclass(frozen=True)
class Tasks:
    """All tasks of the project."""

    all: tuple[Task, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Tasks:
        """Read every file of a task runner."""
        found: list[Task] = []
        for file in repo.files:
            name = file.name.lower()
            reader = READERS.get(name) or READERS.get(file.suffix)
            if reader is not None and file.role not in {Role.VENDORED, Role.TEMPLATE}:
                found += reader(file.path, repo.text(file.path) or "")
        return cls((*found, *console_tasks(repo)))

    def find(self, pattern: str) -> Iterator[Task]:
        """Yield the tasks whose name matches `pattern`."""
        return (task for task in self.all if re.search(pattern, task.name, re.IGNORECASE))

    def started_by(self, command: Command) -> Task | None:
        """Return the task that a command starts."""
        if not command.words:
            return None
        program, rest = ALIASES.get(command.program, command.program), command.words[1:]
        if program == "dvc" and not {"repro", "reproduce", "run"} & set(rest[:2]):
            return None  # it moves data, or compares what ran before
        asked = {(program, word.partition("(")[0]) for word in rest} | {("", program)}
        known = [self.numbers[item] for item in asked if item in self.numbers]
        if not known:
            # A command that names no step starts the pipeline.
            whole = (program, "main" if program == "mlflow" else ANY)
            meant = command.words[:2] == ("mlflow", "run") or program in WHOLE - {"mlflow"}
            meant = meant or (program in FIRST and not any(map(names_task, rest)))
            known = [self.numbers[whole]] if meant and whole in self.numbers else []
        return self.all[min(known)] if known else None

    @cached_property
    def numbers(self) -> dict[tuple[str, str], int]:
        """The number of the first task by runner and name, and by runner alone."""
        found: dict[tuple[str, str], int] = {}
        for number, task in enumerate(self.all):
            found.setdefault((task.runner, task.name), number)
            found.setdefault((task.runner, ANY), number)
        return found

    def run_by(self, task: Task) -> Iterator[Command]:
        """Yield all commands that a task leads to: those of the tasks that it needs first."""
        by_name = {item.name: item for item in self.all if item.path == task.path}
        waiting, seen = [task], {task.name}
        if task.runner in WHOLE - {"mlflow"}:
            waiting = [item for item in self.all if item.runner == task.runner]
        while waiting:
            item = waiting.pop()
            yield from item.commands
            for name in item.needs:
                if name in by_name and name not in seen:
                    seen.add(name)
                    waiting.append(by_name[name])
