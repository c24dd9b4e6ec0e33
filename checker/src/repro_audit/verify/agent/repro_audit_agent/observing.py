"""Notes which files the program opens, and which processes it consists of.

Every note is one line, written at once: what was noted stays when the process is killed.
"""

import json
import os
import sys
import threading
import time

WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
FOLDERS = getattr(os, "O_DIRECTORY", 0)
KERNEL = ("/proc/", "/sys/", "/dev/")
MOST_NOTED = 500_000
LARGEST_BEFORE = 256_000_000
BLOCK = 1 << 20


class Notes:
    """The notes of one process and of the forks of it."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "%d-%d.jsonl" % (os.getpid(), time.time_ns()))
        self.handle = self.inode = None
        self.busy = threading.local()

    def tell(self, *fields):
        """Write one line; never into a file that got our number after the program closed ours."""
        line = (json.dumps(fields) + "\n").encode()
        try:
            seen = os.fstat(self.handle).st_ino if self.handle is not None else None
        except OSError:
            seen = None
        if seen is None or seen != self.inode:
            self.handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self.inode = os.fstat(self.handle).st_ino
        os.write(self.handle, line)


class Opened:
    """What is opened, what is put in its place, what is in a file before it goes."""

    def __init__(self, notes, began):
        self.notes = notes
        self.began = began
        self.seen = set()
        self.skipped = KERNEL + own_folders()

    def hear(self, event, arguments):
        """Look at one of the events that are watched."""
        if event == "open":
            name, flags = arguments[0], arguments[2]
            writes = bool(flags & WRITING)
            if flags & FOLDERS:
                return
        elif event == "sqlite3.connect":
            name, writes = arguments[0], True
        else:
            name, writes = arguments[1], True
        if getattr(self.notes.busy, "now", False):
            return
        self.notes.busy.now = True
        try:
            self.look(name, writes)
        except Exception:  # noqa: BLE001, S110 - never the program's fault
            pass
        finally:
            self.notes.busy.now = False

    def look(self, name, writes):
        """Note one opening, the first of its kind."""
        if isinstance(name, bytes):
            name = os.fsdecode(name)
        if not isinstance(name, str) or (name, writes) in self.seen:
            return
        if len(self.seen) > MOST_NOTED:
            return
        path = os.path.abspath(name)
        if os.path.isabs(name):
            self.seen.add((name, writes))
        elif (path, writes) in self.seen:
            return
        self.seen.add((path, writes))
        if path.startswith(self.skipped) or name == ":memory:":
            return
        if writes:
            self.notes.tell("write", path, self.before(path))
        else:
            self.notes.tell("read", path)

    def before(self, path):
        """Return the digest of a file from before the run that is about to be written to."""
        try:
            found = os.stat(path)
        except OSError:
            return None
        regular = found.st_mode & 0o170000 == 0o100000
        if not regular or found.st_mtime_ns >= self.began or found.st_size > LARGEST_BEFORE:
            return None
        import hashlib

        digest = hashlib.sha256()
        with open(path, "rb") as stream:
            while True:
                block = stream.read(BLOCK)
                if not block:
                    return "sha256:" + digest.hexdigest()
                digest.update(block)


def hook(opened):
    """Return an audit hook: a plain function, as some libraries cause it to be called all the time.

    Every `id()` is such an event, and Lightning makes a hundred in each step.
    """

    def hear(event, arguments):
        if event in {"open", "sqlite3.connect", "os.rename"}:
            opened.hear(event, arguments)

    return hear


def own_folders():
    """Return where Python keeps what it consists of: these files are the environment, not data."""
    found = {os.path.dirname(os.path.abspath(os.__file__))}
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        for name in ("lib", "lib64", "bin", "include", "share", "Lib", "DLLs", "Scripts"):
            found.add(os.path.join(prefix, name))
    found.add(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    both = found | {os.path.realpath(path) for path in found}
    folders = sorted(path.rstrip(os.sep) + os.sep for path in both)
    return (*folders, os.path.join(sys.prefix, "pyvenv.cfg"))


def begin(orders):
    """Observe this process as the orders say."""
    notes = Notes(orders["notes"])
    notes.busy.now = True
    notes.tell(
        "process", os.getpid(), os.getppid(), getattr(sys, "orig_argv", None) or [sys.executable],
        sys.version.split()[0], bool(sys.flags.hash_randomization), sys.executable or "",
    )  # fmt: skip
    from .seeds import Seeds

    Seeds(notes, orders["tree"]).begin()
    sys.addaudithook(hook(Opened(notes, orders["began"])))
    if orders.get("track"):
        from .tracking import TRACKING

        TRACKING.begin(orders, notes)
    # The children find the agent through the environment; this process needs it no longer.
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [item for item in sys.path if os.path.abspath(item or ".") != here]
    notes.busy.now = False
