"""Which files of the tree are opened by processes of any kind, as Linux tells who asks (inotify).

https://man7.org/linux/man-pages/man7/inotify.7.html. It does not say which process opens a file;
where it does not exist, Python children alone say what they read.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repro_audit.running.snapshot import Snapshot

OPENED, OVERFLOW, IS_FOLDER = 0x20, 0x4000, 0x40000000
MOST_FOLDERS = 5_000
HEAD = struct.Struct("iIII")
BLOCK = 1 << 16


class Watch:
    """Watches the folders that there are when it begins."""

    def __init__(self) -> None:
        """Begin with nothing watched."""
        self.folders: dict[int, str] = {}
        self.opened: set[str] = set()
        self.notes: list[str] = []
        self.handle = -1
        self.stop, self.stopping = -1, -1
        self.thread: threading.Thread | None = None

    @property
    def worked(self) -> bool:
        """Whether anything was watched."""
        return bool(self.folders)

    def begin(self, before: Snapshot) -> None:
        """Watch every folder that holds a file."""
        if not sys.platform.startswith("linux"):
            return
        try:
            library = ctypes.CDLL(None, use_errno=True)
            self.handle = library.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        except (OSError, AttributeError):
            return
        if self.handle < 0:
            return
        inside = sorted({path.rpartition("/")[0] for path in before.files})
        for folder in inside[:MOST_FOLDERS]:
            full = os.fsencode(before.root / folder)
            number = library.inotify_add_watch(self.handle, full, OPENED)
            if number >= 0:
                self.folders[number] = folder
        if len(self.folders) < len(inside):
            self.notes.append(
                f"{len(inside) - len(self.folders)} folders were not watched for reading"
            )
        self.stopping, self.stop = os.pipe()
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self) -> None:
        """Take what the kernel tells until the end."""
        while True:
            ready, _, _ = select.select([self.handle, self.stopping], [], [])
            if self.handle in ready:
                self.take()
            elif self.stopping in ready:
                return

    def take(self) -> None:
        """Take one block of news."""
        try:
            raw = os.read(self.handle, BLOCK)
        except OSError:
            return
        at = 0
        while at + HEAD.size <= len(raw):
            number, what, _, length = HEAD.unpack_from(raw, at)
            name = raw[at + HEAD.size : at + HEAD.size + length].rstrip(b"\0")
            at += HEAD.size + length
            if what & OVERFLOW:
                self.notes.append("more files were opened at once than could be noted")
            elif what & OPENED and name and not what & IS_FOLDER:
                folder = self.folders.get(number, "")
                self.opened.add(f"{folder}/{os.fsdecode(name)}" if folder else os.fsdecode(name))

    def end(self) -> set[str]:
        """Stop, and return the paths that were opened."""
        if self.thread is None:
            return set()
        os.write(self.stop, b".")
        self.thread.join()
        for handle in (self.handle, self.stop, self.stopping):
            os.close(handle)
        self.thread = None
        return self.opened
