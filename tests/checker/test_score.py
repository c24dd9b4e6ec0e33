"""The laws of the score."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repro_audit import Practice, Result, Severity, Status, Verdict, catalogue
from repro_audit.model import Basis
from repro_audit.score import LEVEL_SETS, score

ASPECTS = ("dataset", "automation", "partitions")


def result(
    status: Status,
    severity: Severity = Severity.MAJOR,
    aspect: str = "dataset",
    level: str = "open",
) -> Result:
    practice = Practice("an-id", "A title", aspect, "computational", level, severity, ("S",), "0.1")
    return Result(practice, Verdict(status, "because"))


RESULTS = st.lists(
    st.builds(
        result,
        st.sampled_from(Status),
        st.sampled_from(Severity),
        st.sampled_from(ASPECTS),
        st.sampled_from(sorted(LEVEL_SETS)),
    ),
    max_size=12,
)


@given(RESULTS)
@settings(max_examples=60)
def test_low_never_exceeds_high_and_both_are_percents(results: list[Result]) -> None:
    found = score(results)
    assert 0 <= found.low <= found.high <= 100
    assert 0 <= found.coverage <= 1


@given(RESULTS, st.data())
@settings(max_examples=60)
def test_unknown_never_raises_the_low_end(results: list[Result], data: st.DataObject) -> None:
    if not results:
        return
    number = data.draw(st.integers(0, len(results) - 1))
    changed = list(results)
    changed[number] = replace(results[number], verdict=Verdict(Status.UNKNOWN, "doubt"))
    if results[number].verdict.status is not Status.NOT_APPLICABLE:
        assert score(changed).low <= score(results).low


def test_severities_weigh_five_three_and_one() -> None:
    found = score(
        [
            result(Status.PASS, Severity.BLOCKER),
            result(Status.FAIL, Severity.MAJOR),
            result(Status.PARTIAL, Severity.MINOR),
        ]
    )
    assert found.low == pytest.approx(100 * 5.5 / 9, abs=0.05)


def test_unknown_spans_the_range_and_lowers_the_coverage() -> None:
    found = score([result(Status.PASS), result(Status.UNKNOWN)])
    assert (found.low, found.high, found.coverage) == (50.0, 100.0, 0.5)


def test_not_applicable_leaves_the_denominator() -> None:
    assert score([result(Status.PASS), result(Status.NOT_APPLICABLE)]).low == 100.0


def test_the_whole_is_the_mean_of_the_aspects_and_names_the_weakest() -> None:
    found = score(
        [
            result(Status.PASS, aspect="automation"),
            result(Status.PASS, aspect="automation"),
            result(Status.FAIL, aspect="dataset"),
        ]
    )
    assert (found.low, found.weakest) == (50.0, "dataset")


def test_nothing_asked_is_nothing_kept() -> None:
    found = score([])
    assert (found.low, found.high, found.weakest) == (0.0, 0.0, None)
    assert {state for _, state in found.levels} == {"no"}


@pytest.mark.parametrize("status", [Status.FAIL, Status.PARTIAL, Status.UNKNOWN, Status.ERROR])
def test_a_blocker_that_does_not_pass_withholds_its_level(status: Status) -> None:
    results = [
        result(status, Severity.BLOCKER, level="reviewable"),
        result(Status.PASS, Severity.MAJOR, level="reviewable"),
    ]
    assert dict(score(results).levels)["reviewable"] == "no"


@pytest.mark.parametrize(("passing", "state"), [(7, "ready"), (6, "no")])
def test_a_level_needs_seven_tenths_of_its_majors(passing: int, state: str) -> None:
    majors = [Status.PASS] * passing + [Status.FAIL] * (10 - passing)
    results = [result(status, level="reviewable") for status in majors]
    assert dict(score(results).levels)["reviewable"] == state


def test_a_level_needs_eight_tenths_of_its_majors_decided() -> None:
    majors = [Status.PASS] * 7 + [Status.UNKNOWN] * 3
    results = [result(status, level="reviewable") for status in majors]
    assert dict(score(results).levels)["reviewable"] == "no"


def run_result(basis: Basis, severity: Severity = Severity.MAJOR, *, by: str = "control") -> Result:
    plain = result(Status.PASS, severity, level="replicable")
    practice = replace(plain.practice, dynamic=True, proved_by=(by,) if by else ())
    return Result(practice, plain.verdict, basis)


def test_the_proven_share_is_of_what_waits_for_a_run() -> None:
    results = [
        run_result(Basis.EXECUTED, Severity.BLOCKER),
        run_result(Basis.READ),
        run_result(Basis.READ, Severity.MINOR, by=""),
        result(Status.PASS, Severity.BLOCKER),
    ]
    assert score(results).proven == pytest.approx(5 / 9, abs=0.001)


@pytest.mark.parametrize(
    ("second", "state", "name"),
    [(Basis.EXECUTED, "proven", "replicable"), (Basis.READ, "ready", "replicable-ready")],
)
def test_a_level_is_ready_until_re_runs_have_decided_all_they_can(
    second: Basis, state: str, name: str
) -> None:
    found = score([run_result(Basis.EXECUTED), run_result(second), result(Status.PASS)])
    assert dict(found.levels)["replicable"] == state
    assert name in found.reached


def test_a_level_that_no_run_can_decide_waits_for_those_of_the_others() -> None:
    alone = result(Status.PASS, level="reviewable")
    for others, state in (([], "ready"), ([Basis.READ], "ready"), ([Basis.EXECUTED], "proven")):
        found = score([alone, *map(run_result, others)])
        assert dict(found.levels)["reviewable"] == state


def test_ninety_one_practices_wait_for_a_run() -> None:
    """All but those of which a text, a file or a person is the last word."""
    alone = {rule.practice.id for rule in catalogue.rules() if not rule.practice.dynamic}
    assert len(alone) == 10
    assert alone >= {"doc-licence", "doc-citation", "stat-hypothesis-stated"}


@given(RESULTS)
@settings(max_examples=60)
def test_mending_everything_brings_what_it_is_said_to_bring(results: list[Result]) -> None:
    found = score(results)
    mended = [
        replace(item, verdict=Verdict(Status.PASS, "kept"))
        if item.verdict.status in (Status.FAIL, Status.PARTIAL, Status.ERROR)
        else item
        for item in results
    ]
    brought = sum(points for _, points in found.gains)
    assert score(mended).low - found.low == pytest.approx(brought, abs=0.1 * len(results) + 0.1)
