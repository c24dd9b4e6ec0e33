"""What helps or hinders others who want to use the code on something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.facts.statements import scaffold
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

OWN = re.compile(
    r"\b(your own|your|custom|own)\s+(\w+\s+)?(data ?sets?|data|tasks?|images?|corpus|problems?)\b|"
    r"\b(your own|custom|new)\s+(data ?sets?|models?|tasks?|experiments?|expectations?)\b"
    r"[^.]{0,80}(\.py|\.ya?ml|conf|/|\bgoes\b|\badd\b|\bclass\b)|"
    r"\badd(ing)? (a |an |your )?new (data ?set|model|task|experiment)s?\b",
    re.IGNORECASE,
)
EDIT = re.compile(
    r"\b(edit|change|modify|adjust|set|replace|update)\b[^.]{0,60}\b(in|of|inside|at)\b[^.]{0,30}"
    r"[\w/]+\.py\b|\b(un)?comment\b[^.]{0,40}\b(line|lines)\b",
    re.IGNORECASE,
)
# A cure for a fault is no use of the code, and what an option sets too asks for no edit.
ASIDE = re.compile(
    r"error\b|\b(problem|exception|bug|traceback|troubleshoot\w*)\b|"
    r"\bor (pass|use|give|set)\b[^.]{0,60}\b(arguments?|flags?|options?|command line)\b",
    re.IGNORECASE,
)


class Extension(NamedTuple):
    """An interface to use, words on how to use it for something else, and calls to edit code."""

    interface: tuple[Evidence, ...]
    told: tuple[Evidence, ...]
    edits: tuple[Evidence, ...]
    modules: int

    @classmethod
    def collect(cls, repo: Repository) -> Extension:
        """Read packaging, documents and the shape of the code."""
        index = repo.fact(PythonIndex)
        plain = [
            path
            for path, module in index.modules.items()
            if path.endswith(".py") and index.roles[path] is Role.SOURCE and module.functions
        ]
        interface = tuple(
            Evidence(manifest.path, 1, "the code can be installed")
            for manifest in repo.fact(Dependencies).manifests
            if manifest.packaged and "/" not in manifest.path
        )
        return cls(interface, tuple(lines(repo, OWN)), tuple(lines(repo, EDIT, ASIDE)), len(plain))


def lines(
    repo: Repository, pattern: re.Pattern[str], aside: re.Pattern[str] | None = None
) -> Iterator[Evidence]:
    """Yield the lines of README and linked documents that match and are no promise."""
    for document in repo.fact(Prose).guide():
        for number, line in enumerate(document.visible, 1):
            beside = aside is not None and aside.search(line[:1_000])
            if pattern.search(line[:1_000]) and not scaffold(line[:1_000]) and not beside:
                yield document.at(number, quoted(line))
