"""What a project declares: pyproject.toml, setup.py and .cfg, conda environments, Pipfile, pixi."""

from __future__ import annotations

import ast
import configparser
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from repro_audit.facts.configs import LOADER
from repro_audit.facts.requirement import Declared, from_conda, from_pep508, from_poetry
from repro_audit.facts.syntax import literal
from repro_audit.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository


@dataclass(frozen=True)
class PythonVersion:
    """A statement about the interpreter: what, where, and whether it fixes a minor version."""

    spec: str
    path: str
    line: int
    fixed: bool


@dataclass(frozen=True)
class Manifest:
    """One file that declares dependencies, with what it says of Python and its commands."""

    path: str
    kind: str
    declared: tuple[Declared, ...]
    python: tuple[PythonVersion, ...] = ()
    scripts: tuple[tuple[str, str], ...] = ()
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
    bounds = re.findall(r"(>=|<)\s*(\d+)\.(\d+)", spec)
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


def read_pyproject(path: str, text: str) -> Manifest | None:
    """Read PEP 621 and 735 tables and those of poetry, pdm, hatch and pixi."""
    try:
        document = read_toml(text)
    except ValueError:
        return None
    lines = Lines(text)
    project = document.get("project", {})
    declared = list(pep508_list(project.get("dependencies"), path, lines, ""))
    for group, values in project.get("optional-dependencies", {}).items():
        declared += pep508_list(values, path, lines, group)
    for group, values in document.get("dependency-groups", {}).items():
        declared += pep508_list(values, path, lines, group)
    tool = document.get("tool", {})
    poetry = tool.get("poetry", {})
    python = [text_version(project.get("requires-python"), path, lines)]
    python += classified(project.get("classifiers"), path, lines)
    for group, table in poetry_groups(poetry):
        for name, value in table.items():
            if name.lower() == "python":
                python.append(text_version(value, path, lines))
            else:
                declared.append(from_poetry(name, value, path, lines.of(name), group))
    for group, values in tool.get("pdm", {}).get("dev-dependencies", {}).items():
        declared += pep508_list(values, path, lines, group)
    for name, value in tool.get("pixi", {}).get("dependencies", {}).items():
        item = from_conda(f"{name} {value}", path, lines.of(name))
        declared += [item] if item is not None else []
    scripts = {**project.get("scripts", {}), **poetry.get("scripts", {})}
    packaged = bool(project.get("name") or poetry.get("name")) and "build-system" in document
    found = tuple((name, str(target)) for name, target in scripts.items())
    versions = tuple(version for version in python if version is not None)
    return Manifest(path, "pyproject", tuple(declared), versions, found, packaged)


def poetry_groups(poetry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield poetry's tables of dependencies by group."""
    yield "", poetry.get("dependencies", {})
    yield "dev", poetry.get("dev-dependencies", {})
    for group, table in poetry.get("group", {}).items():
        yield group, table.get("dependencies", {})


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


def read_setup_py(path: str, text: str) -> Manifest | None:
    """Read the literal arguments of `setup()` by its syntax; nothing is run."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    lines = Lines(text)
    constants = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    declared: list[Declared] = []
    python: list[PythonVersion] = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("setup"):
            continue
        for given in call.keywords:
            node = (
                constants.get(given.value.id) if isinstance(given.value, ast.Name) else given.value
            )
            value = literal(node)
            if given.arg in {"install_requires", "tests_require", "setup_requires"}:
                declared += pep508_list(value, path, lines, "" if "install" in given.arg else "dev")
            elif given.arg == "extras_require" and isinstance(value, dict):
                for group, values in value.items():
                    declared += pep508_list(values, path, lines, str(group))
            elif given.arg == "python_requires":
                python += [found] if (found := text_version(value, path, lines)) else []
            elif given.arg == "classifiers":
                python += classified(value, path, lines)
    return Manifest(path, "setup.py", tuple(declared), tuple(python), (), packaged=True)


def read_setup_cfg(path: str, text: str) -> Manifest | None:
    """Read the [options] of setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    lines = Lines(text)
    wanted = [
        part.strip() for part in parser.get("options", "install_requires", fallback="").split("\n")
    ]
    declared = list(pep508_list(wanted, path, lines, ""))
    version = text_version(parser.get("options", "python_requires", fallback=""), path, lines)
    listed = parser.get("metadata", "classifiers", fallback="").split("\n")
    python = [version] if version else []
    python += classified([part.strip() for part in listed], path, lines)
    packaged = parser.has_option("metadata", "name")
    return Manifest(path, "setup.cfg", tuple(declared), tuple(python), (), packaged)


def read_environment(path: str, text: str) -> Manifest | None:
    """Read a conda environment with its nested pip list."""
    try:
        document = yaml.load(text, Loader=LOADER)  # noqa: S506 - the safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    listed = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    lines = Lines(text)
    declared: list[Declared] = []
    python: list[PythonVersion] = []
    for value in listed:
        if isinstance(value, dict):
            declared += pep508_list(value.get("pip"), path, lines, "")
        elif isinstance(value, str):
            item = from_conda(value, path, lines.of(value))
            if item is not None and item.name == "python":
                fixed = item.spec.startswith("==") and "." in item.spec.strip("=*.")
                python.append(PythonVersion(value, path, item.line, fixed))
            elif item is not None and item.name != "pip":
                declared.append(item)
    return Manifest(path, "conda", tuple(declared), tuple(python))


def read_pipfile(path: str, text: str) -> Manifest | None:
    """Read a Pipfile."""
    try:
        document = read_toml(text)
    except ValueError:
        return None
    lines = Lines(text)
    declared = [
        from_poetry(name, value, path, lines.of(name), group)
        for table, group in (("packages", ""), ("dev-packages", "dev"))
        for name, value in document.get(table, {}).items()
    ]
    version = text_version(document.get("requires", {}).get("python_version"), path, lines)
    return Manifest(path, "Pipfile", tuple(declared), (version,) if version else ())


def read_pixi(path: str, text: str) -> Manifest | None:
    """Read pixi.toml: conda's dependencies and PyPI's; https://pixi.sh/latest/ names the tables."""
    try:
        document = read_toml(text)
    except ValueError:
        return None
    lines = Lines(text)
    declared: list[Declared] = []
    python: list[PythonVersion] = []
    for name, value in document.get("dependencies", {}).items():
        version = value.get("version", "") if isinstance(value, dict) else value
        spec = "" if version == "*" else str(version)
        item = from_conda(f"{name} {spec}".strip(), path, lines.of(name))
        if name == "python":
            python.append(PythonVersion(spec, path, lines.of(name), fixes_minor(spec)))
        elif item is not None:
            declared.append(item)
    for name, value in document.get("pypi-dependencies", {}).items():
        local = isinstance(value, dict) and "path" in value
        if not local:
            declared.append(from_poetry(name, value, path, lines.of(name), ""))
    return Manifest(path, "pixi", tuple(declared), tuple(python))


READERS = (
    ("pyproject.toml", read_pyproject),
    ("setup.py", read_setup_py),
    ("setup.cfg", read_setup_cfg),
    ("*environment*.y*ml", read_environment),
    ("conda*.y*ml", read_environment),
    ("pipfile", read_pipfile),
    ("pixi.toml", read_pixi),
)


def manifests(repo: Repository) -> Iterator[Manifest]:
    """Yield every manifest that can be read; a broken one is listed as skipped."""
    for pattern, reader in READERS:
        for file in repo.matching(pattern):
            text = repo.text(file.path)
            if text is None:
                continue
            try:
                manifest = reader(file.path, text)
            except (AttributeError, TypeError):  # tables of another shape than the standard's
                manifest = None
            if manifest is not None:
                yield manifest
            elif "environment" not in pattern and "conda" not in pattern:
                repo.skips[file.path] = "cannot be parsed"
