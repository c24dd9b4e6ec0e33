"""One document: headings, paragraphs and commands of Markdown, reStructuredText or plain text."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.shell import Command, commands
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

# What follows the backticks of a fence holds none: ```` ```python train.py``` ```` is a span.
FENCE = re.compile(r"^\s*(`{3,}(?!.*`)|~{3,})\s*([\w+-]*)")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
MARKED_UP = re.compile(r"^\s*<h([1-6])\b[^>]*>(.*?)(?:</h\1>|$)", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,200}>")
# Code that HTML marks in Markdown: `<pre>python train.py</pre>`.
PRE = re.compile(r"(</?pre\b[^<>]{0,200}>)", re.IGNORECASE)
LONGEST_PRE = 60
UNDERLINE = re.compile(r"^([=\-~^\"'*+#])\1{2,}\s*$")
# What announces code in reStructuredText: a directive, or a paragraph that ends in two colons.
DIRECTIVE = re.compile(r"^(\s*)\.\.\s+(?:code-block|code|sourcecode|prompt)::\s*([\w-]*)\s*$")
LITERAL = re.compile(r"^(\s*)(?!\.\.\s)\S.*::\s*$|^(\s*)::\s*$")
SHELL = {
    "",
    "sh",
    "bash",
    "shell",
    "console",
    "zsh",
    "text",
    "powershell",
    "bat",
    "cmd",
    "terminal",
    "none",
    "shell-session",
}
LONGEST_LINE = 4_000


class Heading(NamedTuple):
    """A heading with the lines of its section."""

    text: str
    line: int
    end: int


def shown(lines: tuple[str, ...], *, code: bool = True, fenced: bool = True) -> tuple[str, ...]:
    """Return lines without HTML comments; fenced code, where these are none, is kept or blanked."""
    kept: list[str] = []
    fence, hidden = "", False
    for line in lines:
        mark = FENCE.match(line) if fenced and not hidden else None
        if fence or mark:
            kept.append(line if code else "")
        if fence:
            closes = mark and mark.group(1).startswith(fence) and not mark.group(2)
            fence = "" if closes else fence
        elif mark:
            fence = mark.group(1)
        else:
            text, hidden = uncommented(line[:LONGEST_LINE], hidden=hidden)
            kept.append(text)
    return tuple(kept)


def uncommented(line: str, *, hidden: bool) -> tuple[str, bool]:
    """Take HTML comments out of a line; say whether one is still open at its end."""
    kept: list[str] = []
    while line:
        before, mark, line = line.partition("-->" if hidden else "<!--")
        if not hidden:
            kept.append(before)
        if not mark:
            break
        hidden = not hidden
    return "".join(kept), hidden


@dataclass(frozen=True)
class Document:
    """One document in prose."""

    path: str
    lines: tuple[str, ...]
    headings: tuple[Heading, ...]
    commands: tuple[Command, ...]
    prose: tuple[tuple[str, int], ...]

    def section(self, pattern: str) -> Iterator[Heading]:
        """Yield the headings that match `pattern`."""
        return (item for item in self.headings if re.search(pattern, item.text, re.IGNORECASE))

    def find(self, pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> Iterator[tuple[int, str]]:
        """Yield number and text of the lines that match `pattern`."""
        compiled = re.compile(pattern, flags)
        every = not re.hopeless(pattern, flags, self.low)
        # A line is cut, because patterns over a line without end would take for ever.
        for number, line in enumerate(self.lines, 1) if every else self.others:
            if compiled.search(line[:2000]):
                yield number, line

    @cached_property
    def low(self) -> str:
        """The lines of ASCII in lower case."""
        return "\n".join(line for line in self.lines if line.isascii()).lower()

    @cached_property
    def others(self) -> tuple[tuple[int, str], ...]:
        """The other lines with their numbers."""
        every = enumerate(self.lines, 1)
        return tuple((number, line) for number, line in every if not line.isascii())

    @cached_property
    def visible(self) -> tuple[str, ...]:
        """The lines as a reader sees them: fenced code and HTML comments are blank."""
        return shown(self.lines, code=False, fenced=not restructured(self.path))

    def at(self, line: int, message: str) -> Evidence:
        """Point at a line of this document."""
        return Evidence(self.path, line, message)


def sections(headings: list[tuple[str, int]], last: int) -> tuple[Heading, ...]:
    """Give each heading the last line before the next one."""
    ends = [*(line - 1 for _, line in headings[1:]), last]
    return tuple(
        Heading(title, line, end) for (title, line), end in zip(headings, ends, strict=False)
    )


def restructured(path: str) -> bool:
    """Say whether a document is one of reStructuredText, where a row of tildes is no fence."""
    return path.lower().endswith(".rst")


class Reading:
    """Reads one document line by line."""

    def __init__(self, path: str, lines: tuple[str, ...]) -> None:
        self.path, self.lines = path, lines
        self.rst = restructured(path)
        self.headings: list[tuple[str, int]] = []
        self.prose: list[tuple[str, int]] = []
        self.found: list[Command] = []
        self.block: list[str] = []
        self.fence = ""
        self.start, self.shell = 0, False
        self.pre = False
        self.literal: int | None = None

    def read(self) -> Document:
        """Read all lines."""
        for number, line in enumerate(self.lines, 1):
            if self.literal is not None and self.inside(line, number):
                continue
            mark = None if self.rst else FENCE.match(line)
            if self.fence:
                self.fenced(line, mark)
            elif mark:
                self.fence, self.start = mark.group(1), number + 1
                self.shell, self.block = mark.group(2).lower() in SHELL, []
            elif not self.marked(line, number) and not self.titled(line, number):
                self.plain(line, number)
        last = len(self.lines)
        found = sections(self.headings, last)
        return Document(self.path, self.lines, found, tuple(self.found), tuple(self.prose))

    def inside(self, line: str, number: int) -> bool:
        """Take a line of an indented block of reStructuredText; say whether it was one."""
        if not line.strip():
            return True
        if len(line) - len(line.lstrip()) <= (self.literal or 0):
            self.literal = None
            return False
        if self.shell and not line.lstrip().startswith(":"):
            self.found += commands(line.strip(), self.path, number)
        return True

    def fenced(self, line: str, mark: re.Match[str] | None) -> None:
        """Take a line of a fenced block; its commands are read at its end."""
        if not (mark and mark.group(1).startswith(self.fence) and not mark.group(2)):
            self.block.append(line)
            return
        if self.shell:
            self.found += commands("\n".join(self.block), self.path, self.start)
        self.fence = ""

    def marked(self, line: str, number: int) -> bool:
        """Take a line of code that HTML marks; say whether it was one."""
        parts = PRE.split(line[:LONGEST_LINE]) if self.pre or "<pre" in line.lower() else []
        below = self.lines[number - 1 : number + LONGEST_PRE]
        if not self.pre and not any("</pre" in item.lower() for item in below if parts):
            return False
        for part in parts:
            if PRE.match(part):
                self.pre = not part.startswith("</")
                if self.pre:
                    self.block, self.start = [], number
                else:
                    self.found += commands("\n".join(self.block), self.path, self.start)
            elif self.pre:
                self.block.append(html.unescape(TAG.sub("", part)))
            else:
                self.plain(part, number)
        return True

    def titled(self, line: str, number: int) -> bool:
        """Take a heading, by its marks, its tag or the line below it."""
        title, tagged = HEADING.match(line), MARKED_UP.match(line[:LONGEST_LINE])
        if title is not None and not self.rst:
            self.headings.append((title.group(2), number))
        elif tagged is not None:
            self.headings.append((TAG.sub(" ", tagged.group(2)).strip(), number))
        elif UNDERLINE.match(line) and number > 1 and self.under_text(number):
            self.headings.append((self.lines[number - 2].strip(), number - 1))
        else:
            return False
        return True

    def under_text(self, number: int) -> bool:
        """Say whether a line stands under a text, and not under a fence, as a rule does."""
        above = self.lines[number - 2].strip()
        return bool(above) and (self.rst or not FENCE.match(above))

    def plain(self, line: str, number: int) -> None:
        """Take a paragraph's line, an indented command, or what announces a block."""
        directive = DIRECTIVE.match(line) if self.rst else None
        literal = LITERAL.match(line[:LONGEST_LINE]) if self.rst and not directive else None
        if announced := directive or literal:
            self.literal = len(announced.group(1) or "")
            self.shell = directive is None or directive.group(2).lower() in SHELL
        if re.match(r"^(\s{4,}|\t)\S", line) and not directive:
            self.found += commands(line.strip(), self.path, number)
        elif line.strip() and not directive:
            self.prose.append((line, number))
            for span in re.findall(r"`([^`]{4,200})`", line[:2000]):
                self.found += commands(span, self.path, number)


def read_document(path: str, text: str) -> Document:
    """Read Markdown, reStructuredText or plain text."""
    lines = tuple(text.splitlines())
    return Reading(path, lines if restructured(path) else shown(lines)).read()
