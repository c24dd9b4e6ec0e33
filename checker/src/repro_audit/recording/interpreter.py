"""Which Python a command will find, and what is installed there; asked of that Python itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAMES = ("python", "python3")
SECONDS = 60
OLDEST = (3, 8)
# Run by the interpreter in question, which may lack every package and be older than ours.
QUESTION = """
import hashlib, json, os, platform, re, site, sys
class Old(object):
    def __init__(self, found):
        self.found = found
    def read_text(self, name):
        return self.found.get_metadata(name) if self.found.has_metadata(name) else None
try:
    from importlib import metadata
    listed = list(metadata.distributions())
except ImportError:
    try:
        import pkg_resources
        listed = [Old(found) for found in pkg_resources.working_set]
    except ImportError:
        listed = []
packages, records, editable = {}, {}, []
for one in listed:
    # The head alone: to read the whole description of each takes several times as long.
    head = (one.read_text("METADATA") or one.read_text("PKG-INFO") or "").partition("\\n\\n")[0]
    told = dict(re.findall(r"^(Name|Version):[ ]*(\\S+)", head, re.MULTILINE))
    if "Name" not in told:
        continue
    key = told["Name"].lower().replace("_", "-")
    if key in packages:
        continue
    packages[key] = told.get("Version", "")
    record = one.read_text("RECORD")
    if record:
        records[key] = "sha256:" + hashlib.sha256(record.encode("utf-8")).hexdigest()
    text = one.read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    if origin.get("dir_info", {}).get("editable"):
        editable.append(origin.get("url", ""))
print(json.dumps({
    "executable": sys.executable, "version": platform.python_version(),
    "implementation": platform.python_implementation(),
    "prefixes": sorted({sys.prefix, getattr(sys, "base_prefix", sys.prefix), sys.exec_prefix}),
    "user_base": site.getuserbase() if site.ENABLE_USER_SITE else "",
    "path": [os.path.realpath(item) for item in sys.path if item],
    "packages": packages, "records": records, "editable": editable,
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python as it describes itself; `records` are digests of what each package installed."""

    executable: str
    version: str
    implementation: str
    prefixes: tuple[str, ...]
    user_base: str
    path: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]
    editable: tuple[str, ...]
    records: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> str:
        """Where it and the scripts of its environment lie."""
        return str(Path(self.executable).parent)

    @property
    def closed(self) -> str:
        """Why nobody can look inside its programs, if so: the agent needs audit hooks."""
        if tuple(map(int, self.version.split(".")[:2])) >= OLDEST:
            return ""
        oldest = ".".join(map(str, OLDEST))
        return f"Python {self.version} can only be looked at from outside ({oldest} is needed)"


def is_python(word: str) -> bool:
    """Say whether a word of a command names a Python."""
    name = Path(word).name.removesuffix(".exe")
    return name.startswith("python") and name[6:].replace(".", "").isdecimal() | (name == "python")


def find_interpreter(
    command: Sequence[str],
    environment: Mapping[str, str],
    beside: Callable[[Sequence[str]], list[str]] | None = None,
) -> Interpreter | None:
    """Return the Python that the command names, or, where it names none, the first that is found.

    One that cannot describe itself is not known: another would be a false record.

    `beside` writes a command so that it runs where the command does, when that is not here.
    """
    if beside is not None:
        asked = (ask(beside([name, "-c", QUESTION]), environment) for name in NAMES)
        return next((told for told in asked if told is not None), None)
    search = environment.get("PATH", os.defpath)
    named = shutil.which(command[0], path=search) if command and is_python(command[0]) else None
    others = (*(shutil.which(name, path=search) for name in NAMES), sys.executable)
    for candidate in (named,) if named else others:
        told = ask([candidate, "-c", QUESTION], environment) if candidate else None
        if told is not None:
            return told
    return None


def ask(words: Sequence[str], environment: Mapping[str, str]) -> Interpreter | None:
    """Let an interpreter describe itself; None when it cannot."""
    try:
        done = subprocess.run(  # noqa: S603 - the interpreter that the user's command runs
            list(words),
            env=dict(environment),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        told: dict[str, Any] = json.loads(done.stdout.decode("utf-8", "replace"))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(
        executable=told["executable"],
        version=told["version"],
        implementation=told["implementation"],
        prefixes=tuple(told["prefixes"]),
        user_base=told["user_base"],
        path=tuple(told["path"]),
        packages=tuple(sorted(told["packages"].items())),
        editable=tuple(sorted(told["editable"])),
        records=tuple(sorted(told["records"].items())),
    )
