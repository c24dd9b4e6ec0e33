"""The reference documents, written from the code: `python -m repro_audit.reference FOLDER`.

With `--check` nothing is written; what is stale is named and the status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_audit.catalogue import own_rules
from repro_audit.model import Basis, Severity, Status
from repro_audit.options import parser
from repro_audit.render import MODULES
from repro_audit.score import BADGES, LEVEL_SETS, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from repro_audit.catalogue import Rule

MADE = "<!-- Written from the code by `nox -s generate`; edit the code instead. -->\n\n"
WIDTH = 88


def table(*rows: Sequence[str]) -> str:
    """Write a Markdown table; the first row is its head."""
    head, *rest = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *rest]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def practice_page(rule: Rule) -> str:
    """Write the page of one practice."""
    practice = rule.practice
    about = table(
        ("aspect", "type", "level", "severity", "since"),
        (
            practice.aspect,
            practice.type,
            practice.level,
            practice.severity.value,
            practice.since,
        ),
    )
    sources = f"Sources: {'; '.join(practice.sources)}.\n\n"
    return f"{MADE}# {practice.title}\n\n`{practice.id}`\n\n{about}\n{sources}{rule.page.body}"


def practices_index(rules: Sequence[Rule]) -> str:
    """Write the index of all practices, by aspect."""
    parts = [MADE, "# Practices\n\n"]
    parts.append(
        f"{len(rules)} practices. Each page says why, shows what is flagged and what passes (these "
        "examples are the tests of its rule), how to fix it, and what the rule cannot see.\n"
    )
    for aspect in sorted({rule.practice.aspect for rule in rules}):
        rows = [
            (f"[{item.id}](practices/{item.id}.md)", item.title, item.level, item.severity.value)
            for item in (rule.practice for rule in rules)
            if item.aspect == aspect
        ]
        parts.append(f"\n## {aspect[:1].upper()}{aspect[1:]}\n\n")
        parts.append(table(("practice", "title", "level", "severity"), *rows))
    weights = ", ".join(f"{severity.value} {WEIGHT[severity]}" for severity in Severity)
    parts.append(f"\n## Weights, levels, badges\n\nWeights by severity: {weights}.\n\n")
    sets = {**LEVEL_SETS, **BADGES}
    shown = [(f"`{name}`", ", ".join(f"`{item}`" for item in sets[name])) for name in sets]
    parts.append(table(("profile", "practices of these levels, badges and ids"), *shown))
    return "".join(parts)


def command_line() -> str:
    """Write the help of every command."""
    top = parser()
    parts = [MADE, "# Command line\n"]
    choices: dict[str, argparse.ArgumentParser] = {}
    for group in top._actions:  # noqa: SLF001 - argparse has no public way to its commands
        if isinstance(group.choices, dict):
            choices.update(group.choices)
    for command in (top, *choices.values()):
        # argparse only calls it; the width of whoever writes the documents must not show.
        wide: Any = partial(argparse.RawDescriptionHelpFormatter, width=WIDTH)
        command.formatter_class = wide
        parts.append(f"\n## {command.prog}\n\n```text\n{command.format_help()}```\n")
    return "".join(parts)


def fields(schema: dict[str, Any], prefix: str, whole: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every field of a schema with what it may hold."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type", "")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    if "enum" in schema:
        words = ", ".join(f"`{item}`" for item in schema["enum"])
    if "const" in schema:
        words = f"`{schema['const']}`"
    bounds = [f"{name} {schema[name]}" for name in ("minimum", "maximum") if name in schema]
    words += f" ({', '.join(bounds)})" if bounds else ""
    words += f"; {schema['description']}" if "description" in schema else ""
    if prefix:
        yield prefix, words
    for name, inner in schema.get("properties", {}).items():
        yield from fields(inner, f"{prefix}.{name}".lstrip("."), whole)
    if isinstance(schema.get("items"), dict):
        yield from fields(schema["items"], f"{prefix}[]", whole)


def report_page() -> str:
    """Write what a report holds, and in which formats it comes."""
    path = files("repro_audit") / "schemas" / "report-v1.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    formats = [
        (f"`{name}`", (import_module(f"repro_audit.render.{module}").__doc__ or "").split("\n")[0])
        for name, module in MODULES.items()
    ]
    words = ", ".join(f"`{status.value}`" for status in Status)
    bases = ", ".join(f"`{basis.value}`" for basis in Basis)
    rows = [(f"`{name}`", kind) for name, kind in fields(schema, "", schema)]
    return (
        f"{MADE}# The report\n\nA practice has one status ({words}) and one basis ({bases}). "
        "A line of 0 is the file as a whole, and the path `.` is the repository.\n\n## Formats\n\n"
        f"{table(('format', 'what it is'), *formats)}\n## JSON\n\n"
        f"Its schema comes with the package: `repro_audit/schemas/{path.name}`.\n\n"
        f"{table(('field', 'value'), *rows)}"
    )


def documents() -> dict[str, str]:
    """Return all documents by their path below the folder."""
    rules = own_rules()
    pages = {f"practices/{rule.practice.id}.md": practice_page(rule) for rule in rules}
    return {
        "practices.md": practices_index(rules),
        "cli.md": command_line(),
        "report.md": report_page(),
        **pages,
    }


def stale(folder: Path) -> list[str]:
    """Name the documents that are missing, differ, or belong to no practice."""
    wanted = documents()
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
    differing = {
        name for name in there & wanted.keys() if (folder / name).read_text("utf-8") != wanted[name]
    }
    return sorted(differing | (there ^ wanted.keys()))


def write(folder: Path) -> None:
    """Write all documents, and remove the pages of practices that are gone."""
    wanted = documents()
    (folder / "practices").mkdir(parents=True, exist_ok=True)
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, "utf-8", newline="\n")


def main(arguments: Sequence[str]) -> int:
    """Write or check the documents."""
    options = argparse.ArgumentParser(prog="repro_audit.reference")
    options.add_argument("folder", type=Path)
    options.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    given = options.parse_args(arguments)
    if not given.check:
        write(given.folder)
        return 0
    found = stale(given.folder)
    for name in found:
        print(f"{given.folder / name} is stale: run `nox -s generate`")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
