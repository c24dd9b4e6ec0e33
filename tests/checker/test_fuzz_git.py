"""Changed and made-up git folders are read without a crash, in bounded time."""

from __future__ import annotations

import struct
import time
import zlib
from typing import TYPE_CHECKING

import pytest
from dulwich import porcelain
from dulwich.repo import Repo
from hypothesis import given
from hypothesis import strategies as st
from repro_audit.gitindex import read_index
from repro_audit.gitlog import changed_since, read_log, touched

from .fuzz.made import many
from .hostile.gits import AUTHOR, committed

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 3.0
# An example takes some 20 ms.
FEWER = 0.05
NAMES = [f"{number:02x}" * 20 for number in range(6)]
PIECES = st.one_of(
    st.sampled_from(
        [b"tree ", b"parent ", b"ref: ", b"refs/heads/main", b"../", b"\0", b"\n", b"40000 a\0",
         b"100644 a\0", b"\xff" * 4, b"\x80" * 9, b"DIRC", b"PACK", b'[remote "a"]\n', b"url = x\n"]
    ),
    st.sampled_from(NAMES).map(str.encode),
    st.sampled_from(NAMES).map(bytes.fromhex),
    st.binary(max_size=12),
)  # fmt: skip


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of git's with loose and packed objects, tags, a remote and a merge."""
    root = tmp_path_factory.mktemp("git")
    folder = committed(root, ("a.py", "lib/b.py", "README.md"))
    (root / "a.py").write_text("print(2)\n", "utf-8")
    porcelain.add(str(root), [str(root / "a.py")])
    porcelain.commit(str(root), message=b"two", author=AUTHOR, committer=AUTHOR, no_verify=True)
    porcelain.tag_create(str(root), "v1", author=AUTHOR, message=b"first", annotated=True)
    with Repo(str(root)) as repo:
        repo.object_store.pack_loose_objects()
    (root / "a.py").write_text("print(3)\n", "utf-8")
    porcelain.add(str(root), [str(root / "a.py")])
    porcelain.commit(str(root), message=b"three", author=AUTHOR, committer=AUTHOR, no_verify=True)
    with (folder / "config").open("a", encoding="utf-8") as stream:
        stream.write('[remote "origin"]\n\turl = https://me:secret@example.org/a.git\n')
    return folder


def read(folder: Path) -> float:
    """Read all that an audit may want to know of a git folder; return the seconds that it took.

    The processor's, and twice where they are many: a pause of the process is no property of git's.
    """
    taken = once(folder)
    return taken if taken < SECONDS else min(taken, once(folder))


def once(folder: Path) -> float:
    """Read once."""
    started = time.process_time()
    index = read_index(folder.parent)
    log = read_log(folder, index, "")
    head = log.commit or NAMES[0]
    changed_since(folder, NAMES[1], head)
    changed_since(folder, *(tag.commit for tag in (log.tags * 2)[:2])) if log.tags else None
    touched(folder, head, frozenset({"a.py", "lib/b.py", "a"}))
    return time.process_time() - started


@given(st.data())
@many(FEWER)
def test_a_changed_git_folder_is_read(git: Path, data: st.DataObject) -> None:
    files = sorted(path for path in git.rglob("*") if path.is_file() and "hooks" not in path.parts)
    path = data.draw(st.sampled_from(files))
    before = path.read_bytes()
    mode = path.stat().st_mode
    # What a loose object holds is changed inside, or nearly all changes would end in the unpacking.
    inside = len(path.parent.name) == 2 and data.draw(st.booleans())
    raw = zlib.decompress(before) if inside else before
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(raw))] * 2)))
    piece = b"".join(data.draw(st.lists(PIECES, max_size=4)))
    changed = data.draw(
        st.sampled_from([raw[:first] + raw[last:], raw[:first] + piece + raw[first:],
                         raw[:first] + piece + raw[last:], raw[:last] + raw[first:]])
    )  # fmt: skip
    path.chmod(0o644)
    path.write_bytes(zlib.compress(changed) if inside else changed)
    try:
        assert read(git) < SECONDS
    finally:
        path.write_bytes(before)
        path.chmod(mode)


# fmt: off
ROWS = st.lists(
    st.tuples(st.sampled_from([b"40000", b"100644", b"160000", b"9", b""]),
              st.sampled_from([b"a", b"b.py", b"..", b"", b"\xff"]), st.sampled_from(NAMES)),
    max_size=5,
).map(lambda rows: b"".join(b"%s %s\0" % row[:2] + bytes.fromhex(row[2]) for row in rows))
# fmt: on
COMMITS = st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4)).map(
    lambda said: "".join(
        [f"tree {said[0]}\n", *(f"parent {name}\n" for name in said[1]), "committer A <a> 5 +0\n\n"]
    ).encode()
)
COPIES = st.tuples(st.integers(0x80, 0xFF), st.binary(min_size=7, max_size=7)).map(
    lambda said: bytes([said[0]]) + said[1]
)
PUTS = st.binary(min_size=1, max_size=90).map(lambda raw: bytes([len(raw)]) + raw)
DELTAS = st.tuples(
    st.integers(0, 127), st.integers(0, 127), st.lists(st.one_of(COPIES, PUTS), max_size=4)
).map(lambda said: bytes(said[:2]) + b"".join(said[2]))
PARTS = st.one_of(
    st.tuples(st.just(1), COMMITS),
    st.tuples(st.just(2), ROWS),
    st.tuples(st.just(4), COMMITS),
    st.tuples(st.just(6), DELTAS),
    st.tuples(st.just(7), DELTAS),
    st.tuples(st.integers(0, 7), st.binary(max_size=40)),
)


def number(value: int, *, first: int | None = None) -> bytes:
    """Write a number as packs do; with `first`, a kind and a size."""
    found = bytearray()
    if first is not None:
        found.append(first << 4 | value & 15)
        value >>= 4
    else:
        found.append(value & 0x7F)
        value >>= 7
    while value:
        found[-1] |= 0x80
        found.append(value & 0x7F)
        value >>= 7
    return bytes(found)


def write_pack(folder: Path, parts: list[tuple[int, bytes, int, int]]) -> None:
    """Write a pack and its table; a part is kind, content, the lie about its size, and its base."""
    pack, places = bytearray(b"PACK" + struct.pack(">II", 2, len(parts))), []
    for kind, content, lie, base in parts:
        places.append(len(pack))
        pack += number(max(0, len(content) + lie), first=kind)
        if kind == 6:
            pack += bytes([max(0, len(pack) - places[base % len(places)]) & 0x7F])
        elif kind == 7:
            pack += bytes.fromhex(NAMES[base % len(NAMES)])
        pack += zlib.compress(content)
    rows = sorted(zip((bytes.fromhex(name) for name in NAMES), places, strict=False))
    fan = b"".join(
        struct.pack(">I", sum(name[0] <= first for name, _ in rows)) for first in range(256)
    )
    table = b"\xfftOc" + struct.pack(">I", 2) + fan + b"".join(name for name, _ in rows)
    table += bytes(4 * len(rows)) + b"".join(struct.pack(">I", place) for _, place in rows)
    (folder / "objects/pack/pack-a.pack").write_bytes(bytes(pack))
    (folder / "objects/pack/pack-a.idx").write_bytes(table)


@pytest.fixture(scope="module")
def bare_bones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a git folder of nothing but a head and a place for packs."""
    folder = tmp_path_factory.mktemp("made") / ".git"
    (folder / "objects/pack").mkdir(parents=True)
    (folder / "HEAD").write_text(f"{NAMES[0]}\n", "ascii")
    (folder / "packed-refs").write_text(f"{NAMES[2]} refs/tags/v1\n{NAMES[0]} refs/tags/v2\n")
    return folder


@given(
    st.lists(
        st.builds(
            lambda part, lie, base: (*part, lie, base),
            PARTS, st.sampled_from([0, 0, 0, 1, -1, 20_000_000]), st.integers(0, 5),
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
@many(FEWER)
def test_a_made_up_pack_is_read(bare_bones: Path, parts: list[tuple[int, bytes, int, int]]) -> None:
    write_pack(bare_bones, parts)
    assert read(bare_bones) < SECONDS


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([0o100644, 0o120000, 0o160000, 0o40000, 7]),
        st.sampled_from([0, 5, 0x1005, 0x4005, 0xFFFF]),
        st.sampled_from([b"\0", b"\1", b"\x05", b"\x81\x00", b"\xff" * 9]),
        st.sampled_from([b"a.py", b"lib/b.py", b"../c", b"", b"\xff/\n", b".git/config"]),
        st.sampled_from([b"\0", b"\0\0\0", b"\0" * 8, b""]),
    ),
    max_size=6,
)
EXTENSIONS = st.sampled_from(
    [b"", b"TREE" + struct.pack(">I", 26) + b"\x002 0\n" + bytes(20),
     b"TREE\xff\xff\xff\xff\0-1 0\n", b"link\0\0\0\x14" + bytes(20), b"FSMN" + bytes(9)]
)  # fmt: skip


@given(st.sampled_from([2, 3, 4, 9]), ENTRIES, st.integers(-1, 1), EXTENSIONS)
@many(FEWER)
def test_a_made_up_index_is_read(
    bare_bones: Path,
    version: int,
    entries: list[tuple[int, int, bytes, bytes, bytes]],
    more: int,
    extension: bytes,
) -> None:
    raw = b"DIRC" + struct.pack(">II", version, max(0, len(entries) + more))
    for mode, flags, cut, name, end in entries:
        raw += struct.pack(">10I20sH", 0, 0, 9, 0, 0, 0, mode, 0, 0, 5, bytes(20), flags)
        raw += (b"\0\0" if flags & 0x4000 else b"") + (cut if version == 4 else b"") + name + end
    (bare_bones / "index").write_bytes(raw + extension + bytes(20))
    assert read(bare_bones) < SECONDS
