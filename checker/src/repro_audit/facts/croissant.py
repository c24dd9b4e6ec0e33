"""Croissant descriptions of data sets: what they say, and which digests they hold.

Source: the Croissant format specification 1.1 of MLCommons and its RAI vocabulary. The names of
properties may carry a prefix (`sc:license`, `cr:recordSet`, `rai:dataCollection`). The package
mlcroissant stops when a file that it fetches has another digest than its description (read in
mlcroissant 1.1.1, operations/download.py).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.declarations import OPEN
from repro_audit.facts.quoting import quoted
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

LOADER = "mlcroissant.Dataset"
MARK = "mlcommons.org/croissant"
DIGEST = re.compile(r"^([0-9a-fA-F]{32,128}|[A-Za-z0-9+/]{22,88}={0,2})$")
ADDRESS = re.compile(r"^(https?|ftp|s3|gs)://\S+\.\S+")
LONGEST = 400_000
MOST = 50
MOST_PARTS = 2_000


class Description(NamedTuple):
    """One description: the text of each property that says something, its files and its splits."""

    path: str
    said: dict[str, str]
    lines: dict[str, int]
    addresses: tuple[str, ...]
    files: int
    digests: int
    splits: tuple[str, ...]

    def at(self, name: str, message: str) -> Evidence:
        """Point at a property."""
        return Evidence(self.path, self.lines.get(name, 1), message)

    @property
    def fixed(self) -> bool:
        """Whether each file that is fetched has a digest."""
        return 0 < self.files == self.digests


class Croissant(NamedTuple):
    """All descriptions of the project itself."""

    all: tuple[Description, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Croissant:
        """Read the JSON files that follow the format; others and broken ones are none."""
        files = repo.matching("*.json", "*.jsonld", roles=(Role.SOURCE, Role.EXAMPLE, Role.DATA))
        found: list[Description] = []
        for file in files:
            text = repo.text(file.path) or ""
            if MARK in text and len(text) <= LONGEST and len(found) < MOST:
                found += described(file.path, text)
        return cls(tuple(found))

    def saying(self, *names: str) -> Iterator[Evidence]:
        """Yield the properties of these names that say something."""
        for item in self.all:
            for name in names:
                if name in item.said:
                    yield item.at(name, f"{name}: {quoted(item.said[name])}")

    def digested(self) -> Iterator[Evidence]:
        """Yield the descriptions that hold the digests of their files."""
        for item in self.all:
            if item.digests:
                message = f"the description holds {item.digests} digests for {item.files} files"
                yield item.at("sha256", message)

    def addressed(self) -> Iterator[tuple[str, Evidence]]:
        """Yield the addresses of the data."""
        for item in self.all:
            for address in item.addresses:
                yield address, item.at("contentUrl", f"the data is at {quoted(address)}")


def described(path: str, text: str) -> Iterator[Description]:
    """Read one file, when it is the description of a data set."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(tree, dict) or not is_dataset(tree):
        return
    top = {plain(name): value for name, value in tree.items()}
    said = {name: text for name, value in top.items() if (text := words(value))}
    files = [item for item in listed(top.get("distribution")) if "FileObject" in kind(item)]
    # A file inside an archive is fixed by the digest of the archive.
    files = [item for item in files if not item.get("containedIn")]
    places = [top.get("url"), top.get("sameAs"), *(item.get("contentUrl") for item in files)]
    records = listed(top.get("recordSet"))
    fields = sum(len(listed(item.get("field"))) for item in records)
    if fields:
        said["recordSet"] = f"{fields} fields in {len(records)} record sets"
    yield Description(
        path,
        said,
        written(text),
        tuple(item for item in map(words, places) if ADDRESS.match(item)),
        len(files),
        sum(has_digest(item) for item in files),
        tuple(words(item.get("name")) for item in records if is_split(item)),
    )


def plain(name: str) -> str:
    """Return the name of a property without its prefix."""
    return name.rpartition("/")[2].rpartition(":")[2].lstrip("@")


def kind(item: dict[str, Any]) -> str:
    """Return the type of a node as one text."""
    return words(item.get("type"))


def is_dataset(tree: dict[str, Any]) -> bool:
    """Say whether a node follows the format and is a data set."""
    follows = MARK in words(tree.get("conformsTo") or tree.get("dct:conformsTo"))
    follows = follows or MARK in json.dumps(tree.get("@context"))[:LONGEST]
    return follows and bool(re.search(r"(^|[:/])Dataset\b", words(tree.get("@type"))))


def listed(value: object) -> list[dict[str, Any]]:
    """Return the nodes of a property, which may be one or several, under plain names."""
    items = value if isinstance(value, list) else [value]
    nodes = [item for item in items[:MOST_PARTS] if isinstance(item, dict)]
    return [{plain(name): child for name, child in node.items()} for node in nodes]


def words(value: object) -> str:
    """Return the text of a value; a placeholder says nothing."""
    if isinstance(value, str):
        return "" if OPEN.search(value[:2000]) else value.strip()
    if isinstance(value, list):
        return " ".join(filter(None, map(words, [v for v in value[:20] if isinstance(v, str)])))
    if isinstance(value, dict):
        names = ("name", "url", "@id", "@value", "value")
        return next((text for name in names if (text := words(str(value.get(name) or "")))), "")
    return str(value) if isinstance(value, (bool, int, float)) else ""


def has_digest(item: dict[str, Any]) -> bool:
    """Say whether a file has a digest, in hexadecimal or base64."""
    return any(DIGEST.match(words(item.get(name))) for name in ("sha256", "md5"))


def is_split(item: dict[str, Any]) -> bool:
    """Say whether a record set lists the parts of the data."""
    return "Split" in words(item.get("dataType")) and bool(item.get("data"))


def written(text: str) -> dict[str, int]:
    """Return the line where each property is first written."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for name in re.findall(r'"([\w:@/.-]{1,80})"\s*:', line[:2000]):
            found.setdefault(plain(name), number)
    return found


def loaded(call: Call, repo: Repository) -> tuple[str, Description | None]:
    """Return the name that a call of mlcroissant loads, and the description of that name."""
    value = repo.fact(Values).of(call.argument("jsonld", 0), call.path, call.scope)
    name = str(value.value) if value.state is State.FIXED else ""
    path = name.removeprefix("./")
    known = repo.fact(Croissant).all
    ends = (item for item in known if path and f"/{item.path}".endswith(f"/{path}"))
    return name, next(ends, None)
