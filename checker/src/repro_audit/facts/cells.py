"""The code of a notebook's cells as one Python text: magics, shell and broken lines taken out.

What IPython takes for no Python: https://ipython.readthedocs.io/en/stable/interactive/magics.html;
it also drops the indentation of a cell's first line from all its lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts import code, python2

if TYPE_CHECKING:
    from collections.abc import Sequence

MAGIC = re.compile(r"^\s*([\w, ]+=\s*)?(%|!|\?|@@)|\?\s*$")
# These run what stands behind them: `%time model.fit(X, y)`.
RUNS = re.compile(r"^(\s*)%(time|timeit|prun|memit|mprun)[ \t]+(?![-\s])")
SHELL = ("!", "%pip", "%conda")
# IPython takes these for magics without their sign.
AUTOMAGIC = re.compile(r"^\s*(pip3?|conda|mamba) install\b")
# Cells in another language, and cells that are written to a file instead of being run.
FOREIGN = re.compile(
    r"^%%(writefile|file|html|HTML|javascript|js|latex|markdown|svg|SVG|sql|bigquery|R|perl|ruby|"
    r"cython|julia|rust|cpp|cu|configure|sparksql|script|bash|sh|cmd|!)(\s|$)"
)
SHELL_CELL = re.compile(r"^%%(bash|sh|cmd|!|script\s+(ba)?sh)(\s|$)")
MOST_BROKEN = 12
# All cells together: each try parses a cell again, so that its length counts.
MOST_LINES_TRIED = 50_000
# Calls in a broken line that may be the evidence that somebody looks for.
CALLED = re.compile(
    r"(seed|random|shuffle|split|fit|train|load|read|open|download|save|dump|determin|"
    r"generator|sample|score|evaluat|metric|valid|log_|import)[\w.]{0,80}\(",
    re.IGNORECASE,
)


@dataclass
class Joined:
    """The text of all cells, line by line with the line of the file that each stands on.

    `unread` are the lines that neither Python nor a shell understands; `missed` are those of them
    with a call that may matter.
    """

    shell: list[tuple[str, int]] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    tries: int = MOST_LINES_TRIED

    def add(self, source: Sequence[str], lines: Sequence[int]) -> None:
        """Add one cell."""
        texts = list(source)
        self.lines += lines
        first = next((text.strip() for text in texts if text.strip()), "")
        own = None if foreign(texts, first) else plain(texts)
        if own is None and FOREIGN.match(first) is None:
            own = self.mended(without_magics(dedented(texts), lines, self.shell), lines)
        elif own is None and SHELL_CELL.match(first):
            self.shell += [
                (text.strip(), line)
                for text, line in zip(texts, lines, strict=True)
                if text.strip() and not text.lstrip().startswith(("#", "%%"))
            ]
        self.code += own if own is not None else [""] * len(texts)

    def mended(self, texts: list[str], lines: Sequence[int]) -> list[str]:
        """Return the lines that Python can parse together; broken ones are left empty and kept."""
        kept, lost = list(texts), list[int]()
        while (at := broken(kept)) is not None:
            # A line that is empty already is refused because of the one above it.
            while at >= 0 and (at in lost or not kept[at].strip()):
                at -= 1
            self.tries -= len(kept)
            if at < 0 or self.tries < 0 or len(lost) >= MOST_BROKEN:
                lost = [number for number, text in enumerate(texts) if text.strip()]
                kept = [""] * len(texts)
                break
            indent = kept[at][: len(kept[at]) - len(kept[at].lstrip())]
            kept[at] = f"{indent}if True:" if kept[at].rstrip().endswith(":") else f"{indent}pass"
            lost.append(at)
        self.unread += [lines[at] for at in sorted(lost)]
        self.missed += [lines[at] for at in sorted(lost) if CALLED.search(texts[at][:2000])]
        return (python2.readable("\n".join(kept)) or "\n".join(kept)).split("\n")


def script(text: str) -> str | None:
    """Return a script for IPython in the words of Python; None when it has no magics."""
    texts = text.splitlines()
    if not any(line.lstrip().startswith(("%", "!")) for line in texts):
        return None
    joined = Joined()
    joined.add(texts, range(1, len(texts) + 1))
    return "\n".join(joined.code) + "\n" if not joined.unread else None


def foreign(texts: list[str], first: str) -> bool:
    """Say whether a cell holds something that has to be taken out before Python reads it."""
    return first.startswith("%%") or any(MAGIC.search(text) for text in texts)


def plain(texts: list[str]) -> list[str] | None:
    """Return the lines of a cell that Python reads as they are."""
    own = python2.readable("\n".join(dedented(texts)))
    return own.split("\n") if own is not None and texts else None


def dedented(texts: list[str]) -> list[str]:
    """Take the indentation of the first line from all lines that have it."""
    first = next((text for text in texts if text.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [text.removeprefix(indent) for text in texts] if indent else texts


def without_magics(
    texts: list[str], lines: Sequence[int], shell: list[tuple[str, int]]
) -> list[str]:
    """Replace magics and shell lines, which may go on over several lines, and keep the latter."""
    found: list[str] = []
    going = False
    for text, line in zip(texts, lines, strict=True):
        stripped = text.strip()
        starts = stripped.startswith(SHELL) or AUTOMAGIC.match(text) is not None
        if going:
            held, at = shell.pop()
            shell.append((f"{held.removesuffix(chr(92))} {stripped}", at))
        elif starts:
            shell.append((stripped.lstrip("!%"), line))
        text = text if going else RUNS.sub(r"\1", text)  # noqa: PLW2901 - what is left is read as it is
        indent = text[: len(text) - len(text.lstrip())]
        magic = starts or MAGIC.search(text) is not None
        found.append("" if going else f"{indent}pass" if magic else text)
        going = (going or starts) and stripped.endswith("\\")
    return found


def broken(texts: list[str]) -> int | None:
    """Return the number of the line that Python refuses; none when it reads all."""
    text = "\n".join(texts)
    at = refused(text, len(texts) - 1)
    return at if at is None else refused(python2.modern(text), len(texts) - 1)


def refused(text: str, last: int) -> int | None:
    """Return the number of the line at which Python 3 gives up, at most `last`; none when not."""
    try:
        code.parse(text)
    except SyntaxError as problem:
        return min(max((problem.lineno or 1) - 1, 0), last)
    except (ValueError, RecursionError, MemoryError):
        return last
    return None
