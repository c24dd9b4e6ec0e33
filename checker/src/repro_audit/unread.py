"""What a verdict may have missed: files that were asked for while it was made and not read.

Whoever asks for a fact inherits what that fact could not read, so that no rule has to think of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.model import Status, Verdict
from repro_audit.roles import Role, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from repro_audit.model import Practice

DECIDED = (Status.PASS, Status.PARTIAL, Status.FAIL, Status.NOT_APPLICABLE)
ROLES = (Role.SOURCE, Role.EXAMPLE, Role.PROSE)
# What people write. A large table in JSON or plain text is data, and says nothing of the project.
WRITTEN = re.compile(
    r"\.(pyw?|ipynb|md|rst|toml|cfg|ini|ya?ml|sh|slurm|in|lock|cff|def)$|"
    r"(^|/)[^/]*requirements[^/]*\.txt$|"
    r"(^|/)(dockerfile|containerfile|makefile|justfile|snakefile|licen[cs]e|copying|pipfile)[^/]*$",
    re.IGNORECASE,
)
# The rest of such a notebook was read, and what was not calls nothing that a rule looks for.
IN_PART = "cells that Python cannot parse"
# No version of Python runs such a file, so that it does nothing that could decide.
BROKEN = "(IndentationError)"
OTHER_LANGUAGE = "code in a language that is not read"
BY_FILES = ("software environment", "hardware environment", "documentation & licence")
# These are about everything that is done, so that one more script may break them.
OF_ALL_ROWS = ("randomisation control", "partitions", "statistics")
OF_ALL_CODE = (
    *("env-imports-covered", "env-portable-paths", "env-system-deps", "doc-repro-steps"),
    *("train-config-versioned", "prep-params-explicit", "track-code-data-env"),
)
EVERYTHING = "."
# Stands for calls that were not followed: whoever asks what runs has not seen all of it.
CALLS = "the calls"
FOLDER = "/"
MOST_NAMED = 3
MOST_UNLISTED = 500


class Skips(dict[str, str]):
    """Paths that were not read, and why; whoever is at work is told of each."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Tell `tell` of every path."""
        super().__init__()
        self.tell = tell
        self.hidden: set[str] = set()

    def __setitem__(self, path: str, why: str) -> None:
        """Keep the reason."""
        super().__setitem__(path, why)
        self.tell(path)
        # What was not even listed may hold anything.
        if path == EVERYTHING or path.endswith(FOLDER):
            self.hidden.add(path)


def moot(practice: Practice, status: Status) -> bool:
    """Say whether code in another language could not change a verdict.

    Files and documents tell the environment, whatever runs in it; and what was found stays found,
    where one thing is enough.
    """
    if practice.aspect in BY_FILES and status is not Status.NOT_APPLICABLE:
        return practice.id not in OF_ALL_CODE
    return status is Status.PASS and not (
        practice.aspect in OF_ALL_ROWS or practice.id in OF_ALL_CODE
    )


def matters(path: str, why: str) -> bool:
    """Say whether evidence may lie in a file that was not read."""
    if path in {EVERYTHING, CALLS} or path.endswith(FOLDER):
        return True
    if why == OTHER_LANGUAGE:
        return True
    return (
        WRITTEN.search(path) is not None
        and role_of(path) in ROLES
        and not why.startswith(IN_PART)
        and not why.endswith(BROKEN)
        and why != "binary"
    )


def doubted(
    verdict: Verdict, practice: Practice, missed: Iterable[str], skips: dict[str, str]
) -> Verdict:
    """Return the verdict, or doubt where its evidence may lie in what was not read."""
    left = sorted(path for path in missed if matters(path, skips.get(path, "")))
    if moot(practice, verdict.status):
        left = [path for path in left if skips.get(path) != OTHER_LANGUAGE]
    if not left or verdict.status not in DECIDED:
        return verdict
    named = "; ".join(f"{path} ({skips.get(path, 'not read')})" for path in left[:MOST_NAMED])
    more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    said = f"What may decide it was not read: {named}{more}."
    rest = f"The rest alone: {verdict.status.value}. {verdict.summary}"
    return replace(verdict, status=Status.UNKNOWN, summary=f"{said} {rest}")
