"""The requirements files of a repository, those they include, and those that are told of."""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers
from repro_audit.facts.prose import Prose
from repro_audit.facts.requirementlines import RequirementsFile, joined, read_requirements
from repro_audit.toml import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

NAMED = re.compile(r"(?:^|[\s\"'])(?:-r|--requirement)[=\s]*[\"']?([\w./-]+)")
LISTED = re.compile(r"[\"']([\w./-]*(?:req|dep|packages)[\w./-]*\.(?:txt|in|pip))[\"']")
MOST_LINES = 2_000
MOST_REQUIREMENTS = 10_000
NAMES = (
    "*requirements*.txt",
    "*requirements*.in",
    "*requirements*.pip",
    "deps.txt",
    "*dependencies.txt",
)


def requirement_files(repo: Repository) -> dict[str, RequirementsFile]:
    """Read every requirements file, those in `requirements/` folders and those they include."""
    in_folder = (
        "requirements/*.txt",
        "requirements/*.in",
        "*/requirements/*.txt",
        "*/requirements/*.in",
    )
    waiting = [file.path for file in repo.matching(*NAMES, *in_folder, "constraints*.txt")]
    waiting += named(repo)
    found: dict[str, RequirementsFile] = {}
    while waiting:
        path = waiting.pop()
        text = repo.text(path)
        if path not in found and text is not None:
            if sum(1 for _ in islice(joined(text), MOST_REQUIREMENTS + 1)) > MOST_REQUIREMENTS:
                repo.skips[path] = f"more than {MOST_REQUIREMENTS:,} requirements"
                continue
            found[path] = read_requirements(path, text)
            waiting += [*found[path].includes, *found[path].constraints]
    return dict(sorted(found.items()))


def named(repo: Repository) -> Iterator[str]:
    """Yield the files of any name that an installer is told to read: by recipe, guide, manifest."""
    commands = [item for recipe in repo.fact(Containers).recipes for item in recipe.commands]
    for command in (*commands, *repo.fact(Prose).commands()):
        if "install" in command.words:
            yield from found(repo, command.path, NAMED.findall(command.text))
    for file in repo.matching("*env*.y*ml", "conda*.y*ml", "envs/*.y*ml"):
        for line in repo.lines(file.path)[:MOST_LINES]:
            if line.lstrip().startswith("-"):
                yield from found(repo, file.path, NAMED.findall(line[:500]))
    for file in repo.matching("setup.py"):
        for line in repo.lines(file.path)[:MOST_LINES]:
            yield from found(repo, file.path, LISTED.findall(line[:500]))
    for file in repo.matching("pyproject.toml"):
        if "file" in (text := repo.text(file.path) or ""):
            yield from found(repo, file.path, dynamic(text))


def dynamic(text: str) -> list[str]:
    """Return the files from which setuptools and a plugin of hatch take requirements."""
    try:
        tool = read_toml(text).get("tool", {})
        listed = tool.get("setuptools", {}).get("dynamic", {}).get("dependencies", {}).get("file")
        hooks = tool.get("hatch", {}).get("metadata", {}).get("hooks", {})
        hooked = hooks.get("requirements_txt", {}).get("files", [])
    except (ValueError, AttributeError):
        return []
    names = [listed] if isinstance(listed, str) else listed
    return [item for item in (*(names or ()), *hooked) if isinstance(item, str)]


def found(repo: Repository, where: str, names: list[str]) -> Iterator[str]:
    """Yield the files of these names, beside the file that names them or at the root."""
    for name in names:
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(where), name))
        yield from (path for path in (beside, posixpath.normpath(name)) if path in repo.by_path)
