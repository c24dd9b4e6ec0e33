"""README and other documents of a repository, and the commands of its scripts."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.documents import Document, read_document
from repro_audit.facts.shell import Command, commands
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

# Links of Markdown, of reStructuredText, between documents of Sphinx, and documents that are named.
LINK = re.compile(
    r"\]\(([^)\s#]+)|`[^`<>]{1,200}<([^>\s#]+)>`_|:doc:`(?:[^`<>]*<)?([\w./-]+)>?`|"
    r"`([\w./-]{1,200}(?:\.(?:md|rst)|/))`"
)
FOLDER = re.compile(r"(?i)/readme\.\w+$")
SCRIPTS = re.compile(r"\.(sh|bash|slurm|sbatch|bat|ps1)$", re.IGNORECASE)


class Prose(NamedTuple):
    """The README, the documents it links or that stand in docs, and all other prose."""

    readme: Document | None
    documents: tuple[Document, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Prose:
        """Read every document of the project itself."""
        found: dict[str, Document] = {}
        names = (
            "readme",
            "readme.txt",
            "*.md",
            "*.rst",
            "*.markdown",
            "*.mdx",
            "install*",
            "*.org",
        )
        for file in repo.matching(*names, roles=(Role.PROSE, Role.SOURCE, Role.EXAMPLE)):
            if file.suffix in {".py", ".sh", ".ipynb", ".yaml", ".yml", ".toml", ".bat"}:
                continue
            text = repo.text(file.path)
            if text is not None:
                found[file.path] = read_document(file.path, text)
        tops = sorted(
            path for path in found if re.fullmatch(r"(?i)(docs/|\.github/)?readme(\.\w+)?", path)
        )
        tops.sort(
            key=lambda path: (path.count("/"), not path.lower().endswith((".md", ".rst")), path)
        )
        readme = found.get(tops[0]) if tops else None
        return cls(readme, tuple(found[path] for path in sorted(found)))

    def guide(self) -> tuple[Document, ...]:
        """Return the README and the documents of the repository that it links, one hop away."""
        if self.readme is None:
            return ()
        base = posixpath.dirname(self.readme.path)
        linked = {
            posixpath.normpath(posixpath.join(base, next(filter(None, found.groups()))))
            for line in self.readme.lines
            for found in LINK.finditer(line[:2000])
        }
        # Sphinx names a document without its suffix; a link to a folder shows its README.
        known = (
            item
            for item in self.documents
            if {item.path, item.path[:-4]} & linked
            or (FOLDER.search(item.path) and posixpath.dirname(item.path) in linked)
        )
        return (self.readme, *known)

    def commands(self) -> Iterator[Command]:
        """Yield the commands that the README, its links and the READMEs of folders show."""
        guide = self.guide()
        inner = [
            item
            for item in self.documents
            if item not in guide and re.search(r"(?i)/readme(\.\w+)?$", item.path)
        ]
        for document in (*guide, *(inner if self.readme else ())):
            yield from document.commands


class Scripts(NamedTuple):
    """The commands of shell scripts and batch jobs, taken apart once for all who ask."""

    commands: tuple[Command, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Scripts:
        """Read every script of the project itself."""
        return cls(
            tuple(
                command
                for file in repo.with_role(Role.SOURCE, Role.EXAMPLE)
                if SCRIPTS.search(file.path)
                for command in commands(repo.text(file.path) or "", file.path)
            )
        )


def script_commands(repo: Repository) -> Iterator[Command]:
    """Yield the commands of shell scripts and batch jobs."""
    return iter(repo.fact(Scripts).commands)
