"""Ignores written beside the code: `# repro-audit: ignore[id] -- reason`.

A comment speaks for its own line; alone on a line it speaks for the next one, because a line of a
Dockerfile or one that ends with a backslash has no room for it.
"""

from __future__ import annotations

import io
import tokenize
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import File, Repository

MARK = "repro-audit: ignore"
COMMENT = re.compile(
    r"#\s*repro-audit:\s*ignore(?:\[(?P<ids>[^\]\n]{0,500})\])?(?:\s*--\s*(?P<reason>\S.*))?"
)
SUFFIXES = frozenset({".py", ".yaml", ".yml", ".toml", ".dockerfile", ".in"})
NAMES = re.compile(r"(dockerfile|containerfile)([.-].*)?|.*requirements.*\.txt", re.IGNORECASE)
UNREAD = (Role.VENDORED, Role.TEMPLATE, Role.GENERATED, Role.DATA, Role.PROSE)


class InlineIgnore(NamedTuple):
    """One comment and one id of it; `target` is the line it speaks for."""

    path: str
    line: int
    target: int
    id: str
    reason: str


def inline_ignores(repo: Repository) -> tuple[InlineIgnore, ...]:
    """Return every comment of the repository, those without id or reason too."""
    found: list[InlineIgnore] = []
    for file in repo.files:
        if file.role not in UNREAD and may_hold(file):
            text = repo.text(file.path)
            if text and MARK in text:
                found += in_file(file.path, text)
    return tuple(found)


def may_hold(file: File) -> bool:
    """Say whether comments of this kind of file are read."""
    path = PurePosixPath(file.path)
    return path.suffix.lower() in SUFFIXES or NAMES.fullmatch(path.name) is not None


def in_file(path: str, text: str) -> Iterator[InlineIgnore]:
    """Yield the ignores of one file."""
    lines = text.splitlines()
    for number, comment, alone in comments(path, text):
        match = COMMENT.match(comment)
        if match is None:
            continue
        target = number
        if alone:
            target = next_line(lines, number)
        reason = (match["reason"] or "").strip()
        for identifier in (match["ids"] or "").split(","):
            yield InlineIgnore(path, number, target, identifier.strip(), reason)


def next_line(lines: list[str], number: int) -> int:
    """Return the number of the next line that is no comment."""
    rest = enumerate(lines[number:], number + 1)
    return next((at for at, line in rest if not line.lstrip().startswith("#")), number)


def comments(path: str, text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield line, text from the mark on, and whether the comment stands alone.

    Python is tokenized, so that a string that looks like a comment is none.
    """
    if path.endswith(".py"):
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                if token.type == tokenize.COMMENT and MARK in token.string:
                    at = token.string.index("repro-audit:")
                    start = token.string.rfind("#", 0, at)
                    alone = not token.line[: token.start[1]].strip()
                    yield token.start[0], token.string[max(start, 0) :], alone
        except (tokenize.TokenError, SyntaxError):
            return
        return
    for number, line in enumerate(text.splitlines(), 1):
        at = line.find(MARK)
        start = line.rfind("#", 0, at) if at >= 0 else -1
        before = line[:start] if start >= 0 else "x"
        if start >= 0 and (not before or before[-1].isspace()):
            yield number, line[start:], not before.strip()
