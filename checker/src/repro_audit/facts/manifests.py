"""The files that declare dependencies: setup.py and .cfg, conda environments, Pipfile, and TOML."""

from __future__ import annotations

import ast
import configparser
from typing import TYPE_CHECKING

from repro_audit.facts.code import as_code, parse
from repro_audit.facts.consolescripts import GROUPS, ConsoleScript, from_lines, from_setup
from repro_audit.facts.manifest import (
    Lines,
    Manifest,
    PythonVersion,
    classified,
    pep508_list,
    text_version,
)
from repro_audit.facts.pyprojects import read_header, read_pixi, read_pyproject
from repro_audit.facts.requirement import Declared, from_conda, from_poetry
from repro_audit.facts.syntax import literal
from repro_audit.roles import Role
from repro_audit.toml import read_toml
from repro_audit.yamltext import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository


def read_setup_py(path: str, text: str) -> Manifest | None:
    """Read the literal arguments of `setup()` by its syntax; nothing is run."""
    try:
        tree = parse(text)
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
    scripts: list[ConsoleScript] = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not as_code(call.func).endswith("setup"):
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
            elif given.arg == "entry_points":
                scripts += from_setup(value, path, lines)
    return Manifest(path, "setup.py", tuple(declared), tuple(python), tuple(scripts), packaged=True)


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
    if parser.has_section("options.extras_require"):
        for group, values in parser.items("options.extras_require"):
            declared += pep508_list(values.split("\n"), path, lines, group)
    version = text_version(parser.get("options", "python_requires", fallback=""), path, lines)
    listed = parser.get("metadata", "classifiers", fallback="").split("\n")
    python = [version] if version else []
    python += classified([part.strip() for part in listed], path, lines)
    packaged = parser.has_option("metadata", "name")
    scripts = tuple(
        script
        for group in GROUPS
        for script in from_lines(
            parser.get("options.entry_points", group, fallback=""), path, lines
        )
    )
    return Manifest(path, "setup.cfg", tuple(declared), tuple(python), scripts, packaged)


def read_environment(path: str, text: str) -> Manifest | None:
    """Read a conda environment with its nested pip list."""
    try:
        document = load(text)
    except (ValueError, RecursionError):
        return None
    listed = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    lines = Lines(text)
    declared: list[Declared] = []
    # MLflow's python_env.yaml has a key of its own for it.
    version = text_version(document.get("python"), path, lines)
    python = [version] if version else []
    for value in listed:
        if isinstance(value, dict):
            declared += pep508_list(value.get("pip"), path, lines, "")
        # MLflow's python_env.yaml holds pip's options, such as `-r FILE`, beside packages.
        elif isinstance(value, str) and not value.startswith("-"):
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


def read_cog(path: str, text: str) -> Manifest | None:
    """Read the packages that Replicate's cog.yaml puts into its image."""
    try:
        document = load(text)
    except (ValueError, RecursionError):
        return None
    build = document.get("build") if isinstance(document, dict) else None
    if not isinstance(build, dict):
        return None
    declared = pep508_list(build.get("python_packages"), path, Lines(text), "")
    return Manifest(path, "cog.yaml", tuple(declared))


READERS = (
    ("pyproject.toml", read_pyproject),
    ("setup.py", read_setup_py),
    ("setup.cfg", read_setup_cfg),
    ("*environment*.y*ml", read_environment),
    ("conda*.y*ml", read_environment),
    ("env.y*ml", read_environment),
    ("env[-_]*.y*ml", read_environment),
    ("*[-_]env.y*ml", read_environment),
    ("envs/*.y*ml", read_environment),
    ("*/envs/*.y*ml", read_environment),
    ("pipfile", read_pipfile),
    ("pixi.toml", read_pixi),
    ("cog.yaml", read_cog),
)


def manifests(repo: Repository) -> Iterator[Manifest]:
    """Yield every manifest that can be read; a broken one is listed as skipped."""
    seen: set[str] = set()
    for pattern, reader in READERS:
        for file in repo.matching(pattern):
            text = repo.text(file.path)
            if text is None or file.path in seen:
                continue
            seen.add(file.path)
            try:
                manifest = reader(file.path, text)
            except (AttributeError, TypeError):  # tables of another shape than the standard's
                manifest = None
            if manifest is not None:
                yield manifest
            elif reader is not read_environment:
                repo.skips[file.path] = "cannot be parsed"
    for file in repo.with_role(Role.SOURCE, Role.EXAMPLE):
        if file.suffix == ".py" and "# /// script" in (text := repo.text(file.path) or ""):
            manifest = read_header(file.path, text)
            if manifest is not None:
                yield manifest
