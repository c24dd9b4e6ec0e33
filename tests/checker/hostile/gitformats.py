"""Trees whose git folder has a form that is rare: it is read, or leaves doubt."""

# ruff: noqa: E501 - the contents of files

from __future__ import annotations  # noqa: I001

import os
import struct
import zlib

from .folders import secret
from .gits import CODE, committed, index_of, loose
from .registry import plant, sparse, tree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMED = ("..", "../../..", "/", "\x00", ".", "../.git", "objects", "x" * 5_000, "../" * 1_000)


@tree("deep/")
def git_index_is_sparse(root: Path) -> None:
    """A sparse index: folders that were not checked out, and extensions of absurd sizes."""
    git = committed(root)
    names = [(b"README.md", 0o100644, 4), (b"deep/", 0o040000, 0), (b"train.py", 0o100644, 50)]
    raw = index_of(names)[:-20]
    more = b"sdir\0\0\0\0" + b"UNTR\xff\xff\xff\xff" + b"FSMN\x7f\xff\xff\xff" + b"EOIE\0\0\0\x18"
    (git / "index").write_bytes(raw + more + bytes(20))


@tree()
def git_index_is_split(root: Path) -> None:
    """An index that names another one as its base: a pipe, itself, and files outside."""
    git = committed(root)
    raw = (git / "index").read_bytes()[:-20]
    (git / "index").write_bytes(raw + b"link\0\0\0\x14" + b"\x11" * 20 + bytes(20))
    os.mkfifo(git / f"sharedindex.{'11' * 20}")
    (secret(root) / "shared").write_bytes(raw + bytes(20))
    for name in ("22", "33"):
        (git / f"sharedindex.{name * 20}").symlink_to(root.parent / "outside" / "shared")


@tree()
def git_index_of_prefixes(root: Path) -> None:
    """An index of version 4 whose names are made of those before, so that they grow without end."""
    git = committed(root)
    body = bytearray()
    for number in range(90_000):
        cut, end = (0, b"a") if number % 3_000 else (127, b"b")
        head = struct.pack(">10I20sH", 0, 0, 0, 0, 0, 0, 0o100644, 0, 0, 5, bytes(20), 1)
        body += head + bytes([cut if number else 0]) + end + b"\0"
    whole = b"DIRC" + struct.pack(">II", 4, 90_000) + bytes(body)
    (git / "index").write_bytes(whole + bytes(20))


@tree()
def git_by_sha_256(root: Path) -> None:
    """A repository whose objects are named by SHA-256, with references in a table."""
    plant(
        root,
        {
            "train.py": CODE,
            ".git/HEAD": "ref: refs/heads/.invalid\n",
            ".git/config": "[core]\n\trepositoryformatversion = 1\n[extensions]\n"
            "\tobjectformat = sha256\n\trefstorage = reftable\n\tworktreeConfig = true\n",
            ".git/config.worktree": "[core]\n\tworktree = /etc\n",
            ".git/reftable/tables.list": "../../../etc/passwd\n" * 9_000,
            ".git/refs/heads": "this repository uses the reftable format\n",
            ".git/packed-refs": "# pack-refs with: peeled\n" + f"{'a' * 64} refs/tags/v1\n^{'b' * 64}\n" * 50_000,
        },
    )  # fmt: skip
    entry = struct.pack(">10I32sH", 0, 0, 0, 0, 0, 0, 0o100644, 0, 0, 5, b"\1" * 32, 8)
    raw = b"DIRC" + struct.pack(">II", 2, 1) + entry + b"train.py\0\0\0\0\0\0"
    (root / ".git/index").write_bytes(raw + bytes(32))


@tree()
def git_common_folder_elsewhere(root: Path) -> None:
    """Work trees, modules and git folders that name each other, themselves and places outside."""
    other = committed(secret(root) / "other", ("hunter2.py",))
    committed(root)
    for at, said in enumerate(NAMED):
        here = f".git/worktrees/w{at}"
        plant(root, {f"{here}/commondir": said, f"{here}/HEAD": "ref: refs/heads/main\n",
                     f"{here}/gitdir": str(root / f"w{at}/.git"), f"{here}/index": b"DIRC",
                     f"w{at}/.git": f"gitdir: ../{here}\n", f"w{at}/train.py": CODE})  # fmt: skip
        plant(root, {f"m{at}/.git": f"gitdir: {said}", f"m{at}/train.py": CODE,
                     f".git/modules/m{at}/config": f"[core]\n\tworktree = {said}\n"})  # fmt: skip
    plant(root, {".git/commondir": str(other), ".git/gitdir": str(other),
                 "loop/.git": "gitdir: ./.git\n", "self/.git": "gitdir: .\n" * 9_000,
                 ".git/objects/info/alternates": f"{other}/objects\n" + "../objects\n" * 9_000,
                 ".git/info/grafts": "0" * 40 + "\n", ".git/shallow": "x\n" * 50_000})  # fmt: skip


@tree()
def git_attributes_without_end(root: Path) -> None:
    """Attributes, ignores, modules and mail maps of tens of thousands of lines, all of them worst."""
    git = committed(root)
    stars = "*a" * 60 + "b"
    plant(
        root,
        {
            "a" * 200 + ".py": CODE,
            ".gitattributes": f"{stars} filter=lfs diff=x -text\n[attr]m m\n" * 9_000,
            ".gitignore": f"{stars}\n!{stars}/\n**/**/**/x\n[[[[\n" * 9_000,
            ".gitmodules": "".join(f'[submodule "{n}"]\n\tpath = ../../{n}\n\turl = ext::sh -c touch% ran\n\tupdate = !touch ran\n' for n in range(9_000)),
            ".mailmap": "<a@b> <c@d>\n" * 50_000,
            ".lfsconfig": "[lfs]\n\turl = file:///etc\n\tcustomtransfer.x.path = touch\n",
            ".git/info/attributes": f"{stars} filter=x\n" * 9_000,
            ".git/info/exclude": f"{stars}\n" * 9_000,
            "data/a.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        },
    )  # fmt: skip
    with (git / "config").open("a", encoding="utf-8") as stream:
        stream.write('[remote "a"]\n\turl = ' + "https://x:y@" * 9_000 + "\n" + "[[[" * 90_000)


@tree()
def git_deltas_in_a_chain(root: Path) -> None:
    """A pack in which each of twenty thousand objects is a change of the one before."""
    git = committed(root)
    count = 20_000
    names = [b"%040x" % (number * 7919) for number in range(count)]
    pack, places = bytearray(b"PACK" + struct.pack(">II", 2, count)), []
    delta = zlib.compress(bytes([5, 5, 0x90, 5]))
    for number in range(count):
        places.append(len(pack))
        content = zlib.compress(b"tree ") if not number else delta
        pack += bytes([0x15]) if not number else bytes([0x64])
        if number:
            pack += bytes([places[number] - places[number - 1]])
        pack += content
    rows = sorted(zip((bytes.fromhex(name.decode()) for name in names), places, strict=True))
    fan = b"".join(
        struct.pack(">I", sum(name[0] <= first for name, _ in rows)) for first in range(256)
    )
    table = b"\xfftOc" + struct.pack(">I", 2) + fan + b"".join(name for name, _ in rows)
    table += bytes(4 * count) + b"".join(struct.pack(">I", place) for _, place in rows)
    plant(
        git, {"objects/pack/pack-a.pack": bytes(pack), "objects/pack/pack-a.idx": table + bytes(40)}
    )
    plant(git, {"HEAD": names[-1].decode() + "\n"})
    last = loose(git, b"commit", b"tree " + names[-1] + b"\nparent " + names[-2] + b"\n\nx\n")
    plant(git, {"refs/tags/v1": f"{last}\n"})
    sparse(git / "objects" / "pack" / "pack-b.idx", 3_000_000_000, b"\xfftOc\0\0\0\2")
