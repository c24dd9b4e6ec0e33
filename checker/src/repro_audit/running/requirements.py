"""What is installed where a command is to run elsewhere: the lock, in the words of pip."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LISTS = ("requirements.lock", "requirements.txt")
NONE = "none"
INCLUDED = re.compile(r"(?:-r|--requirement)[= ]\s*(\S+)$")
OF_THE_TREE = re.compile(r"(-e|--editable)\b|\.{0,2}/|\.$|file:|\S+ @ file:")
MOST_INCLUDED = 20
SECONDS = 120


@dataclass(frozen=True)
class Requirements:
    """Lines for pip, each a whole one; `paths` were read, `left_out` name folders of the tree."""

    paths: tuple[str, ...]
    lines: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def text(self) -> str:
        """The file that pip reads."""
        return "\n".join(self.lines) + "\n"


def requirements(root: Path, named: Sequence[str]) -> Requirements | None:
    """Read the named lists, else the lock of `root`; None when there is none or none is wanted.

    Raises:
        ReproAuditError: when a list cannot be read, or uv is needed and not there.
    """
    if list(named) == [NONE]:
        return None
    paths = [Path(name) for name in named]
    if not paths and (root / "uv.lock").is_file():
        return read_lines(("uv.lock",), exported(root).splitlines(), root)
    paths = paths or [root / name for name in LISTS if (root / name).is_file()][:1]
    if not paths:
        return None
    lines: list[str] = []
    for path in paths:
        lines += whole_lines(path)
    return read_lines(tuple(str(path) for path in paths), lines, root)


def read_lines(paths: tuple[str, ...], lines: Sequence[str], root: Path) -> Requirements:
    """Part what pip can fetch from what is a folder of the tree."""
    paths = tuple(path.removeprefix(f"{root}/") for path in paths)
    kept = tuple(line for line in joined(lines) if not OF_THE_TREE.match(line))
    left_out = tuple(line for line in joined(lines) if OF_THE_TREE.match(line))
    return Requirements(paths, kept, left_out)


def whole_lines(path: Path, depth: int = 0) -> list[str]:
    """Return the lines of a list, with those that it includes in their place."""
    if depth > MOST_INCLUDED:
        raise ReproAuditError(f"{path} includes itself.")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ReproAuditError(f"{path} cannot be read as a list of requirements.") from problem
    found: list[str] = []
    for line in joined(text.splitlines()):
        included = INCLUDED.match(line)
        if included:
            found += whole_lines(path.parent / included.group(1), depth + 1)
        else:
            found.append(line)
    return found


def joined(lines: Sequence[str]) -> Iterator[str]:
    """Put continued lines together, without comments and empty ones."""
    begun = ""
    for raw in lines:
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        if line.endswith("\\"):
            begun += f"{line[:-1].strip()} "
            continue
        if whole := f"{begun}{line}".strip():
            yield whole
        begun = ""
    if begun.strip():
        yield begun.strip()


def exported(root: Path) -> str:
    """Let uv write its lock as a list for pip; nothing is resolved again."""
    program = shutil.which("uv")
    if program is None:
        raise ReproAuditError("uv.lock is read by uv, which is not installed; name another --lock.")
    words = ["export", "--frozen", "--no-emit-project", "--no-dev", "--format", "requirements-txt"]
    done = subprocess.run(  # noqa: S603 - uv itself, in the user's own tree
        [program, *words], cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise ReproAuditError(f"uv cannot export uv.lock: {said}")
    return done.stdout
