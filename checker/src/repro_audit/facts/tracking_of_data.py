"""Which tool keeps versions of the data, and whether it tracks anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.annex import Annex
from repro_audit.facts.origins import PICTURES
from repro_audit.facts.pins import subdatasets
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.repository import Repository

LOCAL = re.compile(r"^\s*url\s*=\s*(file://|/|[A-Za-z]:\\|~|\.\.?/)")


@dataclass
class DataTracking:
    """Tracked data, what weakens it, and tools that are set up and track nothing."""

    tracked: list[Evidence] = field(default_factory=list)
    weak: list[Evidence] = field(default_factory=list)
    idle: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> DataTracking:
        """Look for DVC, Git LFS, git-annex, DataLad and submodules."""
        found = cls()
        found.dvc(repo)
        found.lfs(repo)
        found.annex(repo)
        found.tracked += subdatasets(repo)
        return found

    def dvc(self, repo: Repository) -> None:
        """DVC needs outputs and a remote that others can reach."""
        outs = [
            Evidence(file.path, number, "DVC tracks the data by its digest")
            for file in repo.matching("*.dvc", "dvc.lock")
            for number, line in enumerate(repo.lines(file.path), 1)
            if re.search(r"\b(md5|etag|checksum):\s*\S+", line)
        ]
        remotes = [
            (number, line)
            for number, line in enumerate(repo.lines(".dvc/config"), 1)
            if re.match(r"\s*url\s*=", line)
        ]
        self.tracked += outs
        if outs and not remotes:
            self.weak.append(Evidence(outs[0].path, 0, "DVC has no remote to pull from"))
        elif outs and all(LOCAL.search(line) for _, line in remotes):
            place = Evidence(".dvc/config", remotes[0][0], "the remote is a path of one machine")
            self.weak.append(place)
        elif ".dvc/config" in repo.by_path and not outs:
            self.idle.append(Evidence(".dvc/config", 1, "DVC is set up and tracks nothing"))

    def annex(self, repo: Repository) -> None:
        """A key of git-annex names exact data when it is made from the content."""
        for item in repo.fact(Annex).files:
            (self.tracked if item.digest else self.weak).append(item.evidence())

    def lfs(self, repo: Repository) -> None:
        """Git LFS needs files that its patterns match."""
        for number, line in enumerate(repo.lines(".gitattributes"), 1):
            if "filter=lfs" not in line or line.lstrip().startswith("#"):
                continue
            pattern = line.split()[0].lstrip("/").replace("**/", "")
            held = next(
                (
                    item
                    for item in repo.files
                    if fnmatch(item.path, pattern) or fnmatch(item.name, pattern)
                ),
                None,
            )
            if held is not None and held.suffix in PICTURES:
                continue
            if held is None:
                self.idle.append(Evidence(".gitattributes", number, "no file is of this pattern"))
            else:
                self.tracked.append(Evidence(held.path, 0, "Git LFS tracks the file"))
