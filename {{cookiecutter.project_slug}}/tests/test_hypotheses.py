"""The tests of the hypotheses find what is there, and not more often than they may."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from {{cookiecutter.project_slug}}.claims import plan
from {{cookiecutter.project_slug}}.hypotheses import (
    Verdict,
    corrected_t,
    equivalence,
    holm,
    judge,
    page,
    repetition,
)

from .conftest import Configure

DIFFERENCES = np.array([0.3, 0.5, 0.4, 0.6, 0.2])


def test_without_overlap_the_corrected_test_is_students() -> None:
    ours = corrected_t(DIFFERENCES, margin=0.1, ratio=0.0)
    theirs = stats.ttest_1samp(DIFFERENCES, 0.1, alternative="greater").pvalue
    assert ours == pytest.approx(theirs)


def test_overlap_makes_the_test_more_careful() -> None:
    mean, spread = DIFFERENCES.mean(), DIFFERENCES.std(ddof=1)
    t = mean / (spread * np.sqrt(1 / 5 + 0.25))
    assert corrected_t(DIFFERENCES, margin=0.0, ratio=0.25) == pytest.approx(stats.t.sf(t, 4))


def test_equivalence_needs_both_sides() -> None:
    near = np.array([0.001, -0.002, 0.003, 0.0, -0.001])
    assert equivalence(near, bound=0.02, ratio=0.2) < 0.01
    assert equivalence(near + 0.05, bound=0.02, ratio=0.2) > 0.5
    assert equivalence(near - 0.05, bound=0.02, ratio=0.2) > 0.5


def test_holm_multiplies_by_what_is_left_and_keeps_the_order() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])).max() == 1


def test_the_verdict_says_when_a_claim_is_not_shown() -> None:
    plan = {
        "alpha": 0.01,
        "tested": [
            {"name": "A", "claim": "a", "larger": "x", "smaller": "y", "margin": 0.1},
            {"name": "B", "claim": "b", "larger": "y", "smaller": "z", "margin": 0.1,
             "equivalent": 0.05},
        ],
    }  # fmt: skip
    rng = np.random.default_rng(1)
    observed = [
        {"x": 1.0 + e, "y": 0.0, "z": e / 10, "gain": 1.0, "gain_low": 0.9, "gain_high": 1.1}
        for e in rng.normal(0, 0.01, 10)
    ]
    verdicts = judge(plan, observed, ratio=0.2)
    text = page(verdicts, observed, "Planned.")
    assert "- A holds." in text
    assert "B is not shown: the mean difference is" in text
    assert "Both are equal to within 0.05" in text


def test_nothing_is_claimed_that_is_not_observed(configure: Configure, tmp_path: Path) -> None:
    configs = {name: configure(f"model={name}") for name in ("simple", "deep")}
    observed = repetition(configs, tmp_path)
    for of in plan().hypotheses["tested"]:
        assert np.isfinite(observed[of["larger"]] - observed[of["smaller"]])
    difference = observed["simple_error"] - observed["deep_error"]
    assert observed["gain"] == pytest.approx(difference, abs=1e-3)
    stamp = (tmp_path / "observations.json").stat().st_mtime_ns
    assert repetition(configs, tmp_path) == pytest.approx(observed)
    assert (tmp_path / "observations.json").stat().st_mtime_ns == stamp, "it is not done twice"


def test_a_verdict_is_by_the_corrected_p() -> None:
    of = {"name": "A", "claim": "a", "margin": 0}
    assert Verdict(of, DIFFERENCES, 0.02, 0.01, None).sentence().startswith("A is not shown")
