"""Continuous integration: which jobs run which commands, and what they use."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import Entry, read_yaml
from repro_audit.facts.shell import Command, commands
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

# GitHub's, which Forgejo and Gitea read too.
ACTIONS = re.compile(r"^\.(github|forgejo|gitea)/workflows/[^/]+\.ya?ml$")
OTHERS = re.compile(
    r"^(\.gitlab-ci\.ya?ml|\.gitlab/.*\.ya?ml|\.?azure-pipelines[^/]*\.ya?ml|"
    r"\.?azure(-pipelines)?/[^/]+\.ya?ml|\.circleci/config\.ya?ml|\.travis\.ya?ml|\.?appveyor\.ya?ml|"
    r"\.(woodpecker|drone|cirrus)\.ya?ml|\.woodpecker/[^/]+\.ya?ml|bitbucket-pipelines\.ya?ml|"
    r"\.buildkite/[^/]+\.ya?ml)$"
)
JENKINS = re.compile(
    r"\bsh\b[\s(]*(?:script:\s*)?"
    r"(?:\"\"\"(.*?)\"\"\"|'''(.*?)'''|[\"']([^\"'\n]*)[\"'])",
    re.DOTALL,
)
LONGEST = 100_000
MOST_CALLED = 50  # GitHub allows a run as many distinct workflows
STEPS = {"run", "script", "command", "commands", "bash", "install", "before_script", "test_script"}
COMMIT = re.compile(r"@[0-9a-f]{40}$")


class Use(NamedTuple):
    """An action or image that a workflow takes from elsewhere."""

    name: str
    path: str
    line: int

    @property
    def whole(self) -> bool:
        """Whether it is a job of its own, which a workflow of another repository runs."""
        return "/.github/workflows/" in self.name

    @property
    def pinned(self) -> bool:
        """Whether it is fixed by a full commit or digest."""
        return bool(COMMIT.search(self.name)) or "@sha256:" in self.name

    def evidence(self, message: str) -> Evidence:
        """Point at the line that uses it."""
        return Evidence(self.path, self.line, message)


class Workflow(NamedTuple):
    """One file of a CI service."""

    path: str
    service: str
    entries: tuple[Entry, ...]
    uses: tuple[Use, ...]
    commands: tuple[Command, ...]


def run_commands(entries: tuple[Entry, ...], service: str) -> Iterator[Command]:
    """Yield the commands of `run`, `script` and `command` steps."""
    wanted = {"run"} if service == "github" else STEPS
    passed_over = where(entries, {"continue-on-error", "allow_failure"}, "true")
    off = (*where(entries, {"if"}, "false"), *where(entries, {"when"}, "manual"), *hidden(entries))
    for entry in entries:
        parts = [part for part in entry.key.split(".") if not part.isdigit()]
        if not parts or parts[-1] not in wanted or not isinstance(entry.value, str):
            continue
        if not entry.key.startswith(off):
            first = entry.line + (1 if "\n" in entry.value else 0)
            for command in commands(entry.value, entry.path, first):
                forgiven = command.forgiven or entry.key.startswith(passed_over)
                yield command._replace(forgiven=forgiven)


def where(entries: tuple[Entry, ...], names: set[str], value: str) -> tuple[str, ...]:
    """Return the beginnings of the keys of jobs and steps that hold a setting of this value."""
    return tuple(
        f"{entry.key.rpartition('.')[0]}."
        for entry in entries
        if entry.key.rpartition(".")[2] in names and str(entry.value).strip("${} ").lower() == value
    )


def hidden(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """Return the beginnings of the keys of jobs that no job extends; GitLab names them `.name`."""
    used = {str(entry.value) for entry in entries if ".extends" in entry.key}
    names = {entry.key.split(".")[1] for entry in entries if entry.key.startswith(".")}
    return tuple(f".{name}." for name in names if f".{name}" not in used)


def read_jenkins(path: str, text: str) -> Workflow:
    """Read the shell steps of a Jenkinsfile, which is a program in Groovy."""
    bare = re.sub(r"^[ \t]*//.*$", "", text[:LONGEST], flags=re.MULTILINE)
    run = [
        command
        for found in JENKINS.finditer(bare)
        for command in commands(
            next(filter(None, found.groups()), ""), path, bare[: found.start()].count("\n") + 1
        )
    ]
    return Workflow(path, "jenkins", (), (), tuple(run))


def read_workflow(path: str, text: str, service: str) -> Workflow:
    """Read one workflow."""
    entries = read_yaml(path, text)
    uses = tuple(
        Use(str(entry.value), path, entry.line)
        for entry in entries
        if entry.key.rpartition(".")[2] == "uses"
        and not str(entry.value).startswith(("./", "docker://localhost"))
    )
    return Workflow(path, service, entries, uses, tuple(run_commands(entries, service)))


def called(repo: Repository, workflow: Workflow, known: dict[str, Workflow | None]) -> Workflow:
    """Return a workflow with what its calls of actions and workflows of the repository do.

    `known` keeps what was read: many workflows may call the same.
    """
    found, paths = [workflow], {workflow.path}
    for item in found:
        for path in calls_of(item):
            if path in paths or len(found) > MOST_CALLED:
                continue
            paths.add(path)
            if path not in known:
                text = repo.text(path)
                known[path] = None if text is None else read_workflow(path, text, "github")
            if (inner := known[path]) is not None:
                found.append(inner)
    # A workflow of the repository lists what it uses itself; an action is only seen here.
    actions = [item for item in found[1:] if not ACTIONS.match(item.path)]
    return workflow._replace(
        uses=tuple(use for item in (workflow, *actions) for use in item.uses),
        commands=tuple(command for item in found for command in item.commands),
    )


def calls_of(workflow: Workflow) -> Iterator[str]:
    """Yield the paths where an action or workflow stands that is called by its path."""
    for entry in workflow.entries:
        name = str(entry.value)
        if entry.key.rpartition(".")[2] == "uses" and name.startswith("./"):
            plain = posixpath.normpath(name)
            whole = plain.endswith((".yml", ".yaml"))
            yield from (plain,) if whole else (f"{plain}/action.yml", f"{plain}/action.yaml")


class Workflows(NamedTuple):
    """All CI files."""

    all: tuple[Workflow, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Workflows:
        """Read GitHub's workflows and the files of other services."""
        found: list[Workflow] = []
        known: dict[str, Workflow | None] = {}
        for file in repo.files:
            github = ACTIONS.match(file.path)
            jenkins = file.path == "Jenkinsfile"
            if not (github or jenkins or OTHERS.match(file.path)):
                continue
            text = repo.text(file.path)
            if text is not None and jenkins:
                found.append(read_jenkins(file.path, text))
            elif text is not None:
                read = read_workflow(file.path, text, "github" if github else "other")
                read = called(repo, read, known) if github else read
                # One whose lines are all comments starts nothing.
                found += [read] if read.entries else []
        return cls(tuple(found))
