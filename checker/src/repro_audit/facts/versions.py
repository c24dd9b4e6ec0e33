"""Versions that documents and metadata state, compared with the tags of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import read_yaml
from repro_audit.facts.history import History
from repro_audit.facts.prose import Prose
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.gitstore import Tag
    from repro_audit.repository import Repository

PAPER = re.compile(
    r"paper|camera[-_]?ready|submission|arxiv|preprint|publi|thesis|reproduc|results|artifact|"
    r"(neurips|nips|icml|iclr|cvpr|iccv|eccv|acl|emnlp|naacl|aaai|ijcai|kdd|miccai|tmlr|jmlr)",
    re.IGNORECASE,
)
CHANGES = ("changelog*", "changes*", "history.md", "history.rst", "news*", "releases.md")


class Stated(NamedTuple):
    """A version or tag that is named in a file, and the tag it means, when there is one."""

    evidence: Evidence
    tag: str | None


class Versions(NamedTuple):
    """What is stated; tags that are named for a publication."""

    stated: tuple[Stated, ...]
    published: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Versions:
        """Read the citation file, lists of changes and the README."""
        tags = repo.fact(History).tags
        by_version = {tag.name.lower().removeprefix("v").lstrip(".-"): tag.name for tag in tags}
        stated = [*cited(repo, by_version), *changed(repo, by_version), *named(repo, tags)]
        published = tuple(
            Evidence(".git", 0, f"the tag {tag.name} marks {tag.commit[:12]}")
            for tag in tags
            if PAPER.search(tag.name)
        )
        return cls(tuple(stated), published)


def cited(repo: Repository, tags: dict[str, str]) -> Iterator[Stated]:
    """Yield the version of the citation file."""
    for file in repo.matching("citation.cff"):
        for entry in read_yaml(file.path, repo.text(file.path) or ""):
            if entry.key == "version" and entry.value is not None:
                version = str(entry.value)
                seen = entry.evidence(f"version {version[:40]} is to be cited")
                yield Stated(seen, tags.get(version.lower().removeprefix("v")))


def changed(repo: Repository, tags: dict[str, str]) -> Iterator[Stated]:
    """Yield the versions that a list of changes names."""
    for file in repo.matching(*CHANGES):
        if file.suffix not in {".md", ".rst", ".txt", ""}:
            continue
        for number, line in enumerate(repo.lines(file.path)[:2_000], 1):
            found = re.match(r"^[#=*\s\[v]*(\d+\.\d+[\w.-]*)", line[:200])
            if found:
                seen = Evidence(file.path, number, f"changes of {found.group(1)}")
                yield Stated(seen, tags.get(found.group(1).lower()))


def named(repo: Repository, tags: tuple[Tag, ...]) -> Iterator[Stated]:
    """Yield the lines of the README and its documents that name a tag."""
    names = {tag.name for tag in tags}
    for document in repo.fact(Prose).guide():
        for number, line in enumerate(document.lines, 1):
            if "git checkout" in line or re.search(r"\b(tag|release|version)\b", line[:500]):
                words = set(re.findall(r"[\w./-]+", line[:500]))
                words |= {word.rstrip(".") for word in words}
                for word in sorted(words & names):
                    yield Stated(document.at(number, f"names the tag {word}"), word)
