"""An audit opens nothing outside the tree and its interpreter, writes nothing, runs nothing.

Every event of Python's audit hooks (https://peps.python.org/pep-0578/) is looked at; strace, where
it is installed, sees what libraries do below Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import repro_audit
from repro_audit.facts.pieces import NOWHERE

from .hostile.audited import build
from .hostile.trees import TREES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at Linux's paths")
NAMES = (
    "links-to-files-outside", "links-to-folders-outside", "link-loops", "pipes",
    "code-that-would-run", "git-that-would-run", "git-file-that-points-elsewhere",
    "git-link-that-points-elsewhere", "git-of-links-and-pipes", "git-references-outside",
    "git-alternates-outside", "git-index-that-names-files-outside", "includes-in-circles",
    "yaml-tags-and-cycles", "malformed-everything",
    "git-common-folder-elsewhere", "git-index-is-split", "names-that-are-orders",
    "records-that-are-forged", "settings-that-mean-harm", "stores-and-models-that-would-run",
)  # fmt: skip
HOOK = """
import json, os, sys
kept = open(sys.argv[1], "w")
busy = False
def hook(event, arguments):
    global busy
    if busy or event not in {"open", "os.listdir", "os.scandir", "os.walk", "subprocess.Popen",
        "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rename", "os.mkdir",
        "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.utime", "os.truncate",
        "socket.connect", "socket.getaddrinfo", "ctypes.dlopen", "shutil.rmtree"}:
        return
    busy = True
    first = arguments[0] if arguments else ""
    if isinstance(first, int):
        first = ""
    first = os.fsdecode(first) if isinstance(first, (bytes, os.PathLike)) else str(first)
    flags = arguments[2] if event == "open" and isinstance(arguments[2], int) else 0
    kept.write(json.dumps([event, first, flags]) + "\\n")
    busy = False
from repro_audit import catalogue, commands, cli
from repro_audit.render import STYLES
catalogue.rules()
sys.addaudithook(hook)
status = cli.main(["check", sys.argv[2], "--format", "json", "--untrusted"])
kept.close()
os._exit(status)
"""


def allowed(scratch: Path) -> tuple[Path, ...]:
    """Return the folders in which an audit may read: the interpreter's, ours, and the cache."""
    ours = Path(repro_audit.__file__).resolve().parent
    found = {ours, scratch, Path(sys.prefix), Path(sys.base_prefix), Path(sys.prefix).resolve()}
    return tuple(found | {Path(path).resolve() for path in sys.path if path})


def within(path: str, folders: tuple[Path, ...]) -> bool:
    """Say whether a path lies in one of the folders, by its own words."""
    plain = Path(os.path.normpath(path))
    return any(plain == folder or folder in plain.parents for folder in folders)


def environment(scratch: Path) -> dict[str, str]:
    """Return an environment with a cache of its own."""
    return {**os.environ, "XDG_CACHE_HOME": str(scratch / "cache"), "HOME": str(scratch)}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_is_opened_and_nothing_started(name: str, tmp_path: Path) -> None:
    root, scratch = build(TREES[name], tmp_path)
    log = scratch / "events"
    command = [sys.executable, "-c", HOOK, str(log), str(root)]
    done = subprocess.run(
        command, cwd=scratch, env=environment(scratch), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    events = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    inside, others = (root,), allowed(scratch)
    opened = [item for item in events if item[0] in {"open", "os.listdir", "os.scandir"}]
    assert any(within(path, inside) for _, path, _ in opened), "the hook saw nothing"
    # The mark of git is looked for in the folders above, as git does, and never found there.
    opened = [item for item in opened if item[1] not in {"", ".", NOWHERE}]
    strange = [path for _, path, _ in opened if not within(path, (*inside, *others))]
    assert strange == []
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    assert [path for _, path, flags in opened if flags & writing and within(path, inside)] == []
    started = {item[0] for item in events} & {
        "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect",
        "socket.getaddrinfo",
    }  # fmt: skip
    assert started == set()
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    "name",
    ["git-that-would-run", "links-to-folders-outside", "stores-and-models-that-would-run"],
)
def test_the_system_sees_the_same(name: str, tmp_path: Path) -> None:
    root, scratch = build(TREES[name], tmp_path)
    log = scratch / "calls"
    command = [
        "strace", "-f", "-qq", "-s", "4096", "-e", "trace=openat,open,execve,connect,rename,unlink",
        "-o", str(log), sys.executable, "-m", "repro_audit", "check", str(root), "--untrusted",
        "--format", "json",
    ]  # fmt: skip
    subprocess.run(command, cwd=scratch, env=environment(scratch), capture_output=True, check=False)
    calls = log.read_text("utf-8", "replace").splitlines()
    if not any("execve" in line for line in calls):
        pytest.skip("this system does not let strace look")
    assert sum("execve(" in line for line in calls) == 1
    assert not any("connect(" in line for line in calls)
    outside = tmp_path / "outside"
    opened = [found.group(1) for line in calls if (found := re.search(r'"([^"]+)"', line))]
    assert [path for path in opened if within(path, (outside,))] == []
    assert [path for path in opened if path.startswith(("/etc/passwd", "/root/.git"))] == []
    written = [line for line in calls if re.search(r"O_(WRONLY|RDWR|CREAT)", line)]
    assert [line for line in written if f'"{root}' in line] == []
