"""Where PYTHONHASHSEED is set, and what in the code depends on the hashes of strings.

Python reads the variable when it starts (its documentation of PYTHONHASHSEED): an assignment to
`os.environ` inside a program changes only the processes that it starts later.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.flow import Flow
from repro_audit.facts.listings import BLIND, SORTS
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

FIXED = re.compile(r"PYTHONHASHSEED[\"']?[:=,\s]{1,9}[\"']?(\d+)")
STARTERS = (
    *("*dockerfile*", "*containerfile*", "*.sh", "*.bash", "*.slurm", "*.sbatch", "*.bat"),
    *("makefile", "gnumakefile", "justfile", "noxfile.py", "tox.ini", "setup.cfg", ".env*"),
    *("pyproject.toml", "*.yml", "*.yaml", "launch.json", "settings.json", "*.def", "snakefile"),
)


@dataclass
class Hashing:
    """Fixed before the start, set too late, and what depends on it."""

    fixed: list[Evidence] = field(default_factory=list)
    late: list[Evidence] = field(default_factory=list)
    hashed: list[Evidence] = field(default_factory=list)
    ordered: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Hashing:
        """Read the files that start Python, and the code that entry points reach."""
        found = cls()
        for file in repo.matching(*STARTERS, roles=(Role.SOURCE, Role.EXAMPLE)):
            text = repo.text(file.path) or ""
            if "PYTHONHASHSEED" in text:
                found.from_lines(file.path, text.splitlines())
        for document in repo.fact(Prose).guide():
            found.from_lines(document.path, list(document.lines))
        reached = repo.fact(Flow).entered
        for path, item in repo.fact(PythonIndex).assignments("os.environ*"):
            if "PYTHONHASHSEED" in item.target and (path, item.scope) in reached:
                found.late.append(
                    Evidence(path, item.line, "set while Python runs, which changes nothing here")
                )
        for call in repo.fact(Flow).calls.named("hash", "set", "frozenset"):
            found.judge(call, repo.fact(PythonIndex).modules[call.path])
        return found

    def from_lines(self, path: str, lines: list[str]) -> None:
        """Read the lines that set the variable and are no comments."""
        for number, line in enumerate(lines, 1):
            if FIXED.search(line[:2000]) and not line.lstrip().startswith(("#", "//", "REM ")):
                if "os.environ" in line or "putenv" in line:
                    continue
                self.fixed.append(Evidence(path, number, quoted(line)))

    def judge(self, call: Call, module: Module) -> None:
        """Sort a call of `hash`, and a set whose order is used."""
        if call.name == "hash" and call.given and "hash" not in module.functions:
            special = call.scope.rpartition(".")[2].startswith("__")
            first = call.node.args[0]
            number = isinstance(first, ast.Constant) and isinstance(first.value, int)
            if not special and not number:
                self.hashed.append(call.evidence("hash() of a string differs between processes"))
        tails = [name.rpartition(".")[2] for name in call.around]
        if call.name in {"set", "frozenset"} and call.given and tails[:1]:
            taken = tails[0] in {"list", "tuple", "enumerate", "for", "each", "join"}
            if taken and not set(tails) & (SORTS | (BLIND - {"unpack"})):
                self.ordered.append(call.evidence("the order of a set is used"))
