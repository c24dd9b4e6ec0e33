"""A small project that keeps every practice; each spoiling breaks the one that names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from repro_audit import Report, Status, run_audit

Commit = Callable[[Mapping[str, str]], Path]
TABLE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "good_project.yaml").read_text("utf-8")
)
FILES: dict[str, str] = TABLE["files"]
SPOILINGS: dict[str, dict[str, Any]] = TABLE["spoilings"]
# Single changes of two files that contradict each other afterwards, by the practice that says so.
CLASHES: dict[str, dict[str, Any]] = TABLE["clashes"]
SCAFFOLDS: dict[str, str] = TABLE["scaffolds"]
BARE: dict[str, str] = TABLE["bare"]
# The project calls no hosted model, searches nothing and asks no live source: no subject for these.
ABSENT = set(TABLE["absent"])
SINGLE_CHANGES = 40


def spoil(name: str) -> dict[str, str]:
    change = SPOILINGS[name]
    files = dict(FILES)
    if "old" not in change:
        del files[change["path"]]
    else:
        assert change["old"] in files[change["path"]]
        files[change["path"]] = files[change["path"]].replace(change["old"], change["new"])
    return files


def test_a_good_project_passes_every_practice(committed: Commit) -> None:
    report = run_audit(committed(FILES))
    left = {
        item.practice.id: item.verdict.status
        for item in report.results
        if item.verdict.status is not Status.PASS
    }
    assert left == dict.fromkeys(ABSENT, Status.NOT_APPLICABLE)
    assert (report.score.low, report.score.coverage) == (100.0, 1.0)
    assert dict(report.score.levels) == dict.fromkeys(dict(report.score.levels), "ready")


@pytest.mark.parametrize("name", sorted(SPOILINGS))
def test_spoiling_one_thing_breaks_exactly_its_practice(name: str, committed: Commit) -> None:
    report = run_audit(committed(spoil(name)))
    found = {item.practice.id: item.verdict.status for item in report.results}
    broken = {key for key, status in found.items() if status is not Status.PASS} - ABSENT
    assert found[name] in (Status.FAIL, Status.PARTIAL)
    assert broken == set(SPOILINGS[name].get("breaks", [name]))
    assert report.score.low < 100.0


@pytest.mark.parametrize("name", sorted(CLASHES))
def test_two_places_that_differ_break_the_practice_that_names_it(
    name: str, committed: Commit
) -> None:
    practice, path, old, new = (CLASHES[name][key] for key in ("practice", "path", "old", "new"))
    assert old in FILES[path]
    report = run_audit(committed({**FILES, path: FILES[path].replace(old, new)}))
    verdicts = {item.practice.id: item.verdict for item in report.results}
    broken = {key for key, item in verdicts.items() if item.status is not Status.PASS} - ABSENT
    assert broken == {practice, *CLASHES[name].get("follows", ())}
    assert verdicts[practice].status in (Status.FAIL, Status.PARTIAL)
    assert report.score.low < 100.0


def test_there_are_enough_single_changes() -> None:
    assert len(SPOILINGS) + len(CLASHES) >= SINGLE_CHANGES


def spoiled(third: int) -> dict[str, str]:
    """Spoil the project in every third way that can be had beside the others."""
    files = dict(FILES)
    for name in sorted(SPOILINGS)[third::3]:
        change = SPOILINGS[name]
        if change.get("old", "\0") in files[change["path"]]:
            files[change["path"]] = files[change["path"]].replace(change["old"], change["new"])
    return files


@pytest.fixture(scope="module")
def middling(grown: Commit) -> list[Report]:
    """Audit the spoilt projects as they are before anything is deleted."""
    return [run_audit(grown(spoiled(third))) for third in range(3)]


@pytest.mark.parametrize("path", sorted(FILES))
@pytest.mark.parametrize("third", range(3))
def test_deleting_a_file_never_raises_the_score(
    third: int, path: str, committed: Commit, middling: list[Report]
) -> None:
    """Unless a question falls away with its subject, as those on notebooks with the only one."""
    left = {name: text for name, text in spoiled(third).items() if name != path}
    after = run_audit(committed(left))
    gone = Status.NOT_APPLICABLE
    fell_away = any(
        now.verdict.status is gone and was.verdict.status is not gone
        for was, now in zip(middling[third].results, after.results, strict=True)
    )
    assert after.score.low <= middling[third].score.low or fell_away


def test_what_deletions_are_tried_on_has_something_to_gain(middling: list[Report]) -> None:
    assert all(50.0 < report.score.low < 90.0 for report in middling)


@pytest.mark.parametrize("path", sorted(SCAFFOLDS))
def test_a_scaffold_that_nothing_calls_never_raises_the_score(
    path: str, plant: Callable[[Mapping[str, str]], Path]
) -> None:
    before = run_audit(plant(BARE)).score.low
    after = run_audit(plant({path: SCAFFOLDS[path]})).score.low
    assert after <= before
