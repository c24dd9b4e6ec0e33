"""Files that git-annex keeps outside of git: a link or a short text holds the key of the content.

Sources: the pages "internals", "internals/key_format", "internals/pointer_file" and "backends" of
git-annex's documentation. A locked file is a symbolic link into `.git/annex/objects`, an unlocked
one is a file that begins with `/annex/objects/`; both end in the key. Keys of WORM, URL and
external back ends name a content without its digest.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import File, Repository

KEY = re.compile(
    r"(?P<backend>[A-Z][A-Z0-9_]{1,20})(-[smSC]\d{1,20}){0,4}--(?P<name>[^/\n]{1,400})$"
)
DIGEST = re.compile(r"(SHA\d|SHA3_\d|SKEIN\d|BLAKE2|MD5)")
HEXADECIMAL = re.compile(r"^[0-9a-f]{32,128}(\.|$)")
POINTER = "/annex/objects/"
# Looking at a hundred thousand pictures for a pointer would cost more than it tells.
MOST = 20_000


class Annexed(NamedTuple):
    """One file whose content git-annex keeps, by its key."""

    path: str
    digest: bool

    def evidence(self) -> Evidence:
        """Say what the key holds."""
        held = "the digest" if self.digest else "no digest"
        return Evidence(self.path, 0, f"git-annex keeps the file, and its key holds {held}")


class Annex(NamedTuple):
    """All files that git-annex keeps."""

    files: tuple[Annexed, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Annex:
        """Read links that lead into the annex, and short files that stand for one of its keys."""
        keys = dict(keys_of(repo))
        return cls(
            tuple(Annexed(path, fixed(found)) for path, found in sorted(keys.items()) if found)
        )

    @property
    def paths(self) -> frozenset[str]:
        """The paths of these files."""
        return frozenset(item.path for item in self.files)


def keys_of(repo: Repository) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Yield each path that stands for a key."""
    for path, target in repo.links.items():
        if ".git/annex/objects/" in target:
            yield path, KEY.search(target.rpartition("/")[2])
    for file in islice(filter(may_stand, repo.files), MOST):
        first = repo.beginning(file.path).decode("utf-8", "replace").partition("\n")[0]
        if first.startswith(POINTER):
            yield file.path, KEY.search(first.removeprefix(POINTER))


def may_stand(file: File) -> bool:
    """Say whether a file is one of data by its suffix or its folder."""
    return file.role is Role.DATA or "data" in file.path.rpartition("/")[0].lower()


def fixed(key: re.Match[str]) -> bool:
    """Say whether a key is made from the content."""
    return bool(DIGEST.match(key["backend"]) and HEXADECIMAL.match(key["name"]))
