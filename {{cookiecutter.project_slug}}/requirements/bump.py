"""Take the newest releases of the workflow's actions, and the locked Ruff for the hooks.

Run by `nox -s bump`, after the locks were compiled anew.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
USED = re.compile(r"(uses: ([\w.-]+/[\w.-]+)[\w./-]*@)[0-9a-f]{40} # v[\d.]+")
RELEASE = re.compile(r"^([0-9a-f]{40})\trefs/tags/v(\d+)\.(\d+)\.(\d+)(?:\^\{\})?$", re.MULTILINE)


def newest(repository: str) -> str:
    """Commit and version of the newest release of a repository on GitHub.

    Raises:
        subprocess.CalledProcessError: git cannot read it.
        ValueError: it has no release.
    """
    listed = subprocess.run(
        ["git", "ls-remote", "--tags", f"https://github.com/{repository}"],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    ).stdout
    # The commit of an annotated tag stands below the tag itself, and so replaces it.
    found = {tuple(map(int, version)): commit for commit, *version in RELEASE.findall(listed)}
    version = max(found)
    return f"{found[version]} # v{'.'.join(map(str, version))}"


def actions(text: str) -> str:
    """A workflow with its actions at their newest releases, pinned by commit."""
    releases = {name: newest(name) for _, name in USED.findall(text)}
    return USED.sub(lambda used: used[1] + releases[used[2]], text)


def hooks(text: str, lock: str) -> str:
    """The hooks with Ruff at the version of a lock."""
    ruff = re.search(r"^ruff==\S+", lock, re.MULTILINE)
    return re.sub(r"ruff==[\w.]+", ruff[0], text) if ruff else text


def main() -> None:
    """Rewrite the workflows and the configuration of the hooks."""
    for workflow in (PROJECT / ".github/workflows").glob("*.yml"):
        workflow.write_text(actions(workflow.read_text("utf-8")), "utf-8")
    file, lock = PROJECT / ".pre-commit-config.yaml", PROJECT / "requirements/dev.txt"
    file.write_text(hooks(file.read_text("utf-8"), lock.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
