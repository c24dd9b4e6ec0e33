"""What stands in the work tree when a run begins: commit, changes as a patch, unknown files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro_audit.gitindex import Compared, git_folder, read_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECONDS = 60
LARGEST_PATCH = 50_000_000
LARGEST_COPY, MOST_COPIED = 1_000_000, 20_000_000
# Copies of such files would hand out what opens doors.
PRIVATE = re.compile(
    r"(^|/)(\.env|\.netrc|\.npmrc|\.pypirc|id_\w+)|\.(pem|key|p12|pfx)$|secret|credential",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class State:
    """A work tree at the beginning; without git it has a `top` and nothing else.

    `changed` differ from the commit, `unknown` are neither committed nor ignored.
    """

    top: Path
    commit: str | None = None
    branch: str | None = None
    tracked: frozenset[str] = frozenset()
    changed: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    patch: bytes = b""
    notes: tuple[str, ...] = ()

    @property
    def dirty(self) -> bool | None:
        """Whether the tree differs from the commit; None where there is no commit."""
        return None if self.commit is None else bool(self.changed or self.unknown)


def git(top: Path, *arguments: str) -> bytes | None:
    """Ask git, with no helper program that a configuration may name; None when it cannot say."""
    program = shutil.which("git")
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - git itself, in the user's own tree
            [program, "-C", str(top), "-c", "core.fsmonitor=false", *arguments],
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def names(raw: bytes | None) -> list[str]:
    """Split a list that ends each name with a zero byte."""
    return [os.fsdecode(name) for name in (raw or b"").split(b"\0") if name]


def work_tree(here: Path) -> State:
    """Read the work tree that a folder lies in."""
    found = git_folder(here)
    if found is None:
        return State(here)
    top = found[1]
    head = git(top, "rev-parse", "--verify", "HEAD")
    if head is None:
        return without_git(*found)
    raw = git(top, "diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD")
    compared = git(top, "diff", "--name-only", "-z", "HEAD")
    changed = changed_of_index(top) if compared is None else sorted(names(compared))
    branch = git(top, "symbolic-ref", "--short", "HEAD")
    listed = names(git(top, "ls-files", "-z", "--others", "--exclude-standard"))
    notes = []
    if raw is None:
        notes.append("git could not compare the tree with the commit: no patch is kept")
    elif len(raw) > LARGEST_PATCH:
        notes.append(f"the patch is larger than {LARGEST_PATCH // 1_000_000} MB and is not kept")
        raw = b""
    return State(
        top=top,
        commit=head.decode().strip(),
        branch=branch.decode().strip() if branch else None,
        tracked=frozenset(names(git(top, "ls-files", "-z"))),
        changed=tuple(changed),
        unknown=frozenset(name for name in listed if not name.startswith(".repro-audit/")),
        patch=raw or b"",
        notes=tuple(notes),
    )


def changed_of_index(top: Path) -> list[str]:
    """Return the files that differ from git's index, without git, which may lack their objects."""
    index, compared = read_index(top), Compared(top)
    return [entry.path for entry in (index.entries if index else ()) if compared.differs(entry)]


def without_git(git_dir: Path, top: Path) -> State:
    """Read what can be read where the program git is not there, or there is no commit."""
    from repro_audit.gitlog import read_log  # noqa: PLC0415 - rarely needed

    index = read_index(top)
    if index is None:
        return State(top, notes=("the repository has no commit",))
    return State(
        top=top,
        commit=read_log(git_dir, index, "").commit,
        tracked=frozenset(entry.path for entry in index.entries),
        changed=tuple(changed_of_index(top)),
        notes=("git is not installed: changes are named and not kept as a patch",),
    )


def keep_unknown(state: State, used: Sequence[str], target: Path) -> list[str]:
    """Copy the files that were used and that no commit holds; return those that were copied.

    What is large, ignored by git or looks like a secret is not copied: its digest must do.
    """
    copied: list[str] = []
    left = MOST_COPIED
    for path in used:
        origin = state.top / path
        if path not in state.unknown or PRIVATE.search(path) or not origin.is_file():
            continue
        size = origin.stat().st_size
        if size > LARGEST_COPY or size > left:
            continue
        left -= size
        copy = target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, copy)
        copied.append(path)
    return copied
