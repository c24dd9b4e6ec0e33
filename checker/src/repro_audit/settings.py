"""The settings of the audited project: read by their shape, refused in one sentence.

No key names a file to write: what an audit writes, and where, is said by the person who starts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit import lazyre as re
from repro_audit.errors import ReproAuditError
from repro_audit.gitindex import git_folder, read_index
from repro_audit.model import Declared
from repro_audit.plainfile import Folder, TooLargeError
from repro_audit.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEYS = ("declare", "exclude", "fail-under", "ignore", "profile", "select", "verify")
VERIFY_KEYS = ("command", "data", "expect", "ignore", "tolerance", "vary")
DECLARATION = ("date", "name", "reason", "status")
DECLARED_AS = ("done", "not-applicable", "accepted-risk")
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
HIGHEST = 100
MOST_PATTERNS, LONGEST_PATTERN = 100, 300
LARGEST = 2_000_000


class Verification(NamedTuple):
    """What a project says of its own verification; nothing of it is run by an audit."""

    command: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    expect: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    tolerance: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


class Settings(NamedTuple):
    """What a project asks of its own audit; `source` is the file it stands in."""

    select: tuple[str, ...] = ()
    ignore: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    declare: tuple[Declared, ...] = ()
    profile: str | None = None
    fail_under: float | None = None
    source: str | None = None
    verify: Verification = Verification()


def own_project(root: Path, here: Path) -> bool:
    """Say whether `here` lies in the project at `root`, or `root` is a tracked part of the same.

    Only then do the settings found at `root` count without being asked for: a stranger's project
    may otherwise excuse itself, also one that was unpacked inside a work tree and never added.
    """
    if here == root or root in here.parents:
        return True
    theirs, ours = git_folder(root), git_folder(here)
    if theirs is None or ours is None or ours[1] != theirs[1]:
        return False
    index = read_index(root)
    return index is not None and bool(index.entries)


def read_table(path: Path) -> dict[str, Any]:
    """Return the parsed file, or an empty table when it does not exist.

    Raises:
        ReproAuditError: when it is not TOML.
    """
    folder = Folder(path.parent)
    if not folder.regular(path.name):
        return {}
    try:
        return read_toml(folder.read(path.name, LARGEST).decode("utf-8").replace("\r\n", "\n"))
    except TooLargeError as problem:
        raise ReproAuditError(f"{path} is larger than {LARGEST // 1_000_000} MB.") from problem
    except (OSError, ValueError, RecursionError) as problem:
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
    table: object = read_table(root / "repro-audit.toml")
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
    return Settings(
        select=texts(table, "select", where),
        ignore=read_ignores(table.get("ignore", {}), where),
        exclude=read_exclusions(table, where),
        declare=read_declarations(table.get("declare", {}), where),
        profile=read_profile(table.get("profile"), where),
        fail_under=read_bar(table.get("fail-under"), where),
        source=where if table else None,
        verify=read_verification(table.get("verify", {}), where),
    )


def read_exclusions(table: Mapping[str, object], where: str) -> tuple[str, ...]:
    """Read the patterns of files that are left out; each is tried on each file.

    Raises:
        ReproAuditError: when they are no patterns, or too many or too long to be tried.
    """
    patterns = texts(table, "exclude", where)
    if len(patterns) > MOST_PATTERNS or any(len(item) > LONGEST_PATTERN for item in patterns):
        raise ReproAuditError(
            f"exclude in {where} holds more than {MOST_PATTERNS} patterns, or one of more than "
            f"{LONGEST_PATTERN} characters; name folders instead."
        )
    return patterns


def read_verification(table: object, where: str) -> Verification:
    """Read what `repro-audit verify` runs and compares.

    Raises:
        ReproAuditError: for an unknown key or a wrong type.
    """
    if not isinstance(table, dict):
        raise ReproAuditError(f"verify in {where} is no table; write [tool.repro-audit.verify].")
    for key in table:
        if key not in VERIFY_KEYS:
            known = ", ".join(VERIFY_KEYS)
            raise ReproAuditError(f"verify.{key} in {where} is not known; known are {known}.")
    return Verification(**{key: texts(table, key, where) for key in VERIFY_KEYS})


def read_ignores(table: object, where: str) -> tuple[tuple[str, str], ...]:
    """Read the ignored practices, each with its reason.

    Raises:
        ReproAuditError: when a reason is missing.
    """
    reasoned = isinstance(table, dict) and all(
        isinstance(reason, str) and reason.strip() for reason in table.values()
    )
    if not isinstance(table, dict) or not reasoned:
        raise ReproAuditError(f'ignore in {where} needs a reason for each id: id = "why".')
    return tuple(sorted(table.items()))


def read_profile(name: object, where: str) -> str | None:
    """Read the name of a profile; whether there is such a profile is known where it is used.

    Raises:
        ReproAuditError: when it is no string.
    """
    if name is None or isinstance(name, str):
        return name
    raise ReproAuditError(f'profile in {where} is no name; write profile = "pwc".')


def read_declarations(table: object, where: str) -> tuple[Declared, ...]:
    """Read what named persons declare.

    Raises:
        ReproAuditError: when a status, reason, name or date is missing or wrong.
    """
    if not isinstance(table, dict):
        raise ReproAuditError(f"declare in {where} is no table; write [tool.repro-audit.declare].")
    return tuple(read_declaration(key, table[key], where) for key in sorted(table))


def read_declaration(identifier: str, entry: object, where: str) -> Declared:
    """Read one declaration: its four values, and nothing else.

    Raises:
        ReproAuditError: when one is missing or wrong.
    """
    if not isinstance(entry, dict) or set(entry) != set(DECLARATION):
        raise ReproAuditError(
            f"declare.{identifier} in {where} needs exactly status, reason, name and date."
        )
    # TOML has dates of its own; both ways of writing one are the same day.
    values = {key: str(value).strip() for key, value in entry.items()}
    if values["status"] not in DECLARED_AS:
        raise ReproAuditError(
            f"declare.{identifier} in {where} has the status {values['status']!r}; "
            f"use {', '.join(DECLARED_AS)}."
        )
    if not values["reason"] or not values["name"] or not DAY.fullmatch(values["date"]):
        raise ReproAuditError(
            f"declare.{identifier} in {where} needs a reason, a name and a date like 2026-01-31."
        )
    return Declared(identifier, values["status"], values["reason"], values["name"], values["date"])


def read_bar(bar: object, where: str) -> float | None:
    """Read the bar, which lies in 0 to 100.

    Raises:
        ReproAuditError: when it is no such number.
    """
    if bar is None:
        return None
    if isinstance(bar, bool) or not isinstance(bar, (int, float)):
        raise ReproAuditError(f"fail-under in {where} is no number; give one from 0 to 100.")
    if not 0 <= bar <= HIGHEST:
        raise ReproAuditError(f"fail-under in {where} is {bar:g}; give a number from 0 to 100.")
    return float(bar)
