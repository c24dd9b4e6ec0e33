"""The examples of every page are the tests of its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some
from repro_audit import Repository, Status, catalogue
from repro_audit.page import Example, ExampleFile, front_matter

Build = Callable[[Iterable[ExampleFile]], Path]
CASES = [
    pytest.param(rule, example, id=f"{rule.practice.id}-{example.status.value}-{number}")
    for rule in catalogue.rules()
    for number, example in enumerate(rule.page.examples)
]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_a_page_shows_what_its_rule_says(
    rule: catalogue.Rule, case: Example, example: Build
) -> None:
    repo = Repository(example(case.files))
    verdict = rule.check(repo)
    assert (verdict.status, verdict.summary) == (case.status, verdict.summary)
    if verdict.status in (Status.PASS, Status.PARTIAL, Status.FAIL):
        assert verdict.evidence
    for item in verdict.evidence:
        lines = repo.lines(item.path)
        assert item.path in {".", ".git"} or item.path in repo.by_path
        assert 0 <= item.line <= max(len(lines), 1)


@pytest.mark.parametrize("rule", catalogue.rules(), ids=lambda rule: rule.practice.id)
def test_a_page_has_a_flagged_and_a_passing_example(rule: catalogue.Rule) -> None:
    shown = {example.status for example in rule.page.examples}
    assert {Status.FAIL, Status.PASS} <= shown
    assert rule.check.__doc__ is not None
    assert rule.check.__doc__.strip().endswith(".")
    assert rule.page.sections["Why"].strip()
    assert rule.page.sections["What this rule cannot see"].strip()


def test_ids_are_unique_and_sorted() -> None:
    ids = [rule.practice.id for rule in catalogue.rules()]
    assert ids == sorted(set(ids))


@given(some.text(some.sampled_from("ab:- \n'No1.3truefalsy"), max_size=20))
def test_plain_lines_of_front_matter_are_read_as_yaml_reads_them(text: str) -> None:
    lines = "title: some words\nsources:\n- One 1\nsince: 0.1.0\ndynamic: true\n" + text
    try:
        meant = yaml.safe_load(lines)
    except (yaml.YAMLError, ValueError):
        return
    assert front_matter(lines) == meant
