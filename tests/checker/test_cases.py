"""Small right and wrong twins, one table for each theme: files -> practice -> status.

Each case keeps what was learned from a real repository in a few lines of its own: the reading that
went wrong there, and the nearest thing that must go on being judged the other way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from repro_audit import Repository, catalogue
from repro_audit.audit import judge
from repro_audit.facts.kind import Kind

Plant = Callable[[Mapping[str, str]], Path]
Lay = Callable[[Mapping[str, Any]], Repository]
FOLDER = Path(__file__).parent / "cases"
RULES = {rule.practice.id: rule for rule in catalogue.rules()}
NAMED: list[tuple[str, Any]] = [
    (f"{table.stem}-{name}", case)
    for table in sorted(FOLDER.glob("*.yaml"))
    for name, case in yaml.safe_load(table.read_text("utf-8")).items()
]
CASES: list[Any] = [
    pytest.param(case, practice, status, id=f"{name}-{practice}")
    for name, case in NAMED
    for practice, status in case["expect"].items()
]
KINDS: list[Any] = [
    pytest.param(case, case["kind"], id=name) for name, case in NAMED if "kind" in case
]


@pytest.fixture
def lay(plant: Plant) -> Lay:
    """Write the files of a case, in the encodings that it names, and its links."""

    def make(case: Mapping[str, Any]) -> Repository:
        root = plant(case["files"])
        for path, encoding in case.get("encodings", {}).items():
            (root / path).write_text(case["files"][path], encoding)
        for path, target in case.get("links", {}).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).symlink_to(target)
        return Repository(root)

    return make


@pytest.mark.parametrize(("case", "practice", "status"), CASES)
def test_a_case_is_judged_rightly(
    case: Mapping[str, Any], practice: str, status: str, lay: Lay
) -> None:
    verdict = judge(RULES[practice], lay(case))
    assert (verdict.status.value, verdict.summary) == (status, verdict.summary)


@pytest.mark.parametrize(("case", "kind"), KINDS)
def test_a_case_is_of_its_kind(case: Mapping[str, Any], kind: str, lay: Lay) -> None:
    assert lay(case).fact(Kind).name == kind


def test_a_case_has_a_twin_among_the_cases_or_on_the_page_of_its_practice() -> None:
    seen: dict[str, set[str]] = {}
    for case in CASES:
        _, practice, status = case.values
        seen.setdefault(practice, set()).add(status)
    for practice, statuses in seen.items():
        statuses |= {example.status.value for example in RULES[practice].page.examples}
    assert {practice for practice, statuses in seen.items() if len(statuses) == 1} == set()
