"""The settings of the audited project: read by their shape, refused in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro_audit.errors import ReproAuditError
from repro_audit.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEYS = ("exclude", "fail-under", "ignore", "select")
HIGHEST = 100


@dataclass(frozen=True)
class Settings:
    """What a project asks of its own audit; `source` is the file it stands in."""

    select: tuple[str, ...] = ()
    ignore: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    fail_under: float | None = None
    source: str | None = None


def read_table(path: Path) -> dict[str, Any]:
    """Return the parsed file, or an empty table when it does not exist.

    Raises:
        ReproAuditError: when it is not TOML.
    """
    if path.is_symlink() or not path.is_file():
        return {}
    try:
        return read_toml(path.read_text("utf-8"))
    except ValueError as problem:
        raise ReproAuditError(f"{path} is not valid TOML ({problem}); mend it.") from problem


def texts(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    """Read a list of strings."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ReproAuditError(f'{key} in {where} is no list of strings; write {key} = ["..."].')
    return tuple(value)


def load_settings(root: Path) -> Settings:
    """Read repro-audit.toml, else `[tool.repro-audit]` in pyproject.toml.

    Raises:
        ReproAuditError: for an unknown key, a wrong type or an ignore without a reason.
    """
    own = root / "repro-audit.toml"
    table: object = read_table(own)
    where = "repro-audit.toml"
    if not table:
        where = "pyproject.toml"
        table = read_table(root / where).get("tool", {})
        table = table.get("repro-audit", {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise ReproAuditError(f"tool.repro-audit in {where} is no table; write [tool.repro-audit].")
    for key in table:
        if key not in KEYS:
            raise ReproAuditError(
                f"{where} sets the unknown key {key!r}; known are {', '.join(KEYS)}."
            )
    ignore = table.get("ignore", {})
    reasoned = isinstance(ignore, dict) and all(
        isinstance(reason, str) and reason.strip() for reason in ignore.values()
    )
    if not reasoned:
        raise ReproAuditError(f'ignore in {where} needs a reason for each id: id = "why".')
    bar = table.get("fail-under")
    if bar is not None and (isinstance(bar, bool) or not isinstance(bar, (int, float))):
        raise ReproAuditError(f"fail-under in {where} is no number; give one from 0 to 100.")
    return Settings(
        select=texts(table, "select", where),
        ignore=tuple(sorted(ignore.items())),
        exclude=texts(table, "exclude", where),
        fail_under=checked_bar(bar, where) if bar is not None else None,
        source=where if table else None,
    )


def checked_bar(bar: float, where: str) -> float:
    """Return the bar when it lies in 0 to 100.

    Raises:
        ReproAuditError: when it does not.
    """
    if not 0 <= bar <= HIGHEST:
        raise ReproAuditError(f"fail-under in {where} is {bar:g}; give a number from 0 to 100.")
    return float(bar)
