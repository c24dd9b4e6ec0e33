"""Old Python that today's refuses, rewritten line by line so that it can be read (never run).

What is rewritten: https://docs.python.org/3/whatsnew/3.0.html. Lines keep their numbers; a print
statement becomes an assignment, so that what it prints may still go on over several lines.
Until 3.7 `async` was a plain name: https://docs.python.org/3/whatsnew/3.7.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts import code

if TYPE_CHECKING:
    import ast

LONGEST = 2_000
START = r"(^\s*|[:;]\s*)"
REWRITES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(START + r"(print|exec)[ \t]*>>[ \t]*"), r"\1\2_ = "),
    (re.compile(START + r"(print|exec)(?=[ \t]+[^\s=]|[\"'])"), r"\1\2_ ="),
    (re.compile(r"(^\s*except\b[^,:()]*|^\s*except\s*\([^()]*\)\s*),\s*(\w+)\s*:"), r"\1 as \2:"),
    (re.compile(r"(^\s*raise\s+[\w.]+)\s*,\s*(.+)$"), r"\1(\2)"),
    (re.compile(r"(?<![\w.])0(?=[1-7][0-7]*\b(?!\.))"), "0o"),
    (re.compile(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)[lL]\b"), r"\1"),
    (re.compile(r"\b[uU][rR](?=[\"'])"), "r"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"\basync(?=\s*=[^=])"), "async_"),
)


def parse(source: str) -> tuple[ast.Module, str]:
    """Parse Python 3, or Python 2 in the words of Python 3; return what was parsed as well.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: when it is neither.
    """
    try:
        return code.parse(source), source
    except SyntaxError as refused:
        text = modern(source)
        if text == source:
            raise
        try:
            return code.parse(text), text
        except SyntaxError:
            raise refused from None


def readable(source: str) -> str | None:
    """Return the text that Python 3 accepts: as it is, or rewritten; None when there is none."""
    for text in (source, modern(source)):
        try:
            code.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return text
    return None


def modern(source: str) -> str:
    """Rewrite the lines of Python 2 that Python 3 refuses."""
    return "\n".join(rewritten(line) for line in source.split("\n"))


def rewritten(line: str) -> str:
    """Rewrite one line; tabs count eight columns, as they did."""
    if len(line) > LONGEST:
        return line
    if "\t" in line:
        line = line.expandtabs(8)
    for pattern, text in REWRITES:
        line = pattern.sub(text, line)
    return line
