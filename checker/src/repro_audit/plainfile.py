"""Reading below a folder without ever leaving it, waiting, or taking more than a bound.

Every file that an audit reads comes through here: nothing but a regular file below real folders
is opened, a link is an error, and a pipe that nobody writes to cannot make the reader wait.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

# Windows has no links that need no rights, and neither flag; its text mode would change bytes.
FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
BLOCK = 1 << 20


class NotPlainError(OSError):
    """What stands there is no regular file below real folders."""


class TooLargeError(OSError):
    """The file is larger than the bound."""


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what a file holds by its size, in blocks.

    A file that somebody goes on writing, maybe a log of this very reading, would have no end.

    Raises:
        TooLargeError: when the file holds more.
    """
    left = os.fstat(stream.fileno()).st_size
    while block := stream.read(BLOCK):
        left -= len(block)
        if left < 0:
            raise TooLargeError(errno.EFBIG, "grows while it is read")
        yield block


class Folder:
    """A folder below which files are read; which of its folders are real is remembered."""

    def __init__(self, root: Path) -> None:
        """Take `root` as it is: the caller says where the tree begins."""
        self.root = root
        self.base = os.fspath(root)
        self.real: dict[str, bool] = {"": True}

    def holds(self, path: str) -> bool:
        """Say whether a relative path stays below the root through real folders only."""
        parts = path.split("/")
        if os.sep != "/" and (os.sep in path or ":" in path):
            return False
        if any(part in {"", ".", ".."} for part in parts) or "\0" in path:
            return False
        folder = ""
        for part in parts[:-1]:
            folder = f"{folder}/{part}" if folder else part
            if folder not in self.real:
                self.real[folder] = self.kind(folder) == stat.S_IFDIR
            if not self.real[folder]:
                return False
        return True

    def place(self, path: str) -> str:
        """Return the path for the system; fifty thousand path objects take half a second."""
        return f"{self.base}/{path}"

    def kind(self, path: str) -> int:
        """Return the kind of file at `path` itself, 0 when there is none."""
        try:
            return stat.S_IFMT(os.lstat(self.place(path)).st_mode)
        except (OSError, ValueError):
            return 0

    def regular(self, path: str) -> bool:
        """Say whether a regular file stands at `path`."""
        return self.holds(path) and self.kind(path) == stat.S_IFREG

    def size(self, path: str) -> int:
        """Return the size of what stands at `path` itself, 0 when there is nothing."""
        try:
            return os.lstat(self.place(path)).st_size
        except (OSError, ValueError):
            return 0

    def open(self, path: str) -> int:
        """Return the descriptor of a regular file.

        Raises:
            OSError: when nothing stands there or it cannot be read.
            NotPlainError: when it is anything else, or reached through a link.
        """
        full = self.place(path)
        if not self.holds(path) or not stat.S_ISREG(os.lstat(full).st_mode):
            raise NotPlainError(errno.EINVAL, "not a regular file")
        handle = os.open(full, FLAGS)
        # Looked at again: the tree may change between the look and the opening.
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise NotPlainError(errno.EINVAL, "not a regular file")
        return handle

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a regular file of at most `limit` bytes.

        Raises:
            OSError: as `open` does.
            TooLargeError: when it is larger.
        """
        handle = self.open(path)
        with os.fdopen(handle, "rb") as stream:
            if os.fstat(handle).st_size > limit:
                raise TooLargeError(errno.EFBIG, "too large")
            return stream.read(limit)

    def blocks(self, path: str, limit: int) -> Iterator[bytes]:
        """Yield the bytes of a regular file in blocks.

        Raises:
            OSError: as `read` does.
        """
        handle = self.open(path)
        with os.fdopen(handle, "rb") as stream:
            if os.fstat(handle).st_size > limit:
                raise TooLargeError(errno.EFBIG, "too large")
            yield from blocks(stream)

    def text(self, path: str, limit: int) -> str | None:
        """Return a file as text with what is no UTF-8 replaced; None when it cannot be read."""
        try:
            return self.read(path, limit).decode("utf-8", "replace")
        except OSError:
            return None
