"""Task runners: which named tasks a project offers, and what they run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro_audit.facts.configs import read_yaml
from repro_audit.facts.shell import Command, commands
from repro_audit.facts.syntax import Call, Module, dotted, literal
from repro_audit.facts.walker import read_module
from repro_audit.model import Evidence
from repro_audit.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

TARGET = re.compile(r"^([A-Za-z][\w./ -]*?|%)\s*:(?!=)\s*([^=#]*)")
INSTALLS = re.compile(
    r"\b(uv sync|poetry install|pdm (install|sync)|pixi install|pip3? install|conda env create|"
    r"docker build|renv::restore)\b"
)


@dataclass(frozen=True)
class Task:
    """One task: how it is called, and the commands that it runs."""

    runner: str
    name: str
    path: str
    line: int
    commands: tuple[Command, ...]
    needs: tuple[str, ...] = ()

    @property
    def spelled(self) -> str:
        """The words that start it."""
        starts = {
            "make": "make",
            "just": "just",
            "nox": "nox -s",
            "tox": "tox -e",
            "dvc": "dvc repro",
            "snakemake": "snakemake",
        }
        return f"{starts.get(self.runner, self.runner)} {self.name}".strip()

    @property
    def installs(self) -> bool:
        """Whether it installs from a file of requirements or a lock, itself or on its way."""
        return any(
            INSTALLS.search(command.text) or {"-r", "--requirement"} & set(command.words)
            for command in self.commands
        )

    def evidence(self, message: str) -> Evidence:
        """Point at the task."""
        return Evidence(self.path, self.line, message)


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
        run = tuple(commands(body, path, number + 2))
        for name in found.group(1).split():
            yield Task(runner, name, path, number + 1, run, tuple(found.group(2).split()))


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
            words.append("$" + ast.unparse(inner)[:40])
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
    try:
        module = read_module(path, text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for name, function in module.functions.items():
        if any(item in {"nox.session", "session"} for item in function.decorators):
            run = tuple(session_commands(module, name, frozenset({name})))
            yield Task("nox", name, path, function.line, run)


def dvc_stages(path: str, text: str) -> Iterator[Task]:
    """Read the stages of dvc.yaml."""
    for entry in read_yaml(path, text):
        parts = entry.key.split(".")
        if parts[0] == "stages" and parts[-1] in {"cmd", "0"} and "cmd" in parts:
            run = tuple(commands(str(entry.value), path, entry.line))
            yield Task("dvc", parts[1], path, entry.line, run)


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
    """Read the scripts that a pyproject.toml declares."""
    try:
        document = read_toml(text)
    except ValueError:
        return
    tables = (table(document, "project"), table(document, "tool", "poetry"))
    scripts = next((given for item in tables if (given := table(item, "scripts"))), {})
    for name in scripts:
        found = re.search(rf"^{re.escape(name)}\s*=", text, re.MULTILINE)
        line = text[: found.start()].count("\n") + 1 if found else 1
        yield Task("", name, path, line, ())


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
            if name not in {
                "makefile",
                "gnumakefile",
                "justfile",
                "noxfile.py",
                "dvc.yaml",
                "tox.ini",
                "pyproject.toml",
                "snakefile",
            }:
                continue
            text = repo.text(file.path) or ""
            if "makefile" in name:
                found += makefile(file.path, text, "make")
            elif name == "justfile":
                found += makefile(file.path, text, "just")
            elif name == "noxfile.py":
                found += noxfile(file.path, text)
            elif name == "dvc.yaml":
                found += dvc_stages(file.path, text)
            elif name == "tox.ini":
                found += tox_environments(file.path, text)
            elif name == "pyproject.toml":
                found += project_table(file.path, text)
            else:
                rules = re.finditer(r"^rule\s+(\w+)", text, re.MULTILINE)
                found += [
                    Task(
                        "snakemake",
                        rule.group(1),
                        file.path,
                        text[: rule.start()].count("\n") + 1,
                        (),
                    )
                    for rule in rules
                ]
        return cls(tuple(found))

    def find(self, pattern: str) -> Iterator[Task]:
        """Yield the tasks whose name matches `pattern`."""
        return (task for task in self.all if re.search(pattern, task.name, re.IGNORECASE))

    def started_by(self, command: Command) -> Task | None:
        """Return the task that a command starts."""
        if not command.words:
            return None
        program, rest = command.program, command.words[1:]
        for task in self.all:
            if program == task.runner and task.name in {word.partition("(")[0] for word in rest}:
                return task
            if task.runner == "" and program == task.name:
                return task
            if program == task.runner and task.runner in {"dvc", "snakemake"}:
                return task
        return None
