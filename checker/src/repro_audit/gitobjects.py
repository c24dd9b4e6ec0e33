"""Commits, trees and tags out of git's object store, within bounds of size and number.

Formats: https://git-scm.com/docs/gitformat-pack. Written here and not taken from a library because
a stranger's object store is hostile input: objects that swell, deltas of deltas, stores that lead
elsewhere (alternates are not followed), links and pipes in place of files.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.gitindex import offset_number
from repro_audit.plainfile import Folder

if TYPE_CHECKING:
    from pathlib import Path

NAME = re.compile(r"[0-9a-f]{40}")
LARGEST = 16_000_000
MOST_UNPACKED = 256_000_000
MOST_PACKS = 200
MOST_HELD = 16_000_000
MOST_DELTAS = 4_100
MOST_KEPT = 2_000
KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
BY_OFFSET, BY_NAME = 6, 7
TABLE, ROW = 8, 1024
FAR = 0x80000000
BROKEN = (OSError, ValueError, IndexError, KeyError, struct.error, zlib.error)


class Pack:
    """One pack and its table of contents."""

    def __init__(self, folder: Folder, stem: str) -> None:
        """Map both files.

        Raises:
            OSError, ValueError: when they cannot be read or are none.
        """
        self.table = mapped(folder, f"{stem}.idx")
        self.data = mapped(folder, f"{stem}.pack")
        if self.table[:8] != b"\xfftOc\x00\x00\x00\x02" or self.data[:4] != b"PACK":
            raise ValueError("no pack of version 2")
        self.count = self.number(TABLE + ROW - 4)
        self.bases: dict[int, tuple[str, bytes]] = {}
        self.held = 0

    def keep(self, at: int, found: tuple[str, bytes]) -> None:
        """Keep an object that others may stand on, for a while."""
        self.held += len(found[1])
        if self.held > MOST_HELD:
            self.bases.clear()
            self.held = len(found[1])
        self.bases[at] = found

    def number(self, at: int) -> int:
        """Return the four bytes at `at` of the table as a number."""
        return int(struct.unpack_from(">I", self.table, at)[0])

    def offset(self, name: bytes) -> int | None:
        """Return where an object begins, None when it is not in this pack."""
        first = name[0]
        low = self.number(TABLE + 4 * (first - 1)) if first else 0
        high = min(self.number(TABLE + 4 * first), self.count)
        names = TABLE + ROW
        while low < high:
            middle = (low + high) // 2
            found = self.table[names + 20 * middle : names + 20 * middle + 20]
            if found == name:
                return self.place(middle)
            low, high = (middle + 1, high) if found < name else (low, middle)
        return None

    def place(self, row: int) -> int:
        """Return the offset that the table holds; a large one stands in a second table."""
        offsets = TABLE + ROW + 24 * self.count
        value = self.number(offsets + 4 * row)
        if value & FAR:
            far = offsets + 4 * self.count + 8 * (value & ~FAR)
            value = int(struct.unpack_from(">Q", self.table, far)[0])
        return value


def mapped(folder: Folder, path: str) -> mmap.mmap:
    """Map a regular file.

    Raises:
        OSError, ValueError: when it is none, or empty.
    """
    handle = folder.open(path)
    try:
        return mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(handle)


class Objects:
    """The objects below one `objects` folder; what is broken or too large is not there."""

    def __init__(self, git_dir: Path) -> None:
        """List the packs."""
        self.folder = Folder(git_dir)
        self.left = MOST_UNPACKED
        self.packs: list[Pack] = []
        self.kept: dict[str, tuple[str, bytes] | None] = {}
        names: list[str] = []
        # The folder itself may be a link to the packs of somebody else.
        if self.folder.holds("objects/pack/x"):
            found = (git_dir / "objects" / "pack").iterdir()
            names = sorted(item.stem for item in found if item.suffix == ".idx")
        for name in names[:MOST_PACKS]:
            # One broken pack must not hide the others.
            with suppress(*BROKEN):
                self.packs.append(Pack(self.folder, f"objects/pack/{name}"))

    def get(self, name: str) -> tuple[str, bytes] | None:
        """Return kind and content of an object, None when it cannot be read."""
        if name not in self.kept:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            try:
                self.kept[name] = self.find(name) if NAME.fullmatch(name) else None
            except BROKEN:
                self.kept[name] = None
        return self.kept[name]

    def find(self, name: str) -> tuple[str, bytes] | None:
        """Look in the packs, then among the loose objects.

        Raises:
            OSError, ValueError, IndexError, KeyError, struct.error, zlib.error: when it is broken.
        """
        wanted = bytes.fromhex(name)
        for pack in self.packs:
            at = pack.offset(wanted)
            if at is not None:
                return self.unpacked(pack, at)
        raw = self.folder.read(f"objects/{name[:2]}/{name[2:]}", LARGEST)
        head, _, content = self.inflated(raw, LARGEST).partition(b"\0")
        return head.partition(b" ")[0].decode("ascii"), content

    def inflated(self, raw: bytes, limit: int) -> bytes:
        """Unpack bytes up to a limit, and to that of all objects together.

        Raises:
            ValueError: when there is more.
            zlib.error: when they are broken.
        """
        engine = zlib.decompressobj()
        found = engine.decompress(raw, min(limit, self.left) + 1)
        self.left -= len(found)
        if self.left < 0 or len(found) > limit:
            raise ValueError("too large")
        return found

    def unpacked(self, pack: Pack, at: int) -> tuple[str, bytes]:
        """Return the object at an offset, its deltas applied to what they stand on.

        Raises:
            ValueError, IndexError, KeyError, struct.error, zlib.error: when it is broken.
        """
        deltas: list[tuple[int, bytes]] = []
        for _ in range(MOST_DELTAS):
            held = pack.bases.get(at)
            if held is None:
                kind, content, base = self.part(pack, at)
                if kind not in KINDS:
                    if base is None or not 0 < base < len(pack.data):
                        raise ValueError("stands on nothing")
                    deltas.append((at, content))
                    at = base
                    continue
                held = (KINDS[kind], content)
                pack.keep(at, held)
            for place, delta in reversed(deltas):
                held = (held[0], self.patched(held[1], delta))
                pack.keep(place, held)
            return held
        raise ValueError("too many deltas")

    def part(self, pack: Pack, at: int) -> tuple[int, bytes, int | None]:
        """Return kind and content of what is packed at an offset, and where its base stands."""
        start = at
        kind, size, at = head_of(pack.data, at)
        if size > LARGEST:
            raise ValueError("too large")
        base: int | None = None
        if kind == BY_OFFSET:
            back, length = offset_number(pack.data[at : at + 12], 0)
            base, at = start - back, at + length
        elif kind == BY_NAME:
            base, at = pack.offset(pack.data[at : at + 20]), at + 20
        # What does not pack at all takes a little more than its size.
        content = self.inflated(pack.data[at : at + size + size // 1_000 + 1_000], size)
        return kind, content, base

    def patched(self, base: bytes, delta: bytes) -> bytes:
        """Apply one delta.

        Raises:
            ValueError, IndexError: when it is broken or its result too large.
        """
        _, at = size_number(delta, 0)
        size, at = size_number(delta, at)
        self.left -= size
        if size > LARGEST or self.left < 0:
            raise ValueError("too large")
        found = bytearray()
        while at < len(delta):
            code = delta[at]
            at += 1
            if code & 0x80:
                offset, length, at = copied(delta, at, code)
                if offset + length > len(base):
                    raise ValueError("copies what is not there")
                found += base[offset : offset + length]
            else:
                found += delta[at : at + code]
                at += code
            if not code or len(found) > size:
                raise ValueError("no delta")
        return bytes(found)


def head_of(data: mmap.mmap, at: int) -> tuple[int, int, int]:
    """Return kind and size of the packed object at `at`, and where its content begins."""
    byte = data[at]
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80 and shift < 64:  # noqa: PLR2004 - bits
        at += 1
        byte = data[at]
        size |= (byte & 0x7F) << shift
        shift += 7
    return kind, size, at + 1


def size_number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number as deltas write sizes, and where it ends."""
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80 or shift > 64:  # noqa: PLR2004 - bits
            return value, at


def copied(delta: bytes, at: int, code: int) -> tuple[int, int, int]:
    """Return from where and how much a delta copies, and where that instruction ends."""
    numbers = [0, 0]
    for bit in range(7):
        if code & (1 << bit):
            part, shift = (0, 8 * bit) if bit < 4 else (1, 8 * (bit - 4))  # noqa: PLR2004 - bytes
            numbers[part] |= delta[at] << shift
            at += 1
    return numbers[0], numbers[1] or 0x10000, at
