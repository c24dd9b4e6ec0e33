"""A run as a Process Run Crate: an action, what it was made with, what it read and what it wrote.

The terms are those of https://w3id.org/ro/wfrun/process/0.5 and of RO-Crate 1.1.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from repro_audit.plainfile import Folder
from repro_audit.running.record import NAME, SIGNED_IN
from repro_audit.running.source import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rocrate.rocrate import ROCrate

    from repro_audit.archive.material import Material

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
VERSION = "1.1"
LARGEST = 2_000_000_000
LICENCE = re.compile(r"LICEN[CS]E(\.(md|txt|rst))?|COPYING", re.IGNORECASE)
ORCID = re.compile(r"https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
STATES = {"finished": "CompletedActionStatus"}
REQUIREMENTS = "requirements.txt"


class Crate:
    """One archive that is being filled."""

    def __init__(self, crate: ROCrate, material: Material, scratch: Path) -> None:
        """Take an empty crate, what goes into it, and a folder for what is written for it."""
        self.crate = crate
        self.material = material
        self.record: dict[str, Any] = material.record
        self.scratch = scratch
        self.tree = Folder(material.tree.resolve())
        self.left_out: list[str] = []
        self.known: dict[str, Any] = {}

    def fill(self, agent: str) -> None:
        """Describe the run and add its files; `agent` is who ran it, a name or an ORCID."""
        record, crate = self.record, self.crate
        self.describe()
        # What git keeps for itself may hold the passwords of its servers.
        inputs = [item for item in record["inputs"] if not str(item["path"]).startswith(".git/")]
        state = STATES.get(record["state"], "FailedActionStatus")
        read = [self.file(item) for item in inputs]
        written = [self.file(item) for item in record["outputs"]]
        action = crate.add_action(
            instrument=self.program(),
            identifier=f"#run-{record['id']}",
            object=read,
            result=[*written, *self.metrics()],
            properties={
                "name": f"Run {record['id']}",
                "description": shlex.join(record["command"]),
                "startTime": record["started"],
                "endTime": record["ended"] or record["started"],
                "actionStatus": f"http://schema.org/{state}",
                "subjectOf": [{"@id": item.id} for item in self.kept()],
                **({"error": record["reason"]} if record["reason"] else {}),
            },
        )
        action["environment"] = [
            self.value(f"#variable-{name}", name, text)
            for name, text in record["variables"].items()
            if name != "PATH"
        ]
        if agent:
            action["agent"] = crate.root_dataset["author"] = self.person(agent)
        crate.root_dataset["mentions"] = action

    def describe(self) -> None:
        """Say what the archive is, and under which licence."""
        record, crate = self.record, self.crate
        profile = {"@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
        crate.metadata.extra_contexts.append(CONTEXT)
        crate.add_jsonld({"@id": PROFILE, **profile})
        crate.root_dataset["conformsTo"] = {"@id": PROFILE}
        crate.name = f"Run {record['id']}"
        crate.description = (
            f"One run of {shlex.join(record['command'])!r}, recorded by repro-audit: "
            "what it was made from, what it read, and what it wrote."
        )
        crate.datePublished = record["ended"] or record["started"]
        for path in sorted(self.tree.root.iterdir()):
            if LICENCE.fullmatch(path.name) and self.tree.regular(path.name):
                crate.license = crate.add_file(
                    path, path.name, properties={"name": "Licence", **kind(path.name)}
                )
                return
        crate.license = "not stated"

    def program(self) -> Any:
        """Describe what ran: the committed program and the packages that it found."""
        record = self.record
        packages = record["environment"]["packages"]
        home = origin(self.material.tree)
        found = {
            "@id": home or "#program",
            "@type": "SoftwareApplication",
            **({"url": home} if home else {}),
            "name": " ".join(record["command"][:2]),
            "softwareVersion": record["commit"] or "not committed",
        }
        if packages:
            lines = "".join(f"{name}=={version}\n" for name, version in sorted(packages.items()))
            (self.scratch / REQUIREMENTS).write_text(lines, "utf-8")
            told = f"The packages that were installed, for {record['environment']['python']}"
            listed = self.crate.add_file(
                self.scratch / REQUIREMENTS, REQUIREMENTS,
                properties={"name": told, "encodingFormat": "text/plain"},
            )  # fmt: skip
            found["softwareRequirements"] = {"@id": listed.id}
        return self.crate.add_jsonld(found)

    def kept(self) -> Iterable[Any]:
        """Add the record and what it kept beside it."""
        folder = Folder(self.material.kept.resolve())
        for name in (NAME, *self.material.names):
            content = hashlib.sha256(b"".join(folder.blocks(name, LARGEST))).hexdigest()
            about = {"name": name, "sha256": content, **kind(name)}
            yield self.crate.add_file(folder.root / name, f"record/{name}", properties=about)

    def file(self, item: dict[str, Any]) -> Any:
        """Add a file that the run read or wrote; without its content where that is not the same."""
        path, digest = str(item["path"]), str(item["digest"] or "").removeprefix("sha256:")
        if path in self.known and self.known[path][0] == digest:
            return self.known[path][1]
        about = {"name": path, **kind(path), **({"sha256": digest} if digest else {})}
        if item["size"] is not None:
            about["contentSize"] = str(item["size"])
        if (
            digest
            and not PRIVATE.search(path)
            and self.digest(path) == digest
            and path not in self.known
        ):
            found = self.crate.add_file(self.tree.root / path, f"data/{path}", properties=about)
        else:
            self.left_out.append(path)
            state = f"#{quote(path)}" + (f"-{digest[:12]}" if path in self.known else "")
            found = self.crate.add_jsonld({"@id": state, "@type": "CreativeWork", **about})
        self.known[path] = (digest, found)
        return found

    def digest(self, path: str) -> str:
        """Return the digest of a file of the tree; empty where there is no plain file."""
        found = hashlib.sha256()
        try:
            for block in self.tree.blocks(path, LARGEST):
                found.update(block)
        except OSError:
            return ""
        return found.hexdigest()

    def metrics(self) -> list[Any]:
        """Describe the last values of what was logged."""
        listed = sorted(self.material.metrics.items())
        return [self.value(f"#metric-{quote(name)}", name, value) for name, value in listed]

    def value(self, ident: str, name: str, value: object) -> Any:
        """Describe a named value."""
        about = {"@id": ident, "@type": "PropertyValue", "name": name, "value": str(value)}
        return self.crate.add_jsonld(about)

    def person(self, agent: str) -> Any:
        """Describe who ran it."""
        ident = agent if ORCID.fullmatch(agent) else f"#{quote(agent)}"
        return self.crate.add_jsonld({"@id": ident, "@type": "Person", "name": agent})


def kind(path: str) -> dict[str, str]:
    """Return the media type of a file by its name."""
    known = mimetypes.guess_type(path, strict=False)[0]
    return {"encodingFormat": known or "application/octet-stream"}


def origin(tree: Path) -> str:
    """Return the address from which a work tree is cloned, without names and passwords."""
    from dulwich.errors import NotGitRepository  # noqa: PLC0415 - only where git is read
    from dulwich.repo import Repo  # noqa: PLC0415

    try:
        with Repo(str(tree)) as repo:
            found = repo.get_config().get((b"remote", b"origin"), b"url").decode()
    except (KeyError, NotGitRepository, OSError, ValueError):
        return ""
    return SIGNED_IN.sub("", found) if found.startswith(("https://", "http://")) else ""
