"""Reports kept from earlier runs: one stands while nothing has changed that it was made from.

Kept under the user's cache directory, one file for each repository and way of asking, written
whole or not at all. What is looked up is what the file system says of every file and folder that
the audit looked at: size, times, inode. A file that does not fit, or is damaged, is as good as
none. Nothing is executed from it: it holds the paths that were looked at, and text.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import __version__
from repro_audit.gitindex import git_folder
from repro_audit.plainfile import Folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

MOST_KEPT = 100
MOST_BYTES = 50_000_000
MOST_WATCHED = 50_000
OTHERS = stat.S_IWGRP | stat.S_IWOTH
# A file changed so shortly before the look at it may change again without a sign.
SETTLED = 0.1
SETTINGS = ("pyproject.toml", "repro-audit.toml")
GIT_FILES = ("HEAD", "index", "packed-refs", "config", "shallow")


class Answer(NamedTuple):
    """A report as it was written, with what the exit status depends on."""

    text: str
    low: float
    bar: float | None


def folder() -> Path | None:
    """Return where reports are kept; None for a user who has no home.

    A relative path counts for nothing: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    said = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        base = said if said.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "repro-audit" / "reports"


def usable(root: Path) -> bool:
    """Say whether reports on `root` are kept: outside of it, and where nobody else may write."""
    place = folder()
    if place is None:
        return False
    real = place.resolve()
    if real == root or root in real.parents:
        return False
    try:
        seen = os.lstat(place)
    except OSError:
        return True
    # Windows knows neither owners by number nor these rights.
    ours = sys.platform == "win32" or (seen.st_uid == os.getuid() and not seen.st_mode & OTHERS)
    return ours and stat.S_ISDIR(seen.st_mode)


def question(options: argparse.Namespace) -> str | None:
    """Return the digest of what is asked, by whom and of what; None when there is nothing there."""
    try:
        root = Path(options.path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    if not usable(root):
        return None
    width = os.get_terminal_size().columns if sys.stdout.isatty() else 0
    asked = {
        "tool": [__version__, sys.version, sys.path[1:], *stats(tool())],
        "root": str(root),
        "here": str(Path.cwd()) if options.trust == "own" else "",
        "git": str(git_folder(root)),
        "options": [options.format, options.select, options.profile, options.trust],
        "screen": [width, options.output is None, *map(os.environ.get, ("NO_COLOR", "COLUMNS"))],
    }
    return digest(asked)


def tool() -> Iterator[str]:
    """Yield our own files, and the folders in which a plugin would be installed."""
    yield from (path for path in sys.path[1:] if path)
    waiting = [str(Path(__file__).parent)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".md", ".json", ".html")):
                    yield entry.path
                elif "." not in entry.name and entry.name != "__pycache__":
                    waiting.append(entry.path)


def stats(paths: Iterable[str]) -> list[tuple[int, ...] | None]:
    """Return what the file system says of each path; None for one that is not there."""
    return [stat_of(path) for path in paths]


def stat_of(path: str) -> tuple[int, ...] | None:
    """Return kind, size, inode and the times of change of one path, not following a link."""
    try:
        seen = os.lstat(path)
    except (OSError, ValueError):
        return None
    return (seen.st_mode, seen.st_size, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns)


def watched(root: Path, looked_at: Iterable[str]) -> list[str]:
    """Return the files looked at, the folders they stand in, the settings, and git's own files."""
    from repro_audit.gitstore import common_folder  # noqa: PLC0415 - only for a report to keep

    paths = {path for path in looked_at if path != "."} | set(SETTINGS)
    folders = {""}
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
    found = [str(root / path) for path in sorted(paths | folders)]
    git = git_folder(root)
    if git is not None:
        # Two folders where the tree is one of several of a repository.
        for kept_by_git in sorted({git[0], common_folder(git[0])}):
            found += [str(kept_by_git / name) for name in GIT_FILES]
            # The folder may be a link that leads anywhere.
            own = Folder(kept_by_git).holds("refs/heads")
            for base, _, names in os.walk(kept_by_git / "refs") if own else ():
                found += [base, *(str(Path(base) / name) for name in names)]
    return found


class Watch(NamedTuple):
    """What the audit is about to look at, and how it stood before."""

    paths: list[str]
    state: str
    settled: bool

    @classmethod
    def begin(cls, root: Path, looked_at: Iterable[str]) -> Watch:
        """Note how everything stands."""
        now = time.time()
        paths = watched(root, looked_at)
        seen = stats(paths)
        newest = max((item[-1] for item in seen if item), default=0) / 1e9
        few = len(paths) <= MOST_WATCHED
        return cls(paths, digest(seen), few and newest < now - SETTLED)


def digest(value: object) -> str:
    """Return the digest of what can be written as JSON."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def recall(key: str) -> Answer | None:
    """Return the report that was kept, when nothing has changed that it was made from."""
    place = folder()
    if place is None:
        return None
    try:
        check, _, body = Folder(place).read(key, MOST_BYTES).decode("utf-8").partition("\n")
        if hashlib.sha256(body.encode()).hexdigest() != check:
            return None
        kept = json.loads(body)
        if digest(stats(kept["paths"])) != kept["state"]:
            return None
        os.utime(place / key)
        return Answer(kept["text"], kept["low"], kept["bar"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def keep(key: str, watch: Watch, answer: Answer) -> None:
    """Keep a report; where that cannot be done, the next run makes it again."""
    place = folder()
    if place is None or not watch.settled:
        return
    body = json.dumps(
        {
            "paths": watch.paths,
            "state": watch.state,
            "low": answer.low,
            "bar": answer.bar,
            "text": answer.text,
        }
    )
    # Names that are no text cannot be written, and are not worth keeping a report for.
    with suppress(OSError, ValueError):
        content = f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}".encode()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = place / f".{key}.{os.getpid()}"
        try:
            temporary.touch(mode=0o600)
            temporary.write_bytes(content)
            temporary.replace(place / key)
        finally:
            temporary.unlink(missing_ok=True)
        tidy(place)


def tidy(place: Path) -> None:
    """Drop the reports that were not asked for longest, above the bounds of number and size."""
    with os.scandir(place) as entries:
        found = sorted(((entry.stat(), entry.path) for entry in entries), key=newest_first)
    total = 0
    for number, (seen, path) in enumerate(found):
        total += seen.st_size
        if number >= MOST_KEPT or total > MOST_BYTES:
            Path(path).unlink(missing_ok=True)


def newest_first(item: tuple[os.stat_result, str]) -> tuple[float, str]:
    """Return the order in which reports are kept."""
    return (-item[0].st_mtime, item[1])
