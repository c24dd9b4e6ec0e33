"""Lock files: which packages at which version, and whether digests stand beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.requirement import canonical
from repro_audit.toml import read_toml
from repro_audit.yamltext import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from repro_audit.repository import Repository


class Locked(NamedTuple):
    """One package of a lock."""

    name: str
    version: str
    hashed: bool


class Lock(NamedTuple):
    """One lock file; `problem` says why it locks nothing."""

    path: str
    kind: str
    packages: tuple[Locked, ...]
    problem: str = ""

    @property
    def hashed(self) -> bool:
        """Whether every package carries a digest."""
        return bool(self.packages) and all(package.hashed for package in self.packages)

    def versions(self) -> dict[str, set[str]]:
        """Return the locked versions by name; a lock of several platforms may hold several."""
        found: dict[str, set[str]] = {}
        for package in self.packages:
            found.setdefault(package.name, set()).add(package.version)
        return found


def text_of(value: object) -> str:
    """Return a value as text, nothing for None."""
    return "" if value is None else str(value)


def package_tables(document: dict[str, Any]) -> Iterator[Locked]:
    """Read `[[package]]` tables of uv, poetry and pdm and `[[packages]]` of a pylock."""
    old_hashes = document.get("metadata", {}).get("files", {})
    for table in document.get("package", document.get("packages", [])):
        name = canonical(text_of(table.get("name")))
        source = table.get("source", {})
        if isinstance(source, dict) and {"virtual", "editable", "directory"} & source.keys():
            continue
        files = [table.get("sdist"), *table.get("wheels", []), *table.get("files", [])]
        files += [table.get("archive"), *old_hashes.get(table.get("name", ""), [])]
        digests = [file for file in files if isinstance(file, dict)]
        commit = re.search(r"[0-9a-f]{40}", json.dumps(table.get("source", table.get("vcs", ""))))
        hashed = any("hash" in file or "hashes" in file for file in digests) or bool(commit)
        yield Locked(name, text_of(table.get("version")), hashed)


def read_toml_lock(text: str) -> Iterator[Locked]:
    """Read uv.lock, poetry.lock, pdm.lock and pylock.toml.

    Raises:
        ValueError, AttributeError, TypeError: when it is none.
    """
    return package_tables(read_toml(text))


def read_pipfile_lock(text: str) -> Iterator[Locked]:
    """Read Pipfile.lock.

    Raises:
        ValueError, RecursionError, AttributeError, TypeError: when it is none.
    """
    document = json.loads(text)
    for section in ("default", "develop"):
        for name, table in document.get(section, {}).items():
            version = text_of(table.get("version")).lstrip("=")
            yield Locked(canonical(name), version, bool(table.get("hashes")))


def read_conda_lock(text: str) -> Iterator[Locked]:
    """Read conda-lock.yml and the package list of pixi.lock.

    Raises:
        ValueError, RecursionError, AttributeError, TypeError: when it is none.
    """
    for table in load(text).get("package", []):
        digest = table.get("hash", {})
        hashed = bool(digest) or "sha256" in table or "md5" in table
        yield Locked(canonical(text_of(table.get("name"))), text_of(table.get("version")), hashed)


def read_pixi(text: str) -> Iterator[Locked]:
    """Read pixi.lock, whose entries name a package only by the file of its address.

    Raises:
        ValueError, RecursionError, AttributeError, TypeError: when it is none.
    """
    for table in load(text).get("packages", []):
        address = text_of(table.get("conda") or table.get("pypi") or table.get("url"))
        found = re.match(r"^(.+?)-(\d[^-]*)-", address.rpartition("/")[2])
        name = text_of(table.get("name")) or (found.group(1) if found else "")
        version = text_of(table.get("version")) or (found.group(2) if found else "")
        yield Locked(canonical(name), version, "sha256" in table or "md5" in table)


def read_explicit(text: str) -> Iterator[Locked]:
    """Read conda's explicit list of addresses."""
    for line in text.partition("@EXPLICIT")[2].split():
        found = re.match(r"^(.+)-([^-]+)-[^-]+\.(conda|tar\.bz2)(#.+)?$", line.rpartition("/")[2])
        if found:
            yield Locked(canonical(found.group(1)), found.group(2), bool(found.group(4)))


READERS: tuple[tuple[str, str, Callable[[str], Iterator[Locked]]], ...] = (
    ("uv.lock", "uv", read_toml_lock),
    ("poetry.lock", "poetry", read_toml_lock),
    ("pdm.lock", "pdm", read_toml_lock),
    ("pylock*.toml", "pylock", read_toml_lock),
    ("pipfile.lock", "pipenv", read_pipfile_lock),
    ("conda-lock.y*ml", "conda-lock", read_conda_lock),
    ("pixi.lock", "pixi", read_pixi),
)


def read_lock(path: str, kind: str, text: str, reader: Callable[[str], Iterator[Locked]]) -> Lock:
    """Read one lock; broken and empty ones are kept with their problem."""
    try:
        packages = tuple(package for package in reader(text) if package.name)
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return Lock(path, kind, (), "cannot be read as a lock")
    return Lock(path, kind, packages, "" if packages else "locks no package")


def lock_files(repo: Repository) -> Iterator[Lock]:
    """Yield every lock file of a packaging tool."""
    for pattern, kind, reader in READERS:
        for file in repo.matching(pattern):
            text = repo.text(file.path)
            if text is not None:
                yield read_lock(file.path, kind, text, reader)
    for file in repo.matching("*.txt", "*.lock"):
        text = repo.text(file.path)
        if text is not None and re.search(r"^@EXPLICIT", text, re.MULTILINE):
            yield read_lock(file.path, "conda explicit", text, read_explicit)
