"""The numbers that a file of results claims: JSON, CSV, and the tables of Markdown."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError
from repro_audit.plainfile import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST, MOST = 20_000_000, 20_000
NUMBER = re.compile(
    r"(?<![\w.])[-+\u2212]?(?:\d+(?:[,\u202f]\d{3})+|\d+)?\.?\d+(?:[eE][-+]?\d+)?(?![\w])\s*%?"
)
RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
SPREAD = re.compile(r"\s*(\u00b1|\+/-|\+-|\\pm)\s*$")


@dataclass(frozen=True)
class Claim:
    """One number as it stands in the file: where, under which name, and as written.

    `spread` marks what follows a plus-minus sign.
    """

    line: int
    name: str
    text: str
    spread: bool = False

    @property
    def percent(self) -> bool:
        """Whether it is written as a percentage."""
        return self.text.endswith("%")

    @property
    def value(self) -> Decimal:
        """The number, as written; a percentage is not divided."""
        plain = self.text.rstrip("% ").replace("\u2212", "-")
        return Decimal(plain.replace(",", "").replace("\u202f", ""))

    @property
    def step(self) -> Decimal:
        """One unit in the last place that is written: 0.01 for 0.93, 1 for 12."""
        exponent = self.value.as_tuple().exponent
        return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)

    def holds(self, value: float) -> bool:
        """Say whether a value, rounded to the places that are written, is this number.

        Half a unit is taken in both directions: halves are rounded up, down or to even.
        """
        if not math.isfinite(value):
            return False
        gap = abs(self.value - Decimal(repr(value)))
        # What JSON writes in full is the number itself; a binary fraction has 17 digits at most.
        return gap <= self.step / 2 or (float(self.value) == value)


def read_claims(given: str) -> list[Claim]:
    """Return the numbers of a file, in their order.

    Raises:
        ReproAuditError: when it cannot be read, or holds no number.
    """
    path = Path(given)
    try:
        text = Folder(path.absolute().parent).read(path.name, LARGEST).decode("utf-8-sig")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "not UTF-8"
        raise ReproAuditError(
            f"{given} cannot be read ({reason}); give a file of results."
        ) from problem
    suffix = path.suffix.lower()
    try:
        if suffix == ".json":
            found = list(in_json(text))
        elif suffix in (".csv", ".tsv"):
            found = list(in_csv(text, "\t" if suffix == ".tsv" else ","))
        elif suffix in (".md", ".markdown"):
            found = list(in_markdown(text))
        else:
            raise ReproAuditError(
                f"{given} is neither JSON nor CSV nor Markdown; give one of these."
            )
    except (ValueError, RecursionError, csv.Error) as problem:
        raise ReproAuditError(f"{given} is broken: {problem}.") from problem
    if not found:
        raise ReproAuditError(f"{given} holds no number; of Markdown only tables are read.")
    if len(found) > MOST:
        raise ReproAuditError(f"{given} holds more than {MOST} numbers; give a smaller file.")
    return found


class Written(str):
    """A number of JSON as it is written."""

    __slots__ = ()


def in_json(text: str) -> Iterator[Claim]:
    """Yield the numbers of a JSON document, named by their keys.

    Raises:
        ValueError, RecursionError: when it is no JSON.
    """
    document = json.loads(text, parse_float=Written, parse_int=Written, parse_constant=str)
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Written):
            yield Claim(0, name, str(value))
        elif isinstance(value, dict):
            inside = [(f"{name}.{key}" if name else str(key), item) for key, item in value.items()]
            waiting += reversed(inside)
        elif isinstance(value, list):
            waiting += reversed([(f"{name}[{i}]", item) for i, item in enumerate(value)])


def in_csv(text: str, mark: str) -> Iterator[Claim]:
    """Yield the numbers of a table, named by column and row.

    Raises:
        csv.Error: when it is none.
    """
    reader = csv.reader(io.StringIO(text), delimiter=mark)
    head: list[str] = next(reader, [])
    for row in reader:
        yield from in_row(head, row, reader.line_num)


def in_markdown(text: str) -> Iterator[Claim]:
    """Yield the numbers of all tables of a page, named by column and row."""
    head: list[str] = []
    before, inside = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if RULE.match(line) and "|" in before:
            head, inside = cells(before), True
        elif inside and "|" in line:
            yield from in_row(head, cells(line), number)
        else:
            inside = False
        before = line


def cells(line: str) -> list[str]:
    """Split a line of a Markdown table; an escaped bar belongs to its cell."""
    plain = re.sub(r"[*`_]{1,3}(?=\S)|(?<=\S)[*`]{1,3}", "", line.strip())
    inside = plain.removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", inside)]


def in_row(head: Sequence[str], row: Sequence[str], line: int) -> Iterator[Claim]:
    """Yield the numbers of a row; a first cell with words in it is the name of the row."""
    label = row[0].strip() if row and not NUMBER.fullmatch(row[0].strip()) else ""
    for column, cell in enumerate(row):
        if label and column == 0:
            continue
        title = head[column].strip() if column < len(head) else str(column + 1)
        name = f"{label}, {title}" if label and title else label or title
        for match in NUMBER.finditer(cell):
            claim = Claim(
                line, name, match.group().strip(), bool(SPREAD.search(cell[: match.start()]))
            )
            try:
                finite = claim.value.is_finite()
            except InvalidOperation:
                continue
            if finite:
                yield claim
