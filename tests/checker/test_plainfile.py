"""Nothing but regular files below real folders is opened, whatever a path or a `.git` says."""

from __future__ import annotations

import os
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dulwich.repo import Repo
from repro_audit import Repository
from repro_audit.facts.history import History
from repro_audit.gitindex import git_folder
from repro_audit.gitobjects import Objects
from repro_audit.plainfile import Folder, NotPlainError, TooLargeError
from repro_audit.running.files import Told
from repro_audit.verify.outputs import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "real").mkdir(parents=True)
    (root / "real" / "a.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("outside")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "up").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize(
    "path",
    ["link.txt", "up/secret.txt", "../secret.txt", "pipe", "real", "real/../../secret.txt", "",
     "/etc/passwd", "real//a.txt", "./real/a.txt", "a\0b", "up/tree/real/a.txt"],
)  # fmt: skip
def test_no_way_leads_out(path: str, folder: Path) -> None:
    with pytest.raises(NotPlainError):
        Folder(folder).read(path, 100)


def test_a_file_is_read_within_its_bound(folder: Path) -> None:
    assert Folder(folder).read("real/a.txt", 6) == b"inside"
    with pytest.raises(TooLargeError):
        Folder(folder).read("real/a.txt", 5)


@pytest.mark.skipif(sys.platform != "linux", reason="reads a file that holds more than its size")
def test_a_file_that_grows_while_it_is_read_has_no_digest() -> None:
    # As a log of the run itself does, whose digest was never done.
    assert Told().of("/proc/self/status") == (0, None)
    assert digest(Path("/proc/self/status")) == "cannot be read (grows while it is read)"


def test_a_work_tree_of_git_is_known_by_its_link_back(
    committed: Callable[[Mapping[str, str]], Path], tmp_path: Path
) -> None:
    main = committed({"a.py": "print(1)\n"})
    own = main / ".git" / "worktrees" / "other"
    own.mkdir(parents=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / ".git").write_text(f"gitdir: {own}\n")
    (own / "HEAD").write_text((main / ".git" / "HEAD").read_text())
    (own / "commondir").write_text("../..\n")
    (own / "gitdir").write_text(f"{tmp_path / 'elsewhere' / '.git'}\n")
    assert git_folder(other) is None
    (own / "gitdir").write_text(f"{other / '.git'}\n")
    assert git_folder(other) == (own, other)
    assert Repository(other).fact(History).commit == Repository(main).fact(History).commit


def test_packed_objects_are_read_as_loose_ones_are(
    committed: Callable[[Mapping[str, str]], Path],
    step: Callable[[Path, Mapping[str, str]], None],
) -> None:
    root = committed({"a.py": "x = 1\n" * 200})
    for number in range(12):
        step(root, {"a.py": "x = 1\n" * 200 + f"y = {number}\n", f"b{number}.py": "z = 2\n"})
    loose = Repository(root).fact(History)
    with Repo(str(root)) as repo:
        store = repo.object_store
        names = list(store)
        expected = {name.decode(): (store[name].type_name, store[name].as_raw_string())
                    for name in names}  # fmt: skip
        store.pack_loose_objects()
    assert not [item for item in (root / ".git" / "objects").iterdir() if len(item.name) == 2
                and any(item.iterdir())]  # fmt: skip
    objects = Objects(root / ".git")
    for name, (kind, content) in expected.items():
        assert objects.get(name) == (kind.decode(), content)
    assert Repository(root).fact(History) == loose
    assert loose.commits > 12
    assert loose.order(frozenset({"a.py"})) is not None


def test_an_object_that_swells_is_not_there(
    committed: Callable[[Mapping[str, str]], Path],
) -> None:
    root = committed({"a.py": "print(1)\n"})
    (root / ".git" / "objects" / "ab").mkdir(exist_ok=True)
    bomb = zlib.compress(b"commit 99\0" + b"\0" * 40_000_000)
    (root / ".git" / "objects" / "ab" / ("c" * 38)).write_bytes(bomb)
    objects = Objects(root / ".git")
    assert objects.get("ab" + "c" * 38) is None
    assert objects.left > 0
