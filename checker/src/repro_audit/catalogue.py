"""All practices: found by walking the package, never listed by hand."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from repro_audit.errors import ReproAuditError
from repro_audit.model import Practice, Verdict
from repro_audit.page import Page, read_page
from repro_audit.repository import Repository

if TYPE_CHECKING:
    from importlib.abc import Traversable

SPECIFICATION = "0.1.0"
Check = Callable[[Repository], Verdict]


@dataclass(frozen=True)
class Rule:
    """A practice with its page and the function that judges it."""

    practice: Practice
    page: Page
    check: Check


def load_rule(package: str, page_file: Traversable) -> Rule:
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


@cache
def rules() -> tuple[Rule, ...]:
    """Return every rule of this distribution, by id."""
    found: list[Rule] = []
    for folder in files("repro_audit.practices").iterdir():
        if folder.is_dir() and not folder.name.startswith("__"):
            package = f"repro_audit.practices.{folder.name}"
            pages = (entry for entry in folder.iterdir() if entry.name.endswith(".md"))
            found += [load_rule(package, page) for page in pages]
    return tuple(sorted(found, key=lambda rule: rule.practice.id))


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
