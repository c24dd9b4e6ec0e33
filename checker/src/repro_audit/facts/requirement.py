"""One declared or locked distribution, as any kind of file names it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from repro_audit import lazyre as re
from repro_audit.model import Evidence

COMMIT = re.compile(r"@[0-9a-f]{40}\b")
# `>=1.3.*`, which pip took for `>=1.3` until its version 24.1.
BOUND = re.compile(r"((?:[<>]=?|~=)\s*\d[\w.]*?)\.\*")
# What most lines are: a name, and maybe one bound. They need no parser, which takes as long to
# import as a tenth of a small audit.
SIMPLE = re.compile(
    r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*"
    r"(?:(==|!=|>=|<=|<|>)\s*([0-9]{1,9}(?:\.[0-9]{1,9})*)\s*)?"
)
CONDA = re.compile(r"^(?:[\w.-]+::)?([\w.-]+)\s*([=<>!~ ].*)?$")


class Declared(NamedTuple):
    """A distribution with what is said of its version; `hashes` counts the digests beside it."""

    name: str
    spec: str
    exact: bool
    path: str
    line: int
    group: str = ""
    hashes: int = 0
    url: str = ""
    marker: str = ""

    def evidence(self, message: str) -> Evidence:
        """Point at this line."""
        return Evidence(self.path, self.line, message)

    @property
    def version(self) -> str | None:
        """The exact version, if one is fixed."""
        found = re.match(r"^={1,3}\s*([^\s=;*,]+)", self.spec)
        return found.group(1) if self.exact and found else None

    def admits(self, version: str) -> bool:
        """Say whether `version` satisfies what is declared here; doubt counts as yes."""
        from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - see SIMPLE
        from packaging.version import Version  # noqa: PLC0415 - see SIMPLE

        try:
            return SpecifierSet(standard(self.spec)).contains(Version(version), prereleases=True)
        except ValueError:
            # Not of the standard, or a number of more digits than Python reads.
            return True


@lru_cache(maxsize=10_000)
def canonical(name: str) -> str:
    """Return the name by which indexes know a distribution.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def standard(spec: str) -> str:
    """Write poetry's `^1.2` and `~1.2` as bounds that packaging reads; all else is left as it is.

    https://python-poetry.org/docs/dependency-specification/
    """
    found = re.fullmatch(r"\s*([\^~])\s*(\d{1,9}(?:\.\d{1,9})*)\s*", spec)
    if found is None:
        return spec
    numbers = [int(part) for part in found.group(2).split(".")]
    fixed = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
    last = fixed if found.group(1) == "^" else min(1, len(numbers) - 1)
    above = [*numbers[:last], numbers[last] + 1]
    return f">={found.group(2)},<{'.'.join(map(str, above))}"


def from_pep508(
    text: str, path: str, line: int, group: str = "", hashes: int = 0
) -> Declared | None:
    """Read a requirement such as `torch==2.1 ; python_version > '3'`; None when it is not one."""
    simple = SIMPLE.fullmatch(text)
    if simple:
        name, operator, version = (part or "" for part in simple.groups())
        pinned = operator == "=="
        return Declared(canonical(name), operator + version, pinned, path, line, group, hashes)
    from packaging.requirements import Requirement as Parsed  # noqa: PLC0415 - see SIMPLE

    try:
        parsed = Parsed(BOUND.sub(r"\1", text))
        spec, marker = str(parsed.specifier), str(parsed.marker or "")
    except (ValueError, RecursionError):
        # Markers in brackets are read by recursion.
        return None
    operators = [(item.operator, item.version) for item in parsed.specifier]
    exact = len(operators) == 1 and operators[0][0] in {"==", "==="} and "*" not in operators[0][1]
    if parsed.url:
        exact = bool(COMMIT.search(parsed.url)) or "#sha256=" in parsed.url
    name = canonical(parsed.name)
    return Declared(name, spec, exact, path, line, group, hashes, parsed.url or "", marker)


def from_conda(text: str, path: str, line: int) -> Declared | None:
    """Read a conda match spec; a single `=` is a prefix, unless three numbers follow it."""
    found = CONDA.match(text.strip().strip("'\""))
    if found is None:
        return None
    spec = (found.group(2) or "").strip().replace(" ", "")
    pieces = [piece for piece in spec.split("=") if piece]
    number = pieces[0] if pieces else ""
    ranged = bool(re.search(r"[<>!~*,|]", spec))
    exact = bool(pieces) and not ranged and (spec.startswith("==") or number.count(".") > 1)
    exact = exact or (len(pieces) > 1 and not ranged)
    standard = f"=={number}" if exact else spec if ranged else f"=={number}.*" if number else ""
    return Declared(canonical(found.group(1)), standard, exact, path, line, "conda")


def from_poetry(name: str, value: object, path: str, line: int, group: str) -> Declared:
    """Read poetry's and pipenv's `name = "^1.2"` or `name = {version = ..., rev = ...}`."""
    table = value if isinstance(value, dict) else {"version": value}
    spec = str(table.get("version", "") or "")
    exact = bool(re.match(r"^={1,3}\s*\d[\w.+!-]*$|^\d[\w.+!-]*$", spec)) and "*" not in spec
    exact = exact or bool(
        re.fullmatch(r"[0-9a-f]{40}", str(table.get("rev", table.get("ref", ""))))
    )
    if re.match(r"^\d", spec):
        spec = f"=={spec}"
    url = str(table.get("git", table.get("url", "")) or "")
    return Declared(canonical(name), spec.replace(" ", ""), exact, path, line, group, 0, url)
