"""The command line around a command: bubblewrap where it works, unshare for the network alone.

The host is read-only, the temporary folders, the original checkout and what holds keys are hidden,
and only the copy of the tree, the home and the temporary folder of the run can be written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit.verify.conditions import OTHER_HOST, OTHER_ID, OTHER_USER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from repro_audit.verify.conditions import Condition
    from repro_audit.verify.tools import Tools

HIDDEN = ("/tmp", "/var/tmp", "/run")  # noqa: S108 - hidden, not used
KEYS = (
    ".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".config/gh", ".docker", ".kube",
    ".mozilla", ".password-store", ".cache/huggingface/token", ".netrc", ".git-credentials",
    ".pypirc", ".bash_history", ".python_history",
)  # fmt: skip
NAME_SERVICE = "/run/systemd/resolve"
DEVICES = ("nvidia*", "dri", "kfd")
ONLINE = "/sys/devices/system/cpu/online"


@dataclass(frozen=True)
class Fence:
    """What a run needs of the host, and the files that stand in for the system's."""

    original: Path
    needed: tuple[str, ...]
    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    stand_ins: Path
    aliases: Mapping[Path, Path] = field(default_factory=dict)


def write_stand_ins(folder: Path) -> None:
    """Write the files that a condition may lay over those of the system."""
    folder.mkdir(parents=True)
    try:
        accounts = Path("/etc/passwd").read_text("utf-8")
    except OSError:
        accounts = ""
    line = f"{OTHER_USER}:x:{OTHER_ID}:{OTHER_ID}::/home/{OTHER_USER}:/bin/sh\n"
    (folder / "passwd").write_text(accounts + line, "utf-8")
    (folder / "empty").write_text("", "utf-8")


def under(path: str, folder: str) -> bool:
    """Say whether a path is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def wrapped(
    condition: Condition, tools: Tools, fence: Fence, command: Sequence[str], cwd: Path
) -> list[str]:
    """Return the command as it is started."""
    if condition.processes_before:
        # In a namespace of its own a process has the same number in every run.
        first = f"for i in $(seq {condition.processes_before}); do (:); done"
        command = ["/bin/sh", "-c", f'{first}; "$@"; exit $?', "sh", *command]
    if tools.bubblewrap:
        return [tools.bubblewrap, *options(condition, fence, cwd), "--", *command]
    if not condition.network and tools.unshare:
        return [tools.unshare, "--map-current-user", "--net", "--", *command]
    return list(command)


def options(condition: Condition, fence: Fence, cwd: Path) -> list[str]:
    """Return bubblewrap's options."""
    found = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for pattern in DEVICES:
        for device in sorted(Path("/dev").glob(pattern)):
            found += ["--dev-bind-try", str(device), str(device)]
    found += ["--tmpfs", "/dev/shm"]  # noqa: S108 - a fresh one
    found += list(hiding(fence, network=condition.network))
    for path in fence.readable:
        found += ["--ro-bind", str(path), str(path)]
    for path in fence.writable:
        found += ["--bind", str(path), str(path)]
    for old, new in fence.aliases.items():
        found += ["--symlink", str(new), str(old)]
    if condition.cpus:
        (fence.stand_ins / "online").write_text(f"{condition.cpus[0]}\n", "utf-8")
        found += ["--ro-bind-try", str(fence.stand_ins / "online"), ONLINE]
    found += ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    found += [] if condition.network else ["--unshare-net"]
    if condition.user:
        found += ["--uid", str(OTHER_ID), "--gid", str(OTHER_ID), "--hostname", OTHER_HOST]
        found += ["--ro-bind", str(fence.stand_ins / "passwd"), "/etc/passwd"]
    return [*found, "--die-with-parent", "--new-session", "--chdir", str(cwd)]


def hiding(fence: Fence, *, network: bool) -> Iterable[str]:
    """Yield what hides folders, and what shows again the parts of them that a run needs."""
    folders = [*HIDDEN, str(fence.original)]
    for folder in folders:
        if os.path.isdir(folder) and os.path.realpath(folder) == folder:  # noqa: PTH112
            yield from ("--tmpfs", folder)
    if network:
        yield from ("--ro-bind-try", NAME_SERVICE, NAME_SERVICE)
    shown = [item for item in fence.needed if any(under(item, folder) for folder in folders)]
    for path in shown:
        if not any(path != other and under(path, other) for other in shown):
            yield from ("--ro-bind-try", path, path)
    for name in KEYS:
        secret = Path.home() / name
        if secret.is_dir() and not secret.is_symlink():
            yield from ("--tmpfs", str(secret))
        elif secret.is_file():
            yield from ("--ro-bind", str(fence.stand_ins / "empty"), str(secret))
