"""Judge whether code and configuration name places of one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, passed
from repro_audit import lazyre as re
from repro_audit.facts.configs import Configs
from repro_audit.facts.prose import script_commands
from repro_audit.facts.python import PythonIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

# A personal folder, a drive, a mount of one cluster, or a hosted notebook's disk; no part of a URL.
MOUNTS = (
    r"mnt|scratch|nfs|gpfs|lustre|media|data\d*|datasets?\d*|checkpoints?|storage|work|raid|"
    r"ssd\d*|hdd\d*|vol|fsx|export|dfs\d*|afs|nas\d*|lscratch"
)
PLACE = re.compile(
    r"(?<![\w:/.})])(?:/home/[\w.-]+|/Users/[\w.-]+|/root/[\w.-]+|"
    r"[A-Za-z]:\\{1,2}(?:Users\b|[\w .-]{2,})|[A-Z]:/[\w.-]{2,}|"
    rf"/content/drive|/kaggle/(?:input|working)|/(?:{MOUNTS})/[\w.-]+)|"
    r"^file:///?(?:home|Users|[A-Za-z]:)/"
)
# What is left of a path when the rest is computed: f"/home/{user}", join("/scratch", name).
ROOT = re.compile(rf"/(?:home|Users|{MOUNTS})/?")
FINE = re.compile(
    r"\b[A-Za-z]:[\\/]+(?:Program Files|ProgramData|Windows)\b|"
    r"/home/(?:user|username|me|you|runner|jovyan|app)\b|/Users/(?:user|username|me|you)\b|/path/to",
    re.IGNORECASE,
)


CONTAINERS = {"docker", "podman", "singularity", "apptainer", "enroot", "nerdctl"}


def env_portable_paths(repo: Repository) -> Verdict:
    """Live code, configuration and scripts name no folder that exists on one machine only."""
    found = [*in_code(repo), *in_configs(repo), *in_scripts(repo)]
    if found:
        return failed(
            f"{len(found)} place(s) name a folder of one machine.",
            *found,
            fix="Read the folder from configuration, relative to the project",
        )
    looked = [module.path for module in repo.fact(PythonIndex).live()]
    looked += list(repo.fact(Configs).files)
    looked += [command.path for command in script_commands(repo)]
    if not looked:
        return not_applicable("There is neither code nor configuration that could name a folder.")
    return passed(
        f"No machine-specific path in {len(set(looked))} code and configuration files.",
        Evidence(min(looked), 0, "read, together with all other live files"),
    )


def personal(text: str) -> str | None:
    """Return the machine-specific path in `text`, if there is one."""
    if "/" not in text and "\\" not in text:
        return None
    match = PLACE.search(text[:2000])
    return None if match is None or FINE.search(text[:2000]) else match.group(0)


def in_code(repo: Repository) -> Iterator[Evidence]:
    """Yield paths in strings of live Python code."""
    for module in repo.fact(PythonIndex).live():
        for text in module.texts:
            place = personal(text.value)
            if place is None and text.opens and ROOT.fullmatch(text.value):
                place = text.value
            if place is not None and "\n" not in text.value.strip():
                yield Evidence(module.path, text.line, f"the path {place} exists on one machine")


def in_configs(repo: Repository) -> Iterator[Evidence]:
    """Yield paths in values of configuration files."""
    for file in repo.fact(Configs).files.values():
        for entry in file.entries:
            place = personal(entry.value) if isinstance(entry.value, str) else None
            if place is not None:
                yield entry.evidence(f"{entry.key} names {place}")


def in_scripts(repo: Repository) -> Iterator[Evidence]:
    """Yield paths in shell scripts."""
    for command in script_commands(repo):
        if command.program in CONTAINERS:
            continue  # what stands behind the name of an image is a place inside of it
        place = next((found for word in command.words if (found := personal(word))), None)
        if place is not None:
            yield command.evidence(f"the command names {place}")
