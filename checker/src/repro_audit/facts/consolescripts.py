"""Console scripts: commands that an installer makes of a function of the package.

Sources: the entry points specification of the Python Packaging User Guide, and poetry's and flit's
documentation of their `scripts` tables.
"""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit import lazyre as re

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from repro_audit.facts.manifest import Lines

# `module:function`, maybe with extras behind it.
TARGET = re.compile(r"^\s*([A-Za-z_][\w.]*)\s*(?::\s*([A-Za-z_][\w.]*))?\s*(\[[^\]]*\])?\s*$")
GROUPS = ("console_scripts", "gui_scripts")


class ConsoleScript(NamedTuple):
    """One command: its name, the module and function behind it, and where it is declared."""

    name: str
    module: str
    function: str
    path: str
    line: int


def console_script(name: str, target: object, path: str, lines: Lines) -> Iterator[ConsoleScript]:
    """Yield the command that `name = "module:function"` declares; nothing for any other value."""
    if isinstance(target, dict):
        target = target.get("reference", target.get("callable"))
    found = TARGET.match(target[:500]) if isinstance(target, str) else None
    if found is not None:
        yield ConsoleScript(name, found.group(1), found.group(2) or "", path, lines.of(name))


def from_table(table: Mapping[str, object], path: str, lines: Lines) -> Iterator[ConsoleScript]:
    """Yield the commands of a table of names and targets."""
    for name, target in table.items():
        yield from console_script(name, target, path, lines)


def from_lines(values: object, path: str, lines: Lines) -> Iterator[ConsoleScript]:
    """Yield the commands of lines such as `name = module:function`, as one text or as a list."""
    listed = values.splitlines() if isinstance(values, str) else values
    for value in listed if isinstance(listed, list) else ():
        name, equals, target = str(value).partition("=")
        if equals:
            yield from console_script(name.strip(), target, path, lines)


def from_setup(value: Any, path: str, lines: Lines) -> Iterator[ConsoleScript]:
    """Yield the commands of `setup(entry_points=...)`: a table of groups, or one INI text."""
    groups = read_groups(value) if isinstance(value, str) else value
    for group in GROUPS if isinstance(groups, dict) else ():
        yield from from_lines(groups.get(group), path, lines)


def read_groups(text: str) -> dict[str, str]:
    """Return the lines of each group of an INI text; none when it is no such text."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {name: "\n".join("=".join(item) for item in parser.items(name)) for name in parser}
