"""What a template makes, looked at as a repository: its folder with the answers filled in.

Nothing is rendered: the tags are found by Jinja's lexer, which runs nothing, an answer stands in
place of each expression, and of each choice the first branch is taken. Lines keep their numbers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.repository import File
from repro_audit.roles import role_of
from repro_audit.view import View
from repro_audit.yamltext import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.repository import Repository

MARK = "{{"
TAG = re.compile(r"\{[{%#]")
NAME = re.compile(r"(?:cookiecutter\.|copier_?\w*\.)?([A-Za-z_]\w*)")
INNER = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
# Of text with tags, in all: the lexer takes a second for each.
MOST_TAGGED = 2_000_000
LONGEST_ANSWER = 200


def folders(repo: Repository) -> tuple[str, ...]:
    """Return the folders at the root whose names are answers: what a template makes."""
    tops = {file.path.partition("/")[0] for file in repo.files if "/" in file.path}
    return tuple(sorted(top for top in tops if MARK in top))


def answers(repo: Repository) -> dict[str, str]:
    """Return the default answer of each question, of a choice the first."""
    found: dict[str, str] = {}
    try:
        asked = json.loads(repo.text("cookiecutter.json") or "{}")
        copier = repo.text("copier.yml") or repo.text("copier.yaml")
        asked = asked or (load(copier) if copier else {})
    except (ValueError, RecursionError):
        return found
    for name, value in asked.items() if isinstance(asked, dict) else ():
        given = value.get("default") if isinstance(value, dict) else value
        given = given[0] if isinstance(given, list) and given else given
        if isinstance(given, (str, int, float)) and len(str(given)) <= LONGEST_ANSWER:
            found[str(name)] = str(given)
    return found


def said(expression: str, given: dict[str, str], depth: int = 0) -> str:
    """Return what stands in place of an expression: the answer, else the name of the question."""
    named = NAME.search(expression)
    if named is None:
        return ""
    value = given.get(named[1], named[1])
    if MARK in value:
        value = named[1] if depth else filled_in(value, given, depth + 1)
    return value


def filled_in(text: str, given: dict[str, str], depth: int = 0) -> str:
    """Fill in the expressions of a name."""
    return INNER.sub(lambda found: said(found[1], given, depth), text)


def plain(text: str, given: dict[str, str]) -> str:
    """Return a file of a template as it comes out; one that is not understood stays as it is."""
    # Only audits of templates pay for the import.
    from jinja2 import Environment, TemplateSyntaxError  # noqa: PLC0415

    try:
        tokens = list(Environment(autoescape=True, keep_trailing_newline=True).lex(text))
    except (TemplateSyntaxError, RecursionError):
        return text
    return "".join(pieces(tokens, given))


def pieces(tokens: Iterable[tuple[int, str, str]], given: dict[str, str]) -> Iterator[str]:
    """Yield the parts of a text, each in its line: what is left out or stripped keeps its lines."""
    inside, at = "", 1
    held: list[str] = []
    left_out: list[bool] = []
    for line, kind, value in tokens:
        if line > at:
            yield "\n" * (line - at)
            at = line
        if kind.endswith("_begin") and kind != "raw_begin":
            inside, held = kind.partition("_")[0], []
        elif kind.endswith("_end") and kind != "raw_end":
            if inside == "variable" and not any(left_out):
                yield said("".join(held), given)
            elif inside == "block":
                branch("".join(held).split(), left_out)
            inside = ""
        elif inside:
            held.append(value)
        elif kind == "data" and not any(left_out):
            yield value
            at += value.count("\n")


def branch(words: list[str], left_out: list[bool]) -> None:
    """Note where a choice begins, where its other branches begin, and where it ends."""
    word = words[0] if words else ""
    if word == "if":
        left_out.append(False)
    elif word in {"elif", "else"} and left_out:
        left_out[-1] = True
    elif word == "endif" and left_out:
        left_out.pop()


class Made(View):
    """The folder of a template as the repository that it makes by default."""

    def __init__(self, whole: Repository, folder: str, shared: Iterable[str] = ()) -> None:
        """Name the files as they will be named, and tell their roles by that."""
        super().__init__(whole, folder, shared)
        self.given = answers(whole)
        self.tagged = MOST_TAGGED
        self.origins = {
            filled_in(path, self.given): origin for path, origin in self.origins.items()
        }
        self.files = tuple(File(path, role_of(path)) for path in sorted(self.origins))
        self.by_path = {file.path: file for file in self.files}

    def imported_as(self, path: str) -> str:
        """Return the path by which code imports a file: that of the repository that is made."""
        return path

    def read(self, path: str) -> str | None:
        """Return the text with the answers filled in."""
        text = super().read(path)
        if text is None or not TAG.search(text):
            return text
        self.tagged -= len(text)
        if self.tagged < 0:
            self.skips[path] = f"more than {MOST_TAGGED:,} characters of templates in all"
            return None
        return plain(text, self.given)
