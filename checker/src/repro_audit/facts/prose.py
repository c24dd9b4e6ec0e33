"""README, documents and what they show: headings, paragraphs, commands, links."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from repro_audit.facts.shell import Command, commands
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([\w+-]*)")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
UNDERLINE = re.compile(r"^([=\-~^\"'*+])\1{2,}\s*$")
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
}
LONGEST_LINE = 4_000
LINK = re.compile(r"\]\(([^)\s#]+)")
SCRIPTS = re.compile(r"\.(sh|bash|slurm|sbatch|bat|ps1)$", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """A heading with the lines of its section."""

    text: str
    line: int
    end: int


def without_code(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return lines with fenced code and HTML comments blanked."""
    shown: list[str] = []
    fence, hidden = "", False
    for line in lines:
        mark = FENCE.match(line)
        if fence:
            closes = mark and mark.group(1).startswith(fence) and not mark.group(2)
            fence = "" if closes else fence
            shown.append("")
            continue
        if mark and not hidden:
            fence = mark.group(1)
            shown.append("")
            continue
        text, hidden = uncommented(line[:LONGEST_LINE], hidden=hidden)
        shown.append(text)
    return tuple(shown)


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
        # A line is cut, because patterns over a line without end would take for ever.
        for number, line in enumerate(self.lines, 1):
            if compiled.search(line[:2000]):
                yield number, line

    @cached_property
    def visible(self) -> tuple[str, ...]:
        """The lines as a reader sees them: fenced code and HTML comments are blank."""
        return without_code(self.lines)

    def at(self, line: int, message: str) -> Evidence:
        """Point at a line of this document."""
        return Evidence(self.path, line, message)


def sections(headings: list[tuple[str, int]], last: int) -> tuple[Heading, ...]:
    """Give each heading the last line before the next one."""
    ends = [*(line - 1 for _, line in headings[1:]), last]
    return tuple(
        Heading(title, line, end) for (title, line), end in zip(headings, ends, strict=False)
    )


def read_document(path: str, text: str) -> Document:
    """Read Markdown, reStructuredText or plain text."""
    lines = tuple(text.splitlines())
    headings: list[tuple[str, int]] = []
    prose: list[tuple[str, int]] = []
    found: list[Command] = []
    block: list[str] = []
    fence = ""
    start, shell = 0, False
    for number, line in enumerate(lines, 1):
        mark = FENCE.match(line)
        if fence:
            if mark and mark.group(1).startswith(fence) and not mark.group(2):
                if shell:
                    found += commands("\n".join(block), path, start)
                fence = ""
            else:
                block.append(line)
        elif mark:
            fence, start, shell, block = (
                mark.group(1),
                number + 1,
                mark.group(2).lower() in SHELL,
                [],
            )
        elif (title := HEADING.match(line)) is not None:
            headings.append((title.group(2), number))
        elif UNDERLINE.match(line) and number > 1 and lines[number - 2].strip():
            headings.append((lines[number - 2].strip(), number - 1))
        elif re.match(r"^(\s{4,}|\t)\S", line):
            found += commands(line.strip(), path, number)
        elif line.strip():
            prose.append((line, number))
            found += [
                item
                for span in re.findall(r"`([^`]{4,200})`", line[:2000])
                for item in commands(span, path, number)
            ]
    return Document(path, lines, sections(headings, len(lines)), tuple(found), tuple(prose))


@dataclass(frozen=True)
class Prose:
    """The README, the documents it links or that stand in docs, and all other prose."""

    readme: Document | None
    documents: tuple[Document, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Prose:
        """Read every document of the project itself."""
        found: dict[str, Document] = {}
        names = (
            "readme",
            "readme.txt",
            "*.md",
            "*.rst",
            "*.markdown",
            "*.mdx",
            "install*",
            "*.org",
        )
        for file in repo.matching(*names, roles=(Role.PROSE, Role.SOURCE, Role.EXAMPLE)):
            if file.suffix in {".py", ".sh", ".ipynb", ".yaml", ".yml", ".toml", ".bat"}:
                continue
            text = repo.text(file.path)
            if text is not None:
                found[file.path] = read_document(file.path, text)
        tops = sorted(
            path for path in found if re.fullmatch(r"(?i)(docs/|\.github/)?readme(\.\w+)?", path)
        )
        tops.sort(
            key=lambda path: (path.count("/"), not path.lower().endswith((".md", ".rst")), path)
        )
        readme = found.get(tops[0]) if tops else None
        return cls(readme, tuple(found[path] for path in sorted(found)))

    def guide(self) -> tuple[Document, ...]:
        """Return the README and the documents of the repository that it links, one hop away."""
        if self.readme is None:
            return ()
        base = posixpath.dirname(self.readme.path)
        linked = {
            posixpath.normpath(posixpath.join(base, target))
            for line in self.readme.lines
            for target in LINK.findall(line[:2000])
        }
        return (self.readme, *(item for item in self.documents if item.path in linked))

    def commands(self) -> Iterator[Command]:
        """Yield the commands that the README, its links and the READMEs of folders show."""
        guide = self.guide()
        inner = [
            item
            for item in self.documents
            if item not in guide and re.search(r"(?i)/readme(\.\w+)?$", item.path)
        ]
        for document in (*guide, *(inner if self.readme else ())):
            yield from document.commands


@dataclass(frozen=True)
class Scripts:
    """The commands of shell scripts and batch jobs, taken apart once for all who ask."""

    commands: tuple[Command, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Scripts:
        """Read every script of the project itself."""
        return cls(
            tuple(
                command
                for file in repo.with_role(Role.SOURCE, Role.EXAMPLE)
                if SCRIPTS.search(file.path)
                for command in commands(repo.text(file.path) or "", file.path)
            )
        )


def script_commands(repo: Repository) -> Iterator[Command]:
    """Yield the commands of shell scripts and batch jobs."""
    return iter(repo.fact(Scripts).commands)
