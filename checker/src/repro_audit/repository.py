"""The files of the audited repository: listed once, each with a role, each read at most once."""

from __future__ import annotations

import codecs
import posixpath
from dataclasses import dataclass
from fnmatch import fnmatch, translate
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, cast

from repro_audit import lazyre as re
from repro_audit.listing import SPECIAL, Listing, cannot_be_read
from repro_audit.model import Skipped
from repro_audit.plainfile import NotPlainError, TooLargeError
from repro_audit.roles import Role, role_of, suffix_of
from repro_audit.unread import CALLS, EVERYTHING, MOST_UNLISTED, matters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

MEGABYTE = 1_000_000
LARGEST_SOURCE = 2 * MEGABYTE
LARGEST_NOTEBOOK = 20 * MEGABYTE
# Files that stand for others (Git LFS, git-annex) are a few lines long.
SHORT = 1_000
# Four times the text of the largest repositories of the field.
MOST_TEXT = 200 * MEGABYTE
# Recipes and documents are for people; what is made by machines may be longer.
MOST_LINES = 20_000
LONG = re.compile(r"\.(pyw?|ipynb|json|txt|csv|tsv|r|jl|bib|lock)$|lock[^/]*$")
# Looked up by identity: a role's hash is worked out in Python each time.
OWN_ROLES = tuple(role for role in Role if role not in {Role.VENDORED, Role.TEMPLATE})
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class File:
    """One file, relative to the root, with forward slashes."""

    path: str
    role: Role

    @cached_property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @cached_property
    def suffix(self) -> str:
        """The suffix in lower case, with its dot."""
        return suffix_of(self.name).lower()


@lru_cache(maxsize=500)
def expressions(
    patterns: tuple[str, ...],
) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Return one expression for the patterns of names, and one for those of whole paths."""
    names = [translate(pattern) for pattern in patterns if "/" not in pattern]
    paths = [translate(pattern) for pattern in patterns if "/" in pattern]
    return (
        re.compile("|".join(names)) if names else None,
        re.compile("|".join(paths)) if paths else None,
    )


def nothing(_: str) -> None:
    """Stand for an expression that matches nothing, and for a person who need not be told."""


def compact(text: str) -> str | bytes:
    """Return a text as it is kept: beyond ASCII Python takes two or four bytes for each letter."""
    return text if text.isascii() else text.encode()


class Fact(Protocol):
    """Something read from the repository; collected on first use and then kept."""

    @classmethod
    def collect(cls, repo: Repository) -> Any:
        """Read it; may ask for other facts."""


FactT = TypeVar("FactT", bound=Fact)


class Crashed(NamedTuple):
    """Stands for a fact that could not be collected."""

    problem: Exception


class Repository(Listing):
    """What an audit may see: files of git's index when there is one, else of a walk.

    Links are never followed, nothing but regular files is opened, and what was not read is
    listed in `skipped`.
    """

    # What this is a folder of, where it is looked at as a repository of its own.
    whole: Repository | None = None
    # Takes what is done just now, in a few words.
    tell: Callable[[str], None] = staticmethod(nothing)
    # How many processes may share the work; copies of one that has threads would not be safe.
    processes = 1

    def __init__(self, root: Path, *, exclude: Sequence[str] = ()) -> None:
        """List the files below `root`.

        Raises:
            ReproAuditError: when `root` is no readable folder.
        """
        super().__init__(root)
        self.missed: dict[type, frozenset[str]] = {}
        self.unread = MOST_TEXT
        self.files: tuple[File, ...] = tuple(
            File(path, role_of(path))
            for path in sorted(self.paths())
            if not any(fnmatch(path, pattern) for pattern in exclude)
        )
        self.by_path = {file.path: file for file in self.files}
        self.texts: dict[str, str | bytes | None] = {}
        self.facts: dict[type, object] = {}

    @property
    def why(self) -> dict[str, str]:
        """Why each path was not read."""
        return self.skips

    @property
    def hidden(self) -> set[str]:
        """What stands for files that nobody knows of."""
        return self.skips.hidden

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not read, and why."""
        return tuple(Skipped(path, why) for path, why in sorted(self.skips.items()))

    def origin(self, path: str) -> str:
        """Return the path of a listed file in the whole repository."""
        return path

    def imported_as(self, path: str) -> str:
        """Return the path by which code of the whole repository imports a file."""
        return self.origin(path)

    def text(self, path: str) -> str | None:
        """Return the text of a listed file, or None when it cannot be read as text."""
        if path not in self.texts:
            text = self.read(path) if path in self.by_path else None
            self.texts[path] = None if text is None else compact(text)
        found = self.texts[path]
        if found is None and path in self.by_path:
            self.note(path)
        return found.decode() if isinstance(found, bytes) else found

    def share(self, path: str, text: str | bytes) -> str | bytes:
        """Return the copy of a text that is kept here, if it is."""
        known = self.texts.get(path)
        return known if known is not None and known == text else text

    @cached_property
    def unlisted(self) -> list[tuple[str, str, Role, str]]:
        """What was seen and is no file of this tree: name, path, role, and the path as it is.

        A link to a file of the tree hides nothing, because that one is read under its own name.
        """
        held = [
            path
            for path, why in self.skips.items()
            if path not in self.by_path
            and path != CALLS
            and matters(path, why)
            and not self.leads_inside(path)
        ]
        if len(held) > MOST_UNLISTED:
            # To look through them for each question would take longer than to doubt them all.
            self.skips[EVERYTHING] = f"more than {MOST_UNLISTED} files of the tree are not there"
            return []
        return [
            (path.rpartition("/")[2].lower(), path.lower(), role_of(path), path) for path in held
        ]

    def leads_inside(self, path: str) -> bool:
        """Say whether a link leads to a file that is listed."""
        target = posixpath.join(posixpath.dirname(path), self.links.get(path, ""))
        return path in self.links and posixpath.normpath(target) in self.by_path

    def lines(self, path: str) -> list[str]:
        """Return the lines of a listed file; none when it cannot be read as text."""
        return (self.text(path) or "").splitlines()

    def read(self, path: str) -> str | None:
        """Read and decode one file within its bound of size."""
        limit = LARGEST_NOTEBOOK if path.endswith(".ipynb") else LARGEST_SOURCE
        try:
            raw = self.disk.read(path, limit)
        except NotPlainError:
            self.skips[path] = SPECIAL
            return None
        except TooLargeError:
            self.skips[path] = f"larger than {limit // MEGABYTE} MB"
            return None
        except OSError as problem:
            self.skips[path] = cannot_be_read(problem)
            return None
        self.unread -= len(raw)
        if self.unread < 0:
            self.skips[path] = f"more than {MOST_TEXT // MEGABYTE} MB of text in all"
            return None
        return self.decode(path, raw)

    def beginning(self, path: str) -> bytes:
        """Return the bytes of a very short file, which may stand for a long one; else nothing."""
        try:
            return self.disk.read(path, SHORT)
        except OSError:
            return b""

    def decode(self, path: str, raw: bytes) -> str | None:
        """Decode by byte order mark, then UTF-8, then Latin-1; a NUL byte means binary."""
        if raw.count(b"\n") > MOST_LINES and not LONG.search(path.lower()):
            self.skips[path] = f"more than {MOST_LINES:,} lines"
            return None
        for mark, encoding in BOMS:
            if raw.startswith(mark):
                return raw.decode(encoding, "replace").replace("\r\n", "\n")
        if b"\0" in raw:
            self.skips[path] = "binary"
            return None
        try:
            return raw.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            return raw.decode("latin-1").replace("\r\n", "\n")

    def with_role(self, *roles: Role) -> Iterator[File]:
        """Yield the files that play one of `roles`."""
        for _, _, role, path in self.unlisted:
            if role in roles:
                self.note(path)
        return (file for file in self.files if file.role in roles)

    def matching(self, *patterns: str, roles: Iterable[Role] | None = None) -> list[File]:
        """Return the files whose name or path matches one of `patterns`, ignoring case."""
        wanted = tuple(roles) if roles is not None else OWN_ROLES
        names, paths = expressions(patterns)
        by_name = names.match if names is not None else nothing
        by_path = paths.match if paths is not None else nothing
        for name, path, role, own in self.unlisted:
            if (by_name(name) or by_path(path)) and role in wanted:
                self.note(own)
        if paths is None:
            return [file for name, _, role, file in self.rows if by_name(name) and role in wanted]
        return [
            file
            for name, path, role, file in self.rows
            if (by_name(name) or by_path(path)) and role in wanted
        ]

    @cached_property
    def rows(self) -> list[tuple[str, str, Role, File]]:
        """The files with what is asked of them again and again: name and path in lower case."""
        return [(file.name.lower(), file.path.lower(), file.role, file) for file in self.files]

    def fact(self, kind: type[FactT]) -> FactT:
        """Return the fact of type `kind`, collected on first use."""
        if kind not in self.facts:
            self.asking.append(set())
            try:
                self.facts[kind] = kind.collect(self)
            except Exception as problem:
                # Every rule that asks again would otherwise wait again for the same end.
                self.facts[kind] = Crashed(problem)
                raise
            finally:
                self.missed[kind] = frozenset(self.asking.pop())
        if self.asking and kind in self.missed:
            self.asking[-1] |= self.missed[kind]
        found = self.facts[kind]
        if isinstance(found, Crashed):
            raise found.problem.with_traceback(None)
        return cast("FactT", found)
