"""Results that a README shows as pictures, which reading cannot take numbers from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.prose import Prose
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import RESULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

PICTURE = re.compile(r"!\[[^\]]*\]\(|<img\s|^\s*\.\. (image|figure)::", re.IGNORECASE)
BADGE = re.compile(r"badge|shields\.io", re.IGNORECASE)


def pictured(repo: Repository) -> Iterator[Evidence]:
    """Yield the pictures in the README's sections for results; what they show is not read."""
    readme = repo.fact(Prose).readme
    if readme is None:
        return
    for heading in readme.section(RESULT.pattern):
        for number in range(heading.line + 1, heading.end + 1):
            line = readme.lines[number - 1][:2000]
            if PICTURE.search(line) and not BADGE.search(line):
                yield readme.at(number, f"a picture among the results: {quoted(line)}")
