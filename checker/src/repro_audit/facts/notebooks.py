"""Notebooks: code cells joined in order, magics taken out, outputs kept apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit.facts.cells import Joined
from repro_audit.roles import Role
from repro_audit.unread import IN_PART

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

ROLES = (Role.SOURCE, Role.EXAMPLE, Role.PROSE, Role.TEST)
MOST_PRINTED = 200
# People's notebooks have hundreds of cells.
MOST_CELLS = 20_000
MOST_COMPARED = 3_000_000
MISSED = "calls in cells that Python cannot parse"


@dataclass(frozen=True)
class Cell:
    """A code cell: text, lines in the file, count, stored errors, and the text it printed."""

    source: tuple[str, ...]
    lines: tuple[int, ...]
    count: int | None
    error: bool
    outputs: int
    printed: tuple[str, ...] = ()


class Notebook(NamedTuple):
    """One notebook; `source` and `lines` are its joined Python code and where each line stands.

    `unread` are the lines that Python cannot parse, `missed` those of them that may hold evidence;
    `python` is the version of the kernel that ran it last, as the notebook's metadata say; `notes`
    are the lines of its text that give an address.
    """

    path: str
    cells: tuple[Cell, ...]
    shell: tuple[tuple[str, int], ...]
    source: str
    lines: tuple[int, ...]
    unread: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    python: str = ""
    notes: tuple[tuple[str, int], ...] = ()


def strings(value: object) -> list[str]:
    """Return the lines of a cell's source, which is a list or one string."""
    if isinstance(value, str):
        return value.splitlines()
    if isinstance(value, list):
        return [part.rstrip("\n") for part in value if isinstance(part, str)]
    return []


class LineFinder:
    """Finds where the text of a cell stands in the notebook's JSON, reading forward only."""

    def __init__(self, text: str) -> None:
        self.lines = [line.strip() for line in text.splitlines()]
        self.at = 0
        self.left = MOST_COMPARED

    def find(self, content: str) -> int:
        """Return the line (from 1) that holds `content` as a JSON string."""
        for ascii_only in (False, True):
            wanted = json.dumps(content, ensure_ascii=ascii_only)[:-1]
            last = min(self.at + 20_000, self.at + self.left, len(self.lines))
            for number in range(self.at, last):
                if self.lines[number].startswith((wanted, '"source": [' + wanted)):
                    self.left -= number - self.at
                    self.at = number + 1
                    return number + 1
            self.left -= last - self.at
        return max(self.at, 1)


def read_cell(raw: dict[str, Any], finder: LineFinder) -> Cell:
    """Read one code cell."""
    source = strings(raw.get("source", raw.get("input", [])))
    count = raw.get("execution_count", raw.get("prompt_number"))
    found = raw.get("outputs")
    outputs = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return Cell(
        tuple(source),
        tuple(finder.find(line) for line in source),
        count if isinstance(count, int) else None,
        any(item.get("output_type") in {"error", "pyerr"} for item in outputs),
        len(outputs),
        tuple(line for item in outputs for line in printed(item))[:MOST_PRINTED],
    )


def printed(output: dict[str, Any]) -> list[str]:
    """Return the plain text of a stored output."""
    data = output.get("data")
    text = data.get("text/plain") if isinstance(data, dict) else output.get("text")
    return strings(text)[:MOST_PRINTED]


def read_notebook(path: str, text: str) -> Notebook | None:
    """Read a notebook; None when it is not one."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    raw = document.get("cells") if isinstance(document, dict) else None
    if raw is None and isinstance(document, dict) and isinstance(document.get("worksheets"), list):
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        held = [sheet.get("cells") for sheet in sheets]
        raw = [cell for cells in held if isinstance(cells, list) for cell in cells]
    if not isinstance(raw, list) or len(raw) > MOST_CELLS:
        return None
    finder = LineFinder(text)
    cells = tuple(
        read_cell(cell, finder)
        for cell in raw
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    )
    joined = Joined()
    for cell in cells:
        joined.add(cell.source, cell.lines)
    return Notebook(
        path,
        cells,
        tuple(joined.shell),
        "\n".join(joined.code) + "\n",
        tuple(joined.lines),
        tuple(joined.unread),
        tuple(joined.missed),
        kernel_version(document),
        tuple(addressed(raw, text)),
    )


def addressed(raw: list[Any], text: str) -> Iterator[tuple[str, int]]:
    """Yield the lines of a notebook's cells of text that give an address."""
    finder = LineFinder(text)
    for cell in raw:
        if isinstance(cell, dict) and cell.get("cell_type") == "markdown":
            for line in strings(cell.get("source", [])):
                if "://" in line:
                    yield line, finder.find(line)


def kernel_version(document: dict[str, Any]) -> str:
    """Return the version of Python that the metadata state, or nothing."""
    metadata = document.get("metadata")
    language = metadata.get("language_info") if isinstance(metadata, dict) else None
    known = isinstance(language, dict) and language.get("name", "python") == "python"
    return str(language.get("version", "")) if known and isinstance(language, dict) else ""


class Notebooks(NamedTuple):
    """All notebooks that can be read."""

    all: tuple[Notebook, ...]
    broken: tuple[str, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Notebooks:
        """Read every notebook that is not vendored or generated."""
        found: list[Notebook] = []
        broken: list[str] = []
        for file in repo.matching("*.ipynb", roles=ROLES):
            text = repo.text(file.path)
            notebook = read_notebook(file.path, text) if text is not None else None
            if notebook is not None:
                found.append(notebook)
                if notebook.unread:
                    repo.skips[file.path] = why_in_part(notebook)
            elif text is None or text.strip():
                broken.append(file.path)
                if text is not None:
                    repo.skips[file.path] = "not a notebook that can be read"
        return cls(tuple(found), tuple(broken))


def why_in_part(notebook: Notebook) -> str:
    """Say which lines were left out; those that may hold evidence first, as a reason for doubt."""
    lines = notebook.missed or notebook.unread
    at = ", ".join(str(line) for line in lines[:5])
    return f"{MISSED if notebook.missed else IN_PART}, at lines {at}"
