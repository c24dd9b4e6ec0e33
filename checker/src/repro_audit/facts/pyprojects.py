"""Manifests in TOML: pyproject.toml with the tables of its tools, pixi.toml, headers of scripts.

Sources: PEP 621, 723 and 735, and the documentation of poetry, pdm, hatch and pixi on the names of
their tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repro_audit import lazyre as re
from repro_audit.facts.consolescripts import from_table
from repro_audit.facts.manifest import (
    Lines,
    Manifest,
    PythonVersion,
    classified,
    fixes_minor,
    pep508_list,
    text_version,
)
from repro_audit.facts.requirement import Declared, from_conda, from_poetry
from repro_audit.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_pyproject(path: str, text: str) -> Manifest | None:
    """Read PEP 621 and 735 tables and those of poetry, pdm, hatch and pixi."""
    try:
        document = read_toml(text)
    except ValueError:
        return None
    lines = Lines(text)
    project, tool = table(document, "project"), table(document, "tool")
    poetry = table(tool, "poetry")
    declared = list(pep508_list(project.get("dependencies"), path, lines, ""))
    for group, values in grouped(document):
        declared += pep508_list(values, path, lines, group)
    python = [text_version(project.get("requires-python"), path, lines)]
    python += classified(project.get("classifiers"), path, lines)
    for group, packages in poetry_groups(poetry):
        for name, value in packages.items():
            if name.lower() == "python":
                python.append(text_version(value, path, lines))
            else:
                declared.append(from_poetry(name, value, path, lines.of(name), group))
    pixi, versions = pixi_packages(table(tool, "pixi"), path, lines)
    scripts = [
        script
        for place in (
            *(table(project, "scripts"), table(project, "gui-scripts")),
            *(table(poetry, "scripts"), table(tool, "flit", "scripts")),
        )
        for script in from_table(place, path, lines)
    ]
    packaged = bool(project.get("name") or poetry.get("name")) and "build-system" in document
    return Manifest(
        path,
        "pyproject",
        (*declared, *pixi),
        (*(version for version in python if version is not None), *versions),
        tuple(scripts),
        packaged,
    )


def table(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return an inner table, or an empty one when the file has something else in its place."""
    for key in keys:
        inner = document.get(key)
        document = inner if isinstance(inner, dict) else {}
    return document


def grouped(document: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the lists of requirements by group: extras, PEP 735, pdm and hatch.

    What hatch's default environment holds is needed to run; its other environments are groups.
    """
    tool = table(document, "tool")
    yield from table(document, "project", "optional-dependencies").items()
    yield from table(document, "dependency-groups").items()
    yield from table(tool, "pdm", "dev-dependencies").items()
    for name, values in table(tool, "hatch", "envs").items():
        if isinstance(values, dict):
            for key in ("dependencies", "extra-dependencies"):
                yield ("" if name == "default" else name), values.get(key)


def poetry_groups(poetry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield poetry's tables of dependencies by group."""
    yield "", poetry.get("dependencies", {})
    yield "dev", poetry.get("dev-dependencies", {})
    for group, table in poetry.get("group", {}).items():
        yield group, table.get("dependencies", {})


def read_pixi(path: str, text: str) -> Manifest | None:
    """Read pixi.toml; https://pixi.sh/latest/reference/pixi_manifest/ names the tables."""
    try:
        document = read_toml(text)
    except ValueError:
        return None
    declared, python = pixi_packages(document, path, Lines(text))
    return Manifest(path, "pixi", declared, python)


def pixi_packages(
    document: dict[str, Any], path: str, lines: Lines
) -> tuple[tuple[Declared, ...], tuple[PythonVersion, ...]]:
    """Read conda's and PyPI's packages of pixi, of its features and of single platforms."""
    declared: list[Declared] = []
    python: list[PythonVersion] = []
    for part in pixi_tables(document):
        for name, value in table(part, "dependencies").items():
            version = value.get("version", "") if isinstance(value, dict) else value
            spec = "" if version == "*" else str(version)
            item = from_conda(f"{name} {spec}".strip(), path, lines.of(name))
            if name == "python":
                python.append(PythonVersion(spec, path, lines.of(name), fixes_minor(spec)))
            elif item is not None:
                declared.append(item)
        for name, value in table(part, "pypi-dependencies").items():
            local = isinstance(value, dict) and "path" in value
            if not local:
                declared.append(from_poetry(name, value, path, lines.of(name), ""))
    return tuple(declared), tuple(python)


def pixi_tables(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the tables that hold packages: the main one, and those of features and platforms."""
    features = [item for item in table(document, "feature").values() if isinstance(item, dict)]
    for part in (document, *features):
        yield part
        for inner in table(part, "target").values():
            if isinstance(inner, dict):
                yield inner


HEADER = re.compile(r"^# /// script\r?\n((?:#(?: [^\n]*)?\r?\n)+?)# ///\s*$", re.MULTILINE)


def read_header(path: str, text: str) -> Manifest | None:
    """Read the header of a script that names its packages (PEP 723)."""
    found = HEADER.search(text)
    if found is None:
        return None
    body = "\n".join(line[2:] for line in found.group(1).splitlines())
    try:
        document = read_toml(body)
    except ValueError:
        return None
    lines = Lines(text)
    declared = tuple(pep508_list(document.get("dependencies"), path, lines, ""))
    version = text_version(document.get("requires-python"), path, lines)
    return Manifest(path, "script", declared, (version,) if version else ())
