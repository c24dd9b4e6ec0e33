"""Code of others in the tree: submodules, vendored folders, borrowed passages, sibling folders."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.quoting import quoted
from repro_audit.gitindex import SUBMODULE
from repro_audit.model import Evidence
from repro_audit.roles import VENDORED_PARTS, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

FOLDERS = VENDORED_PARTS - {"node_modules", "site-packages", ".venv", "venv", "bower_components"}
FOLDERS |= {"external", "externals", "extern"}
ORIGIN = re.compile(
    r"\b(adapted|borrowed|copied|taken|modified|ported|derived|forked|stolen|based)\b"
    r"[^\n]{0,60}?\b(from|on)\b[^\n]{0,80}?(https?://[^\s)>\"']{4,300})",
    re.IGNORECASE,
)
FIXED = re.compile(
    r"[0-9a-f]{40}|/(blob|tree|tag|tags|releases/tag|commit)/(?!main\b|master\b|dev)[\w.-]*\d|"
    r"\bv?\d+\.\d+\.\d+",
    re.IGNORECASE,
)
PAPER = re.compile(r"arxiv\.org|doi\.org|openreview\.net|wikipedia\.org|stackoverflow\.com/a/|pdf$")
SOURCED = re.compile(r"https?://|\bcommit\b|\bversion\b", re.IGNORECASE)
LICENCES = re.compile(r"^(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)
MOST_LINES = 3_000


class Submodule(NamedTuple):
    """Another repository inside this one; git fixes its commit when the index holds it."""

    path: str
    url: str
    commit: str | None
    line: int


class Vendored(NamedTuple):
    """A folder of borrowed code, and the files in it that say whose it is."""

    path: str
    first: str
    licence: str | None
    origin: Evidence | None


class Passage(NamedTuple):
    """A comment that says where code comes from; `fixed` when it names commit or version."""

    evidence: Evidence
    fixed: bool


class ThirdParty(NamedTuple):
    """All of it."""

    submodules: tuple[Submodule, ...]
    vendored: tuple[Vendored, ...]
    passages: tuple[Passage, ...]
    siblings: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> ThirdParty:
        """Read .gitmodules, folders, comments, and paths that leave the repository."""
        return cls(
            tuple(submodules(repo)),
            tuple(vendored(repo)),
            tuple(passages(repo)),
            tuple(siblings(repo)),
        )

    @property
    def any(self) -> bool:
        """Whether any of it is there."""
        return bool(self.submodules or self.vendored or self.passages or self.siblings)


def submodules(repo: Repository) -> Iterator[Submodule]:
    """Yield what .gitmodules names, with the commit that the index holds for it."""
    entries = repo.index.entries if repo.index else ()
    commits = {entry.path: entry.digest for entry in entries if entry.mode == SUBMODULE}
    found: dict[str, str] = {}
    line = 0
    for number, text in enumerate([*repo.lines(".gitmodules")[:MOST_LINES], "["], 1):
        if text.strip().startswith("["):
            if "path" in found:
                path = found["path"]
                # Git passes over an entry whose folder is not in the index, and so does this.
                if path in commits or not entries:
                    yield Submodule(path, found.get("url", ""), commits.get(path), line)
            found, line = {}, number
        else:
            key, _, value = text.partition("=")
            found[key.strip()] = value.strip()


def vendored(repo: Repository) -> Iterator[Vendored]:
    """Yield each borrowed folder that holds code: the folder below `third_party` and the like."""
    groups: dict[str, list[str]] = {}
    for file in repo.files:
        parts = file.path.split("/")
        at = next((n for n, part in enumerate(parts[:-1]) if part.lower() in FOLDERS), None)
        if at is not None and file.role is not Role.TEMPLATE:
            deeper = at + 2 if len(parts) > at + 2 else at + 1
            groups.setdefault("/".join(parts[:deeper]), []).append(file.path)
    for folder, paths in groups.items():
        code = [path for path in paths if path.endswith((".py", ".c", ".cpp", ".cu", ".js", ".h"))]
        if not code:
            continue
        names = {path: path.rpartition("/")[2] for path in paths}
        licence = next((path for path, name in names.items() if LICENCES.match(name)), None)
        yield Vendored(folder, code[0], licence, origin_of(repo, paths))


def origin_of(repo: Repository, paths: list[str]) -> Evidence | None:
    """Return the line of a borrowed folder's README that says where it comes from."""
    for path in paths:
        if re.match(r"(?i)(readme|origin|version|vendor)", path.rpartition("/")[2]):
            for number, line in enumerate(repo.lines(path)[:MOST_LINES], 1):
                if SOURCED.search(line[:2000]):
                    return Evidence(path, number, "says where the code comes from")
    return None


def passages(repo: Repository) -> Iterator[Passage]:
    """Yield comments and docstrings of live code that say where it was taken from."""
    for file in repo.with_role(Role.SOURCE):
        if file.suffix != ".py":
            continue
        for number, line in enumerate(repo.lines(file.path)[:MOST_LINES], 1):
            found = ORIGIN.search(line[:500]) if "http" in line else None
            if found and not PAPER.search(found.group(3)):
                message = f"code of others: {quoted(found.group(3))}"
                fixed = bool(FIXED.search(line[:500]))
                yield Passage(Evidence(file.path, number, message), fixed)
                break


def siblings(repo: Repository) -> Iterator[Evidence]:
    """Yield paths of code that lead out of the repository."""
    for call in repo.fact(PythonIndex).calls("sys.path.append", "sys.path.insert"):
        value = call.literal("path", call.given - 1) if call.given else None
        if not isinstance(value, str) or not value.startswith(".."):
            continue
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(call.path), value))
        if inside.startswith(".."):
            yield call.evidence(f"code is taken from {value}, which is not in the repository")
