"""Tables in documents: Markdown, reStructuredText and HTML, as rows of plain cells."""

from __future__ import annotations

from bisect import bisect_left
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.documents import LONGEST_LINE
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document

MOST_TABLE_LINES = 20_000
RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-{1,}:?\s*)*\|?\s*$")
SIMPLE_RULE = re.compile(r"^\s*=+(\s+=+)+\s*$")
GRID_RULE = re.compile(r"^\s*\+([-=]+\+)+\s*$")
DIRECTIVE = re.compile(r"^(\s*)\.\.\s+(list-table|csv-table)::")
PICTURE = re.compile(r"!\[[^\]]{0,300}\](\([^)\s]{0,1000}\)|\[[^\]]{0,100}\])?")
LINK = re.compile(r"\[([^\[\]]{0,300})\](\([^)\s]{0,1000}\)|\[[^\]]{0,100}\])")
TAG = re.compile(r"<[^<>]{0,1000}>")
MARKS = re.compile(r"[*`~]|\\|(?<!\w)_|_(?!\w)|:sup:|:math:|\$")


class Row(NamedTuple):
    """One row: its cells without markup, and the line on which it starts."""

    cells: tuple[str, ...]
    line: int


class Table(NamedTuple):
    """A table with its header row (empty when it has none) and what stands above it."""

    path: str
    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    heading: str
    caption: str

    def evidence(self, message: str) -> Evidence:
        """Point at the table."""
        return Evidence(self.path, self.line, message)


def plain(text: str) -> str:
    """Return the words of a cell: pictures go, a link leaves its label."""
    text = TAG.sub(" ", LINK.sub(r"\1", PICTURE.sub("", text[:LONGEST_LINE])))
    return " ".join(MARKS.sub("", text).replace("&nbsp;", " ").split())


class Cells(HTMLParser):
    """Reads the rows of HTML tables; a picture leaves nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[list[str], int, bool]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a row or a cell; header cells without a row open one, as browsers do."""
        del attrs
        if tag == "tr":
            self.rows.append(([], self.getpos()[0], False))
        elif tag in {"td", "th"}:
            if not self.rows:
                self.rows.append(([], self.getpos()[0], False))
            cells, line, head = self.rows[-1]
            cells.append("")
            self.rows[-1] = (cells, line, head or tag == "th")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        """Close a cell."""
        if tag in {"td", "th", "tr"}:
            self.inside = False

    def handle_data(self, data: str) -> None:
        """Add text to the open cell."""
        if self.inside and self.rows[-1][0]:
            self.rows[-1][0][-1] += data


def split(line: str) -> tuple[str, ...]:
    """Take a row of a Markdown or grid table apart."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(plain(cell) for cell in inner.replace("\\|", "/").split("|"))


def pipes(lines: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Row], int]]:
    """Yield header, rows and first line of Markdown tables."""
    number = 0
    while number + 1 < len(lines):
        if "|" in lines[number] and "|" in lines[number + 1] and RULE.match(lines[number + 1]):
            start, rows = number, []
            number += 2
            while number < len(lines) and "|" in lines[number]:
                rows.append(Row(split(lines[number]), number + 1))
                number += 1
            yield split(lines[start]), rows, start + 1
        else:
            number += 1


def html(lines: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Row], int]]:
    """Yield header, rows and first line of HTML tables."""
    start = None
    for number, line in enumerate(lines):
        low = line.lower()
        if start is None and "<table" in low:
            start = number
        if start is not None and ("</table" in low or number - start > MOST_TABLE_LINES):
            reader = Cells()
            reader.feed("\n".join(lines[start : number + 1]))
            found = [
                (Row(tuple(plain(cell) for cell in cells), start + line), head)
                for cells, line, head in reader.rows
                if cells
            ]
            header = next((row.cells for row, head in found[:1] if head), ())
            yield header, [row for row, _ in (found[1:] if header else found)], start + 1
            start = None


def grids(lines: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Row], int]]:
    """Yield header, rows and first line of reStructuredText's grid and simple tables."""
    number = 0
    while number < len(lines):
        grid, simple = GRID_RULE.match(lines[number]), SIMPLE_RULE.match(lines[number])
        if not grid and not simple:
            number += 1
            continue
        start, rows, cut = number, [], spans(lines[number])
        rules = 1
        number += 1
        while number < len(lines) and lines[number].strip():
            line = lines[number]
            if GRID_RULE.match(line) or SIMPLE_RULE.match(line):
                rules += 1
            elif grid:
                rows.append(Row(split(line), number + 1))
            else:
                rows.append(Row(tuple(plain(line[a:b]) for a, b in cut), number + 1))
            number += 1
        if rules > 1 and rows:
            yield rows[0].cells, rows[1:], start + 1


def spans(rule: str) -> list[tuple[int, int]]:
    """Return the columns of a simple table; the last one is open."""
    found = [(match.start(), match.end()) for match in re.finditer(r"=+", rule)]
    return [*found[:-1], (found[-1][0], LONGEST_LINE)] if found else []


def directives(lines: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Row], int]]:
    """Yield header, rows and first line of `list-table` and `csv-table`."""
    for start, first in enumerate(lines):
        found = DIRECTIVE.match(first)
        if not found:
            continue
        rows: list[tuple[list[str], int]] = []
        header: tuple[str, ...] = ()
        for number in range(start + 1, min(len(lines), start + 2_000)):
            line = lines[number]
            if line.strip() and len(line) - len(line.lstrip()) <= len(found.group(1)):
                break
            text = line.strip()
            if text.startswith(":header:"):
                header = tuple(plain(part.strip(' "')) for part in text[8:].split(","))
            elif text.startswith(":") or not text:
                continue
            elif found.group(2) == "csv-table":
                rows.append(([part.strip(' "') for part in text.split(",")], number + 1))
            elif text.startswith("* -"):
                rows.append(([text[3:].strip()], number + 1))
            elif text.startswith("-") and rows:
                rows[-1][0].append(text[1:].strip())
        read = [Row(tuple(plain(cell) for cell in cells), line) for cells, line in rows]
        if read and not header:
            header, read = read[0].cells, read[1:]
        yield header, read, start + 1


def tables(document: Document) -> Iterator[Table]:
    """Yield the tables that a reader of the document sees."""
    lines = document.visible
    starts = [item.line for item in document.headings]
    for reader in (pipes, html, grids, directives):
        for header, rows, line in reader(lines):
            at = bisect_left(starts, line)
            heading = plain(document.headings[at - 1].text[:200]) if at else ""
            near = " ".join(text for text in lines[max(0, line - 4) : line - 1] if "|" not in text)
            yield Table(document.path, line, header, tuple(rows), heading, plain(near))
