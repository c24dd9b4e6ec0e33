"""Configuration files: flat keys with values and lines, and Hydra's composition of them."""

from __future__ import annotations

import configparser
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit import lazyre as re
from repro_audit.model import Evidence
from repro_audit.roles import Role
from repro_audit.toml import read_toml
from repro_audit.yamltext import compose, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import File, Repository

MOST_ENTRIES = 5_000
DEEPEST = 40
LARGEST_CONFIG = 400_000
NOT_CONFIG = re.compile(
    r"(^|/)(\.github|\.gitlab|\.circleci|\.devcontainer|\.vscode)/|"
    r"(^|/)(package(-lock)?|tsconfig|codemeta|composer|repro-record)\.json$|"
    r"(^|/)(docker-)?compose[^/]*\.ya?ml$|(^|/)(mkdocs|\.[^/]+|[^/]*environment[^/]*|dvc|"
    r"conda-lock|azure-pipelines|CITATION|codecov|meta|pixi)\.(ya?ml|toml)$|"
    r"(^|/)(pyproject|uv|pylock[^/]*)\.toml$|(^|/)(tox|setup|pytest|mypy|alembic)\.(ini|cfg)$|"
    r"\.(dvc|lock)$",
    re.IGNORECASE,
)
REFERENCE = re.compile(r"^\$\{([\w.]+)\}$")


class Entry(NamedTuple):
    """One scalar of a configuration file, under its dotted key."""

    key: str
    value: object
    path: str
    line: int

    def evidence(self, message: str) -> Evidence:
        """Point at this entry."""
        return Evidence(self.path, self.line, message)


@dataclass
class Room:
    """What one composition may still lay; files that name each other would never end."""

    files: int = 200
    entries: int = 50_000


class ConfigFile(NamedTuple):
    """One file: its entries, and the defaults list when it is one of Hydra's."""

    path: str
    entries: tuple[Entry, ...]
    defaults: tuple[str, ...] = ()
    package: str | None = None


def flatten(node: Any, key: str, depth: int = 0) -> Iterator[tuple[str, object, int]]:
    """Yield key, value and line of every scalar below `node`, not deeper than a bound."""
    if depth > DEEPEST or node is None:
        return
    if node.id == "mapping":
        for name, child in node.value:
            part = str(getattr(name, "value", ""))
            yield from flatten(child, f"{key}.{part}" if key else part, depth + 1)
    elif node.id == "sequence":
        for number, child in enumerate(node.value):
            yield from flatten(child, f"{key}.{number}" if key else str(number), depth + 1)
    elif node.id == "scalar":
        yield key, scalar(node), node.start_mark.line + 1


def bounded(path: str, found: Iterator[tuple[str, object, int]]) -> tuple[Entry, ...]:
    """Take entries up to the bound: shared anchors can make a small file endless."""
    entries: list[Entry] = []
    for key, value, line in found:
        entries.append(Entry(key, value, path, line))
        if len(entries) >= MOST_ENTRIES:
            break
    return tuple(entries)


def read_yaml(path: str, text: str) -> tuple[Entry, ...]:
    """Read one YAML document without building any object; broken text gives nothing."""
    try:
        node = compose(text)
    except (ValueError, RecursionError):
        return ()
    return bounded(path, flatten(node, ""))


def read_tree(path: str, text: str, tree: object) -> tuple[Entry, ...]:
    """Flatten a parsed TOML or JSON tree; a line is where its key is next written."""
    lines = text.splitlines()
    at = 0

    def entries(value: object, key: str, depth: int) -> Iterator[tuple[str, object, int]]:
        nonlocal at
        if depth > DEEPEST:
            return
        if isinstance(value, dict):
            for name, child in value.items():
                yield from entries(child, f"{key}.{name}" if key else str(name), depth + 1)
        elif isinstance(value, list):
            for number, child in enumerate(value):
                yield from entries(child, f"{key}.{number}", depth + 1)
        else:
            last = next((p for p in reversed(key.split(".")) if not p.isdigit()), key)
            pattern = re.compile(rf"""(^|[\s"'\[{{,.]){re.escape(last)}["']?\s*[:=\]]""")
            at = next((n for n in range(at, len(lines)) if pattern.search(lines[n])), at)
            yield key, value, at + 1

    return bounded(path, entries(tree, "", 0))


def read_config(path: str, text: str) -> tuple[Entry, ...]:
    """Read a YAML, TOML, JSON or INI file into flat entries; broken text gives nothing."""
    suffix = PurePosixPath(path).suffix.lower()
    if len(text) > LARGEST_CONFIG:
        return ()
    try:
        if suffix in {".yaml", ".yml"}:
            return read_yaml(path, text)
        if suffix == ".toml":
            return read_tree(path, text, read_toml(text))
        if suffix == ".json":
            return read_tree(path, text, json.loads(text))
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read_string(text)
        return read_tree(path, text, {name: dict(parser[name]) for name in parser.sections()})
    except (ValueError, RecursionError, configparser.Error):
        return ()


def config_file(path: str, text: str) -> ConfigFile:
    """Read one file, with Hydra's header and defaults list."""
    entries = read_config(path, text)
    package = re.search(r"^#\s*@package\s+(\S+)", text, re.MULTILINE)
    defaults = tuple(
        f"{entry.key.split('.', 2)[2]}={entry.value}"
        if entry.key.count(".") > 1
        else str(entry.value)
        for entry in entries
        if entry.key.startswith("defaults.")
    )
    return ConfigFile(path, entries, defaults, package.group(1) if package else None)


@dataclass(frozen=True)
class Configs:
    """All configuration files of the project itself."""

    files: dict[str, ConfigFile]

    @classmethod
    def collect(cls, repo: Repository) -> Configs:
        """Read every YAML, TOML, JSON and INI file that configures experiments."""
        patterns = ("*.yaml", "*.yml", "*.toml", "*.json", "*.ini", "*.cfg")
        found: list[File] = repo.matching(*patterns, roles=(Role.SOURCE, Role.EXAMPLE))
        files: dict[str, ConfigFile] = {}
        for file in found:
            text = None if NOT_CONFIG.search(file.path) else repo.text(file.path)
            if text is not None:
                files[file.path] = config_file(file.path, text)
        return cls(files)

    def entries(self, key: str) -> Iterator[Entry]:
        """Yield the entries whose last key part is `key`, in any file."""
        return iter(self.by_last_part.get(key, ()))

    @cached_property
    def by_last_part(self) -> dict[str, list[Entry]]:
        """The entries of all files by the last part of their key."""
        found: dict[str, list[Entry]] = {}
        for file in self.files.values():
            for entry in file.entries:
                found.setdefault(entry.key.rpartition(".")[2], []).append(entry)
        return found

    def roots(self) -> list[str]:
        """Return Hydra's primary configurations: files with a defaults list outside any group."""
        with_defaults = [path for path, file in self.files.items() if file.defaults]
        tops = {str(PurePosixPath(path).parent) for path in with_defaults}
        return [
            path
            for path in with_defaults
            if not any(str(folder) in tops for folder in PurePosixPath(path).parent.parents)
        ]

    def composed(self, root: str) -> dict[str, Entry]:
        """Return what Hydra makes of a primary configuration and its defaults, by dotted key."""
        values: dict[str, Entry] = {}
        self.compose(root, "", values, Room())
        return {key: self.follow(entry, values) for key, entry in values.items()}

    def compose(self, path: str, prefix: str, values: dict[str, Entry], room: Room) -> None:
        """Lay one file over `values`: its defaults first, itself where `_self_` stands."""
        file = self.files.get(path)
        if file is None or room.files <= 0 or room.entries <= 0:
            return
        room.files -= 1
        room.entries -= len(file.entries)
        order = [*file.defaults] if "_self_" in file.defaults else [*file.defaults, "_self_"]
        for item in order:
            if item == "_self_":
                self.lay(file, prefix, values)
                continue
            group, _, name = item.rpartition("=")
            group = (
                group.replace("override ", "").replace("optional ", "").split("@")[0].strip("/ ")
            )
            folder = PurePosixPath(path).parent
            place = folder / group if group else folder
            for suffix in (".yaml", ".yml"):
                child = (place / (name + suffix)).as_posix()
                if child in self.files:
                    inner = self.files[child].package
                    joined = ".".join(part for part in (prefix, group.replace("/", ".")) if part)
                    below = "" if inner == "_global_" else joined
                    self.compose(child, below, values, room)

    def lay(self, file: ConfigFile, prefix: str, values: dict[str, Entry]) -> None:
        """Write a file's own entries over what is there."""
        for entry in file.entries:
            if not entry.key.startswith("defaults."):
                values[f"{prefix}.{entry.key}".lstrip(".")] = entry

    def follow(self, entry: Entry, values: dict[str, Entry], depth: int = 0) -> Entry:
        """Replace `${other.key}` by what the other key holds; the entry keeps its own place."""
        found = REFERENCE.match(entry.value) if isinstance(entry.value, str) else None
        if found is None or depth > DEEPEST or found.group(1) not in values:
            return entry
        target = self.follow(values[found.group(1)], values, depth + 1)
        return Entry(entry.key, target.value, entry.path, entry.line)
