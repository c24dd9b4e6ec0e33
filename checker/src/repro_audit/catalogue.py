"""All practices: found by walking the package, never listed by hand.

A distribution with the entry point group `repro_audit.practices` adds its own: the entry names a
package that holds pages and rules as ours does.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.errors import ReproAuditError
from repro_audit.model import Practice, Severity, Verdict
from repro_audit.page import Page, read_page
from repro_audit.repository import Repository

if TYPE_CHECKING:
    from importlib.abc import Traversable
    from importlib.metadata import EntryPoint

SPECIFICATION = "0.1.0"
GROUP = "repro_audit.practices"
Check = Callable[[Repository], Verdict]


class Rule(NamedTuple):
    """A practice with its page and the function that judges it."""

    practice: Practice
    page: Page
    check: Check


def load_rule(package: str, page_file: Path | Traversable) -> Rule:
    """Read a page and import the function beside it.

    Raises:
        ReproAuditError: when page and function do not belong together.
    """
    stem = page_file.name.removesuffix(".md")
    page = read_page(page_file.read_text("utf-8"), page_file.name)
    name = stem.replace("-", "_")
    module = importlib.import_module(f"{package}.{name}")
    check = getattr(module, name, None)
    if page.practice.id != stem or not callable(check):
        raise ReproAuditError(
            f"The page {page_file.name} needs the id {stem} and a function {name}."
        )
    return Rule(page.practice, page, check)


def rules_of(package: str) -> list[Rule]:
    """Return the rules of a package: pages beside it or in folders, one for each aspect."""
    found: list[Rule] = []
    root = home(package)
    folders = [(package, root)]
    folders += [
        (f"{package}.{entry.name}", entry)
        for entry in root.iterdir()
        if entry.is_dir() and not entry.name.startswith("__")
    ]
    for name, folder in folders:
        pages = (entry for entry in folder.iterdir() if entry.name.endswith(".md"))
        found += [load_rule(name, page) for page in pages]
    return found


def home(package: str) -> Path | Traversable:
    """Return the folder of a package, which may lie in an archive."""
    base = Path(*importlib.import_module(package).__path__[:1])
    if base.is_dir():
        return base
    from importlib.resources import files  # noqa: PLC0415 - it takes longer than to list the pages

    return files(package)


def own_rules() -> tuple[Rule, ...]:
    """Return every rule of this distribution, by id."""
    return tuple(sorted(rules_of("repro_audit.practices"), key=lambda rule: rule.practice.id))


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule of this distribution and of installed plugins, by id."""
    found = {rule.practice.id: rule for rule in own_rules()}
    for entry in sorted(plugins(), key=lambda entry: (entry.name, entry.value)):
        for rule in plugin_rules(entry, frozenset(found)):
            found[rule.practice.id] = rule
    return tuple(found[identifier] for identifier in sorted(found))


def foreign() -> bool:
    """Say whether an installed plugin brings practices of its own."""
    return bool(plugins())


def plugins() -> tuple[EntryPoint, ...]:
    """Return the entry points of installed plugins, of which there are hardly ever any."""
    said = (
        file
        for folder in map(Path, sys.path)
        if folder.is_dir()
        for file in folder.glob("*-info/entry_points.txt")
    )
    archives = any(Path(folder).is_file() for folder in sys.path)
    if not archives and not any(GROUP.encode() in file.read_bytes() for file in said):
        return ()
    from importlib.metadata import entry_points  # noqa: PLC0415 - it takes long to import

    return tuple(entry_points(group=GROUP))


def plugin_rules(entry: EntryPoint, taken: frozenset[str]) -> list[Rule]:
    """Return the rules of a plugin; one that cannot be loaded is a rule that always crashes."""
    try:
        found = rules_of(entry.module)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - foreign code must not end the audit
        return [broken(entry, f"{type(problem).__name__}: {problem}")]
    twice = sorted(taken & {rule.practice.id for rule in found})
    if twice:
        return [broken(entry, f"it brings {twice[0]}, which there is already")]
    return found or [broken(entry, "it holds no page")]


def broken(entry: EntryPoint, why: str) -> Rule:
    """Stand in for a plugin that cannot be loaded, so that the audit says it is incomplete."""
    identifier = "plugin-" + (re.sub(r"[^a-z0-9]+", "-", entry.name.lower()).strip("-") or "x")
    said = f"The plugin {entry.name!r} ({entry.value}) cannot be loaded: {why}"

    def check(_: Repository) -> Verdict:
        raise ReproAuditError(said)

    practice = Practice(
        id=identifier,
        title=f"The plugin {entry.name} can be loaded",
        aspect="plugins",
        type="computational",
        level="open",
        severity=Severity.MINOR,
        sources=(entry.value,),
        since="0.1.0",
    )
    return Rule(practice, Page(practice, f"{said}\n"), check)


def rule(identifier: str) -> Rule:
    """Return one rule.

    Raises:
        ReproAuditError: when there is no such practice.
    """
    for known in rules():
        if known.practice.id == identifier:
            return known
    from difflib import get_close_matches  # noqa: PLC0415 - only for a slip of the pen

    near = get_close_matches(identifier, [known.practice.id for known in rules()], n=3)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    raise ReproAuditError(
        f"There is no practice {identifier!r}; {meant}`repro-audit list` names them all."
    )
