"""Trees whose git folder lies, is broken, leads elsewhere, or asks for programs to be run."""

from __future__ import annotations  # noqa: I001

import hashlib
import os
import struct
import zlib

from dulwich import porcelain
from dulwich.repo import Repo

from .folders import secret
from .registry import plant, sparse, tree
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path  # noqa: I001
    from collections.abc import Iterable

CODE = "import numpy as np\n\nprint(np.random.rand(3))\n"
AUTHOR = b"A Tester <tester@example.org>"


def committed(root: Path, files: Iterable[str] = ("train.py", "README.md")) -> Path:
    """Make a plain repository with one commit; return its git folder."""
    names = list(files)
    plant(root, {name: CODE if name.endswith(".py") else "# A\n" for name in names})
    repo = Repo.init(str(root))
    porcelain.add(repo, [str(root / name) for name in names])
    porcelain.commit(repo, message=b"one", author=AUTHOR, committer=AUTHOR, no_verify=True)
    repo.close()
    return root / ".git"


def index_of(entries: Iterable[tuple[bytes, int, int]]) -> bytes:
    """Write an index, version 2, from names, modes and sizes."""
    body, count = bytearray(), 0
    for name, mode, size in entries:
        head = struct.pack(">10I20sH", 0, 0, 0, 0, 0, 0, mode, 0, 0, size, b"\1" * 20,
                           min(len(name), 0xFFF))  # fmt: skip
        entry = head + name
        body += entry + b"\0" * (8 - len(entry) % 8)
        count += 1
    whole = b"DIRC" + struct.pack(">II", 2, count) + bytes(body)
    return whole + hashlib.sha1(whole, usedforsecurity=False).digest()


def loose(git: Path, kind: bytes, content: bytes) -> str:
    """Write a loose object; return its name."""
    whole = kind + b" %d\0" % len(content) + content
    name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    plant(git, {f"objects/{name[:2]}/{name[2:]}": zlib.compress(whole)})
    return name


@tree()
def git_that_would_run(root: Path) -> None:
    """Hooks, filters, fsmonitor, pager, editor, submodules, credential helpers, includes, aliases."""  # noqa: E501
    git = committed(root)
    mark = root.parent / "ran"
    touch = f"touch {mark}"
    program = root / "program.sh"
    plant(root, {"program.sh": f"#!/bin/sh\n{touch}\n", ".gitattributes": "* filter=x diff=x\n"})
    program.chmod(0o755)
    for hook in ("pre-commit", "post-checkout", "post-index-change", "fsmonitor-watchman"):
        plant(git, {f"hooks/{hook}": f"#!/bin/sh\n{touch}\n"})
        (git / "hooks" / hook).chmod(0o755)
    evil = root.parent / "outside" / "evil.config"
    plant(root.parent, {"outside/evil.config": f"[core]\n\tfsmonitor = {touch}\n[remote \"hunter2\"]\n"  # noqa: E501
                        "\turl = https://hunter2.example/x\n"})  # fmt: skip
    plant(
        git,
        {
            "config": "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
            f"\tfsmonitor = {program}\n\thooksPath = {root}\n\tpager = {touch}\n\teditor = {touch}\n"  # noqa: E501
            f"\tsshCommand = {touch}\n\tgitProxy = {touch}\n\taskPass = {program}\n"
            f"\tworktree = {root.parent}/outside\n\talternateRefsCommand = {touch}\n"
            f'[filter "x"]\n\tclean = {touch}\n\tsmudge = {touch}\n\tprocess = {touch}\n'
            f'[diff "x"]\n\tcommand = {touch}\n\ttextconv = {touch}\n[diff]\n\texternal = {touch}\n'
            f"[credential]\n\thelper = !{touch}\n[alias]\n\tstatus = !{touch}\n"
            f"[gpg]\n\tprogram = {program}\n[uploadpack]\n\tpackObjectsHook = {touch}\n"
            f'[include]\n\tpath = {evil}\n[includeIf "gitdir:**"]\n\tpath = {evil}\n'
            f'[submodule "s"]\n\tupdate = !{touch}\n\turl = ext::sh -c {touch}\n'
            f'[remote "origin"]\n\turl = ext::sh -c {touch}\n\tvcs = {touch}\n'
            f"\tuploadpack = {touch}\n",
        },
    )
    plant(root, {".gitmodules": f'[submodule "s"]\n\tpath = s\n\turl = --upload-pack={touch}\n'})


@tree()
def git_file_that_points_elsewhere(root: Path) -> None:
    """A file called .git that names a repository outside."""
    git = committed(secret(root) / "other", ("hunter2.py",))
    plant(root, {"own.py": CODE, ".git": f"gitdir: {git}\n"})


@tree()
def git_link_that_points_elsewhere(root: Path) -> None:
    """A .git that is a symbolic link to a repository outside."""
    git = committed(secret(root) / "other", ("hunter2.py",))
    plant(root, {"own.py": CODE})
    (root / ".git").symlink_to(git)


@tree()
def git_of_links_and_pipes(root: Path) -> None:
    """A git folder of which every part is a link outside or a pipe."""
    other = committed(secret(root) / "other", ("hunter2.py",))
    plant(root, {"own.py": CODE})
    (root / ".git").mkdir()
    for name in ("objects", "refs", "HEAD", "config", "index"):
        (root / ".git" / name).symlink_to(other / name)
    plant(root, {"sub/own.py": CODE, "sub/.git/HEAD": "ref: refs/heads/main\n"})
    (root / "sub" / ".git" / "refs" / "heads").mkdir(parents=True)
    (root / "sub" / ".git" / "objects").mkdir()
    os.mkfifo(root / "sub" / ".git" / "refs" / "heads" / "main")


@tree()
def git_of_pipes(root: Path) -> None:
    """A repository whose head, references, configuration and objects are pipes."""
    git = committed(root)
    for name in ("HEAD", "config", "packed-refs", "shallow", "info/grafts", "refs/tags/v1",
                 "objects/info/alternates", "objects/info/packs", "commondir"):  # fmt: skip
        (git / name).parent.mkdir(parents=True, exist_ok=True)
        (git / name).unlink(missing_ok=True)
        os.mkfifo(git / name)
    for found in list((git / "refs" / "heads").iterdir()):
        found.unlink()
        os.mkfifo(found)


@tree()
def git_head_is_a_pipe_of_a_branch(root: Path) -> None:
    """A repository whose branch is a pipe, with an object that is one too."""
    git = committed(root)
    for found in list((git / "refs" / "heads").iterdir()):
        found.unlink()
        os.mkfifo(found)
    for folder in list((git / "objects").iterdir())[:3]:
        for found in list(folder.iterdir()) if len(folder.name) == 2 else []:
            found.unlink()
            os.mkfifo(found)


@tree()
def git_references_outside(root: Path) -> None:
    """A head that names a file outside as its branch, and references that name each other."""
    git = committed(root)
    outside = secret(root)
    plant(outside, {"branch": "hunter2" * 5 + "\n"})
    plant(
        git, {"HEAD": f"ref: ../../{outside.name}/branch\n", "refs/heads/a": "ref: refs/heads/b\n"}
    )
    plant(git, {"refs/heads/b": "ref: refs/heads/a\n", "refs/tags/c": "ref: refs/tags/c\n"})


@tree()
def git_alternates_outside(root: Path) -> None:
    """Objects that are said to lie in another repository, and a common folder elsewhere."""
    other = committed(secret(root) / "other", ("hunter2.py",))
    git = committed(root)
    head = next((other / "refs" / "heads").iterdir()).read_text()
    plant(git, {"objects/info/alternates": f"{other}/objects\n"})
    for found in list((git / "refs" / "heads").iterdir()):
        found.write_text(head)
    plant(root, {"sub/own.py": CODE, "sub/.git/HEAD": "ref: refs/heads/main\n"})
    plant(root, {"sub/.git/commondir": f"{other}\n"})


@tree("/etc/passwd")
def git_index_that_names_files_outside(root: Path) -> None:
    """An index with absolute names, ways up, ways through links, and names inside .git."""
    git = committed(root)
    outside = secret(root)
    (root / "link").symlink_to(outside)
    names = [
        b"/etc/passwd", os.fsencode(outside / "secret.py"), b"../outside/secret.py", b"a/../../x.py",  # noqa: E501
        b"link/secret.py", b".git/config", b"./train.py", b"//etc/passwd", b"train.py", b"train.py/",  # noqa: E501
        b"", b".", b"..", b"a\x01.py", b"train.py\\..\\x", b"C:\\x.py",
    ]  # fmt: skip
    plant(git, {"index": index_of((name, 0o100644, 5) for name in sorted(names))})


@tree()
def git_index_is_corrupt(root: Path) -> None:
    """An index cut short, with a wrong count and of an unknown version."""
    git = committed(root)
    whole = (git / "index").read_bytes()
    parts = (whole[:40], whole[:-30], b"DIRC" + struct.pack(">II", 9, 1), b"", b"DIRC",
             b"DIRC" + struct.pack(">II", 2, 0xFFFFFFFF) + whole[12:],
             b"DIRC" + struct.pack(">II", 4, 3) + whole[12:],
             whole[:12] + b"\xff" * 400, whole + b"link" + struct.pack(">I", 2**31))  # fmt: skip
    for number, part in enumerate(parts):
        plant(root, {f"s{number}/own.py": CODE, f"s{number}/.git/HEAD": "ref: refs/heads/main\n"})
        plant(root, {f"s{number}/.git/index": part})
    plant(git, {"index": parts[5]})


@tree()
def git_index_is_huge(root: Path) -> None:
    """An index of two hundred thousand names of which none exists."""
    git = committed(root)
    names = (b"d%d/f%07d.py" % (n // 1000, n) for n in range(200_000))
    plant(git, {"index": index_of((name, 0o100644, 5) for name in names)})


@tree()
def git_index_hides_large_files(root: Path) -> None:
    """An index with the sizes of sparse gigabytes, so that their content would be compared."""
    git = committed(root)
    size = 1_000_000_000
    names = [b"big%d.bin" % n for n in range(5)]
    for name in names:
        sparse(root / name.decode(), size)
    plant(git, {"index": index_of((name, 0o100644, size) for name in names)})


@tree()
def git_objects_that_swell(root: Path) -> None:
    """A commit and a tree of a few kilobytes that unpack to gigabytes."""
    git = committed(root)
    zeros = zlib.compressobj(9)
    packed = bytearray(zeros.compress(b"commit 1500000000\0"))
    block = b"\0" * 1_000_000
    for _ in range(1_500):
        packed += zeros.compress(block)
    packed += zeros.flush()
    plant(git, {"objects/aa/" + "a" * 38: bytes(packed)})
    tree_id = "aa" + "a" * 38
    text = f"tree {tree_id}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n"
    name = loose(git, b"commit", text.encode())
    for number, found in enumerate(list((git / "refs" / "heads").iterdir())):
        found.write_text(f"{name if number == 0 else tree_id}\n")
    plant(git, {"refs/tags/bomb": f"{tree_id}\n"})


@tree()
def git_packs_that_are_corrupt(root: Path) -> None:
    """Packs and their indexes that are cut, lie about offsets, or swell by deltas."""
    git = committed(root)
    commit = "ab" * 20
    base, deltas = b"x" * 60_000, b""
    chunk = b"\x80" + b"\x90\x60\xea" * 1  # copy 60,000 bytes from the start
    delta = (
        b"\xe0\xd4\x03" + b"\xff\xff\xff\xff\x0f" + b"\xb0\x60\xea" * 60_000 + chunk[:0] + deltas
    )
    pack = b"PACK" + struct.pack(">II", 2, 2) + bytes([0xB0 | (len(base) & 15) | 0x80])
    pack += bytes([len(base) >> 4 & 0x7F | 0x80, len(base) >> 11]) + zlib.compress(base)
    second = len(pack)
    pack += bytes([0xE0 | (len(delta) & 15), len(delta) >> 4 & 0x7F | 0x80, len(delta) >> 11])
    pack += bytes([second - 12]) + zlib.compress(delta)
    fan = b"".join(struct.pack(">I", 1 if n >= 0xAB else 0) for n in range(256))
    index = b"\xfftOc" + struct.pack(">I", 2) + fan + bytes.fromhex(commit) + b"\0" * 4
    for number, offset in enumerate((second, 12, 0xFFFFFF, 0x80000000, 0x80000005)):
        whole = index + struct.pack(">I", offset) + b"\0" * 40
        plant(
            git,
            {f"objects/pack/pack-{number}.pack": pack, f"objects/pack/pack-{number}.idx": whole},
        )
    plant(git, {"objects/pack/pack-x.idx": b"\xfftOc", "objects/pack/pack-x.pack": b"PACK"})
    plant(git, {"objects/pack/pack-y.idx": b"\xff" * 1_100, "objects/pack/pack-y.pack": b""})
    for found in list((git / "refs" / "heads").iterdir()):
        found.write_text(f"{commit}\n")


@tree()
def git_is_shallow_and_lost(root: Path) -> None:
    """A shallow clone, a bare repository in the tree, and a commit whose tree is gone."""
    git = committed(root)
    plant(git, {"shallow": "0" * 40 + "\n" + "not an id\n" * 1_000})
    bare = root / "bare.git"
    bare.mkdir()
    Repo.init_bare(str(bare)).close()
    for folder in (git / "objects").iterdir():
        if len(folder.name) == 2 and (folder / next(folder.iterdir()).name).is_file():
            next(folder.iterdir()).unlink()
            break


@tree()
def git_is_bare(root: Path) -> None:
    """The audited folder is itself a bare repository."""
    Repo.init_bare(str(root)).close()
    plant(root, {"hooks/pre-commit": f"#!/bin/sh\ntouch {root.parent}/ran\n"})


@tree()
def git_references_by_the_thousand(root: Path) -> None:
    """Fifty thousand tags, a configuration of fifty thousand remotes, and names that are markup."""
    git = committed(root)
    head = next((git / "refs" / "heads").iterdir()).read_text().strip()
    packed = "".join(f"{head} refs/tags/v{n}\n" for n in range(50_000))
    plant(git, {"packed-refs": f"# pack-refs with: peeled\n{packed}^{head}\nnonsense\n"})
    remotes = "".join(f'[remote "r{n}"]\n\turl = https://a:b@x/{n}\n' for n in range(20_000))
    plant(git, {"config": remotes + '[remote "\x1b[31m<b>"]\n\turl = "x\\\n' + "[a\n" * 1_000})
    plant(git, {"refs/tags/<img src=x>|`": f"{head}\n", "refs/tags/long": "a" * 500_000})


@tree()
def git_history_that_is_wide(root: Path) -> None:
    """A commit with ten thousand parents, a chain of commits, and a tree in itself."""
    git = committed(root)
    tree_id = loose(git, b"tree", b"")
    for _ in range(100):
        tree_id = loose(git, b"tree", b"".join(
            b"40000 %s\0" % name + bytes.fromhex(tree_id) for name in (b"a", b"b", b"c", b"d")
        ))  # fmt: skip
    text = f"tree {tree_id}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n"
    last = first = loose(git, b"commit", text.encode())
    for number in range(500):
        body = (
            f"tree {tree_id}\nparent {last}\nauthor A <a> 1 +0\ncommitter A <a> {number} +0\n\nx\n"
        )
        last = loose(git, b"commit", body.encode())
    body = f"tree {tree_id}\n" + f"parent {first}\nparent {last}\n" * 10_000
    last = loose(git, b"commit", (body + "author A <a> 1 +0\ncommitter A <a> 1 +0\n\nx\n").encode())
    for found in list((git / "refs" / "heads").iterdir()):
        found.write_text(f"{last}\n")
    record = f'{{"schema": "repro-audit/record/v1", "commit": "{first}", "equal": true,'
    plant(root, {"repro-record.json": record + ' "variations": []}'})


@tree()
def git_trees_that_hold_themselves(root: Path) -> None:
    """A tree that holds itself a hundred thousand times, under a name that is not its own."""
    git = committed(root)
    name = "ab" * 20
    rows = b"".join(b"40000 %06d\0" % n + bytes.fromhex(name) for n in range(100_000))
    plant(git, {f"objects/ab/{name[2:]}": zlib.compress(b"tree %d\0" % len(rows) + rows)})
    text = f"tree {name}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n"
    head = loose(git, b"commit", text.encode())
    for found in list((git / "refs" / "heads").iterdir()):
        found.write_text(f"{head}\n")
    first = loose(git, b"commit", text.replace(name, loose(git, b"tree", b"")).encode())
    record = f'{{"schema": "repro-audit/record/v1", "commit": "{first}", "equal": true,'
    plant(root, {"repro-record.json": record + ' "variations": []}'})


@tree()
def git_history_of_huge_trees(root: Path) -> None:
    """Sixteen commits with trees of a quarter million rows, and a plan whose age lies in them."""
    files = ("preregistration.md", "results/results.csv", "train.py", "README.md")
    git = committed(root, files)
    plan = (
        "# Plan\n\nThe primary metric is macro F1 on the test part. Ten seeds, 1 to 10, are run\n"
        "and counted. The models are compared once, by a paired test at alpha 0.05.\n"
    )
    said = "# A\n\nThe deep model is significantly better (p = 0.03).\n"
    table = "model,accuracy\nA,0.91\n"
    plant(root, dict(zip(files, (plan, table, "import torch\n", said), strict=True)))
    blob = bytes(20)
    parent = ""
    for number in range(16):
        rows = b"".join(b"100644 %d_%06d\0" % (number, n) + blob for n in range(240_000))
        text = f"tree {loose(git, b'tree', rows)}\n{parent}author A <a> 1 +0000\n"
        head = loose(git, b"commit", f"{text}committer A <a> {number} +0000\n\nx\n".encode())
        parent = f"parent {head}\n"
    for found in list((git / "refs" / "heads").iterdir()):
        found.write_text(f"{head}\n")
