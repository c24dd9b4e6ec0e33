"""Shell text: commands taken apart, wherever they are written."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

SEPARATORS = re.compile(r"\s*(&&|\|\||;|\|)\s*")
# After `||`, these let a script go on as if the command before had worked.
FORGIVING = re.compile(r"^(true|:|exit 0|echo\b|/bin/true)")
PREFIXES = {"sudo", "time", "exec", "command", "nohup", "env", "then", "do", "else"}
RUNNERS = frozenset({"uv", "poetry", "pipenv", "pdm", "pixi", "hatch", "rye"})
QUOTING = re.compile(r"[\\'\"#]")
# Words with quotations, without a backslash or a comment: nearly all there are.
PLAIN = re.compile(r"""(?:[^ \t\r\n'"\\#]+|'[^']*'|"[^"\\]*")+""")
QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
BLANKS = re.compile(r"[ \t\r\n]+")
ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
# `$`, `(env) $`, `user@host:~$`, the environment alone, Python's, and a notebook's `!`.
PROMPT = re.compile(
    r"^\s*(?:(?:\([\w./-]+\)\s+)?(?:[\w.-]+@[\w.-]+:\S*?[$%]|\(?[\w./-]*\)?[$>%]|>>>)\s+|"
    r"\([\w./-]+\)\s+(?=\w)|!(?=\w))"
)


class Command(NamedTuple):
    """One simple command: its words, where it stands, and whether its failure is passed over."""

    words: tuple[str, ...]
    path: str
    line: int
    forgiven: bool = False

    @property
    def program(self) -> str:
        """The first word without its folder."""
        return self.words[0].rpartition("/")[2] if self.words else ""

    @property
    def text(self) -> str:
        """The words joined."""
        return " ".join(self.words)

    def evidence(self, message: str) -> Evidence:
        """Point at this command."""
        return Evidence(self.path, self.line, message)


def words_of(text: str) -> list[str]:
    """Split a simple command; a broken quotation falls back to blanks."""
    if not QUOTING.search(text):
        # What `shlex` would find too, at a twentieth of its time.
        return [word for word in BLANKS.split(text) if word]
    if not PLAIN.sub("", text).strip(" \t\r\n"):
        words = PLAIN.findall(text)
        return [QUOTED.sub(r"\1\2", word) if "'" in word or '"' in word else word for word in words]
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def strip_prefix(words: list[str]) -> list[str]:
    """Drop assignments, `sudo` and runners such as `uv run` before the program."""
    while words and (words[0] in PREFIXES or ASSIGNMENT.match(words[0])):
        words = words[1:]
    while words[1:2] == ["run"] and words[0] in RUNNERS:
        words = words[2:]
        while words and words[0].startswith("--"):
            words = words[1:]
    return words


def commands(text: str, path: str, first: int = 1) -> Iterator[Command]:
    """Yield the simple commands of a script, with continuation lines joined."""
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), first):
        prompt = PROMPT.match(raw)
        line = raw[prompt.end() :] if prompt else raw
        start = start or number
        if line.rstrip().endswith("\\"):
            held += line.rstrip()[:-1] + " "
            continue
        whole = (held + line).strip()
        if whole and not whole.startswith("#"):
            parts = SEPARATORS.split(whole)
            for at in range(0, len(parts), 2):
                words = strip_prefix(words_of(parts[at]))
                after = parts[at + 1 : at + 3]
                forgiven = after[:1] == ["||"] and bool(FORGIVING.match(after[1]))
                if words:
                    yield Command(tuple(words), path, start, forgiven)
        held, start = "", 0
