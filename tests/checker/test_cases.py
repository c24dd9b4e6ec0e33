"""Small right and wrong twins, one table for each theme: files -> practice -> status.

Each case keeps what was learned from a real repository in a few lines of its own: the reading that
went wrong there, and the nearest thing that must go on being judged the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from repro_audit import Repository, catalogue

Plant = Callable[[Mapping[str, str]], Path]
FOLDER = Path(__file__).parent / "cases"
RULES = {rule.practice.id: rule for rule in catalogue.rules()}
CASES: list[Any] = [
    pytest.param(
        case["files"],
        case.get("utf16", ()),
        case.get("links", {}),
        practice,
        status,
        id=f"{table.stem}-{name}-{practice}",
    )
    for table in sorted(FOLDER.glob("*.yaml"))
    for name, case in yaml.safe_load(table.read_text("utf-8")).items()
    for practice, status in case["expect"].items()
]


@pytest.mark.parametrize(("files", "utf16", "links", "practice", "status"), CASES)
def test_a_case_is_judged_rightly(  # noqa: PLR0913, PLR0917 - the columns of a case
    files: Mapping[str, str],
    utf16: Sequence[str],
    links: Mapping[str, str],
    practice: str,
    status: str,
    plant: Plant,
) -> None:
    root = plant(files)
    for path, target in links.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(target)
    for path in utf16:
        (root / path).write_text(files[path], "utf-16")
    verdict = RULES[practice].check(Repository(root))
    assert (verdict.status.value, verdict.summary) == (status, verdict.summary)


def test_a_case_has_a_twin_among_the_cases_or_on_the_page_of_its_practice() -> None:
    seen: dict[str, set[str]] = {}
    for case in CASES:
        *_, practice, status = case.values
        seen.setdefault(practice, set()).add(status)
    for practice, statuses in seen.items():
        statuses |= {example.status.value for example in RULES[practice].page.examples}
    assert {practice for practice, statuses in seen.items() if len(statuses) == 1} == set()
