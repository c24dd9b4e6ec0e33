"""What a file that declares dependencies says, and what the readers of such files share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.requirement import Declared, from_pep508

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.consolescripts import ConsoleScript


class PythonVersion(NamedTuple):
    """A statement about the interpreter: what, where, and whether it fixes a minor version."""

    spec: str
    path: str
    line: int
    fixed: bool


class Manifest(NamedTuple):
    """One file that declares dependencies, with what it says of Python and its commands."""

    path: str
    kind: str
    declared: tuple[Declared, ...]
    python: tuple[PythonVersion, ...] = ()
    scripts: tuple[ConsoleScript, ...] = ()
    packaged: bool = False


class Lines:
    """Finds the line of a text in a file, for formats whose parser drops lines."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()

    def of(self, wanted: str) -> int:
        """Return the first line that holds `wanted`, else 1."""
        pattern = re.compile(rf"(?<![\w.-]){re.escape(wanted)}(?![\w-])")
        return next((n for n, line in enumerate(self.lines, 1) if pattern.search(line)), 1)


def fixes_minor(spec: str) -> bool:
    """Say whether a specifier allows one minor version only, such as ==3.11.* or >=3.11,<3.12."""
    if re.match(r"^(==|~=|=|\^=)?\s*\d+\.\d+(\.\d+)?(\.\*)?$", spec.strip()):
        return not spec.strip().startswith("~=") or spec.count(".") > 1
    bounds = re.findall(r"(>=|<)\s*(\d{1,9})\.(\d{1,9})", spec)
    low = next((int(minor) for sign, _, minor in bounds if sign == ">="), None)
    high = next((int(minor) for sign, _, minor in bounds if sign == "<"), None)
    return low is not None and high == low + 1


def pep508_list(values: object, path: str, lines: Lines, group: str) -> Iterator[Declared]:
    """Read a list of requirement strings."""
    for value in values if isinstance(values, list) else ():
        if isinstance(value, str):
            item = from_pep508(value, path, lines.of(value.split(";")[0].strip()), group)
            if item is not None:
                yield item


def text_version(value: object, path: str, lines: Lines) -> PythonVersion | None:
    """Read a statement such as requires-python."""
    if not isinstance(value, str) or not value.strip():
        return None
    return PythonVersion(value, path, lines.of(value), fixes_minor(value))


def classified(values: object, path: str, lines: Lines) -> Iterator[PythonVersion]:
    """Read the classifiers that name versions of Python."""
    for value in values if isinstance(values, list) else ():
        found = re.fullmatch(r"Programming Language :: Python :: (\d+\.\d+)", str(value))
        if found:
            yield PythonVersion(f"the classifier {found.group(1)}", path, lines.of(value), False)
