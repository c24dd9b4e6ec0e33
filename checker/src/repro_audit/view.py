"""A folder of a repository, looked at as a repository of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.gitindex import under
from repro_audit.plainfile import Folder
from repro_audit.repository import File, Repository
from repro_audit.roles import role_of
from repro_audit.unread import Skips

if TYPE_CHECKING:
    from collections.abc import Iterable


class View(Repository):
    """One folder as a repository of its own, with files that the root shares with it.

    Nothing is listed or read again: the files are those of `whole`, and so are their texts. A
    file of the folder hides a shared one of the same name. The role of a file is told anew,
    because a path begins at the folder here.
    """

    whole: Repository

    def __init__(self, whole: Repository, folder: str, shared: Iterable[str] = ()) -> None:
        """Restrict `whole` to `folder` and to the files at the root that are `shared`."""
        inside = f"{folder}/"
        own = (file.path for file in whole.files if file.path.startswith(inside))
        self.origins = {path: path for path in shared}
        self.origins |= {path.removeprefix(inside): path for path in own}
        self.whole, self.folder = whole, folder
        self.root = whole.root / folder
        self.asking, self.missed = [], {}
        self.skips, self.disk = Skips(self.note), Folder(self.root)
        self.links = {
            path.removeprefix(inside): target
            for path, target in whole.links.items()
            if path.startswith(inside)
        }
        self.index = under(whole.index, inside) if whole.index else None
        self.files = tuple(File(path, role_of(path)) for path in sorted(self.origins))
        self.by_path = {file.path: file for file in self.files}
        self.texts, self.facts = {}, {}

    def read(self, path: str) -> str | None:
        """Return the text that the whole repository keeps."""
        return self.whole.text(self.origins[path]) if path in self.origins else None

    def beginning(self, path: str) -> bytes:
        """Return the bytes of a very short file of the whole repository."""
        return self.whole.beginning(self.origins.get(path, ""))

    @property
    def hidden(self) -> set[str]:
        """What stands for files that nobody knows of, here or in the whole repository."""
        return self.skips.hidden | self.whole.skips.hidden

    @property
    def why(self) -> dict[str, str]:
        """Why each path was not read: the whole repository knows of most."""
        reasons = self.whole.skips
        return {path: reasons[own] for path, own in self.origins.items() if own in reasons} | {
            **self.skips
        }

    def origin(self, path: str) -> str:
        """Return the path in the whole repository; a dot is the folder."""
        if path == ".":
            return self.folder
        if path.startswith(":/"):
            return path[2:]
        return self.origins.get(path, path if path == ".git" else f"{self.folder}/{path}")
