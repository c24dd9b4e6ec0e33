"""What is read from git's files: tags, remotes, submodules, differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from dulwich import porcelain
from dulwich.index import IndexEntry
from dulwich.objects import ObjectID
from dulwich.repo import Repo
from repro_audit import Repository, Status, catalogue
from repro_audit.facts.history import History
from repro_audit.facts.thirdparty import ThirdParty

Commit = Callable[[Mapping[str, str]], Path]
FILES = {"a.py": "print(1)\n", "b.py": "print(2)\n"}
FIXED = b"8a1f3c5e7b9d2f4a6c8e0b1d3f5a7c9e1b3d5f70"


def test_tags_lead_to_their_commits(committed: Commit) -> None:
    root = committed(FILES)
    porcelain.tag_create(str(root), "v1")
    porcelain.tag_create(
        str(root), "v2", author=b"A <a@example.org>", message=b"Second", annotated=True
    )
    history = Repository(root).fact(History)
    assert [(tag.name, tag.commit) for tag in history.tags] == [
        ("v1", history.commit),
        ("v1.0", history.commit),
        ("v2", history.commit),
    ]


def test_packed_tags_are_read(committed: Commit) -> None:
    root = committed(FILES)
    history = Repository(root).fact(History)
    packed = f"# pack-refs with: peeled fully-peeled sorted\n{history.commit} refs/tags/old\n"
    (root / ".git/packed-refs").write_text(packed, "ascii")
    assert "old" in [tag.name for tag in Repository(root).fact(History).tags]


def test_a_remote_is_shown_without_what_signs_in(committed: Commit) -> None:
    root = committed(FILES)
    with (root / ".git/config").open("a", encoding="utf-8") as stream:
        stream.write('[remote "origin"]\n\turl = https://me:s3cret@example.org/a.git\n')
    (remote,) = Repository(root).fact(History).remotes
    assert (remote.name, remote.url) == ("origin", "https://example.org/a.git")


@pytest.mark.parametrize("name", ["config", "packed-refs", "HEAD", "index"])
@pytest.mark.parametrize("content", [b"", b"\xff\x00[", b"ref: ../../../etc/passwd\n"])
def test_damaged_files_of_git_end_in_no_error(name: str, content: bytes, committed: Commit) -> None:
    root = committed(FILES)
    (root / ".git" / name).write_bytes(content)
    history = Repository(root).fact(History)
    assert history.moved("0" * 40) is None or history.commit is None


def test_differences_between_two_commits(
    committed: Commit, step: Callable[[Path, Mapping[str, str]], None]
) -> None:
    root = committed(FILES)
    before = Repository(root).fact(History).commit
    step(root, {"b.py": "print(3)\n"})
    assert before is not None
    assert Repository(root).fact(History).moved(before) == ("b.py",)


def submodule(root: Path, url: str) -> Repository:
    (root / ".gitmodules").write_text(
        f'[submodule "ops"]\n\tpath = lib/ops\n\turl = {url}\n', "utf-8"
    )
    repo = Repo(str(root))
    index = repo.open_index()
    index[b"lib/ops"] = IndexEntry((0, 0), (0, 0), 0, 0, 0o160000, 0, 0, 0, ObjectID(FIXED))
    index.write()
    porcelain.add(repo, [str(root / ".gitmodules")])
    repo.close()
    return Repository(root)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://example.org/ops.git", Status.PASS),
        ("git@example.org:ops.git", Status.PARTIAL),
        ("../ops", Status.PARTIAL),
    ],
)
def test_a_submodule_is_fixed_by_the_index(url: str, status: Status, committed: Commit) -> None:
    repo = submodule(committed(FILES), url)
    (found,) = repo.fact(ThirdParty).submodules
    assert (found.path, found.commit) == ("lib/ops", FIXED.decode())
    assert "lib/ops" not in repo.fact(History).changed
    assert catalogue.rule("third-party-code-pinned").check(repo).status is status
