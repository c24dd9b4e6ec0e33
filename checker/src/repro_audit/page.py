"""The page of a practice: front matter, fixed headings, and examples that are its tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from repro_audit import lazyre as re
from repro_audit.errors import ReproAuditError
from repro_audit.model import Practice, Severity, Status

# A line of front matter that YAML takes as the text that it is, but for two words.
WORDS: dict[str, Any] = {"true": True, "false": False}
PLAIN = re.compile(
    r"(?:([a-z_]+):|-)"
    r"(?: (true|false|(?!(?i:y|n|yes|no|on|off|null|true|false)$)[A-Za-z](?:[^:#]*[^:#\s])?|"
    r"\d+\.\d+\.\d+)| '([^']+)')?"
)
HEADINGS = {
    "Flagged": Status.FAIL,
    "Partial": Status.PARTIAL,
    "Passes": Status.PASS,
    "Not applicable": Status.NOT_APPLICABLE,
    "Unknown": Status.UNKNOWN,
}
REQUIRED = ("Why", "Flagged", "Passes", "How to fix", "What this rule cannot see")
FENCE = re.compile(
    r'^(?P<fence>`{3,})[\w-]*[ ]title="(?P<path>[^"]+)"(?:[ ]commit=(?P<commit>\d+))?'
    r"(?:[ ]tag=(?P<tag>\S+))?\n"
    r"(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
BLOCK = re.compile(r"^(?P<fence>`{3,}).*?^(?P=fence)$", re.MULTILINE | re.DOTALL)


class ExampleFile(NamedTuple):
    """One file of an example; `commit` numbers the commit that brings it, 0 for none.

    `tag` is set at that commit.
    """

    path: str
    text: str
    commit: int
    tag: str = ""


class Example(NamedTuple):
    """A small repository, and the status that the rule must give it."""

    name: str
    status: Status
    files: tuple[ExampleFile, ...]


@dataclass(frozen=True)
class Page:
    """One practice's page; its sections are read when asked for, which an audit never does."""

    practice: Practice
    body: str

    @cached_property
    def sections(self) -> dict[str, str]:
        """The text under each heading."""
        return dict(parts_under("## ", self.body)[1:])

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The example trees under the headings of the statuses."""
        return tuple(
            example
            for heading, status in HEADINGS.items()
            for example in examples(heading, status, self.sections.get(heading, ""))
        )


def read_page(text: str, where: str) -> Page:
    """Read a page.

    Raises:
        ReproAuditError: when front matter or a required heading is missing.
    """
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0]:  # noqa: PLR2004 - nothing, front matter, body
        raise ReproAuditError(f"The page {where} has no front matter between two lines of ---.")
    try:
        front = front_matter(parts[1])
    except ValueError as problem:
        raise ReproAuditError(f"The front matter of {where} is no YAML: {problem}.") from problem
    practice = read_practice(front, where)
    body = parts[2].strip() + "\n"
    missing = [heading for heading in REQUIRED if f"\n## {heading}\n" not in f"\n{body}"]
    if missing:
        raise ReproAuditError(f"The page {where} lacks the heading {missing[0]!r}; add it.")
    return Page(practice, body)


def front_matter(text: str) -> Any:
    """Return what front matter says.

    A hundred pages are read at each start, nearly all of plain lines, and to import a reader of
    YAML takes as long as a twentieth of a small audit: it reads the others.

    Raises:
        ValueError: when it is no YAML.
    """
    found: dict[str, Any] = {}
    listing = ""
    for line in text.splitlines():
        plain = PLAIN.fullmatch(line)
        key, word, quoted = plain.groups() if plain is not None else (None, None, None)
        value = WORDS.get(word or "", word) if quoted is None else quoted
        if plain is None or (key is None and not listing):
            from repro_audit.yamltext import load  # noqa: PLC0415 - see above

            return load(text)
        if key is None:
            found[listing] = [*(found[listing] or ()), value]
        else:
            found[key] = value
            listing = key if value is None else ""
    return found


def parts_under(mark: str, text: str) -> list[tuple[str, str]]:
    """Split at headings of one level, blind to fences; the first part has no name."""
    bare = BLOCK.sub(lambda block: " " * len(block.group()), text)
    starts = [match.start() for match in re.finditer(f"^{re.escape(mark)}", bare, re.MULTILINE)]
    ends = [*starts[1:], len(text)] if starts else []
    parts = [("", text[: starts[0]] if starts else text)]
    for start, end in zip(starts, ends, strict=True):
        title, _, rest = text[start + len(mark) : end].partition("\n")
        parts.append((title.strip(), rest))
    return parts


def read_practice(front: dict[str, Any], where: str) -> Practice:
    """Read the front matter."""
    try:
        return Practice(
            id=front["id"],
            title=front["title"],
            aspect=front["aspect"],
            type=front["type"],
            level=front["level"],
            severity=Severity(front["severity"]),
            sources=tuple(front["sources"]),
            since=str(front["since"]),
            dynamic=front.get("dynamic", False) is True,
            proved_by=tuple(front.get("proved_by", ())),
        )
    except (KeyError, ValueError, TypeError) as problem:
        raise ReproAuditError(f"The front matter of {where} is wrong at {problem}.") from problem


def examples(heading: str, status: Status, section: str) -> list[Example]:
    """Return the example trees of a section: one, or one for each `###`."""
    found: list[Example] = []
    for name, text in parts_under("### ", section):
        files = tuple(
            ExampleFile(match["path"], match["text"], int(match["commit"] or 0), match["tag"] or "")
            for match in FENCE.finditer(text)
        )
        if files:
            found.append(Example(name or heading, status, files))
    return found
