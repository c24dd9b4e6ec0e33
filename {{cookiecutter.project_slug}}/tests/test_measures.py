"""The statistics of an evaluation agree with what can be known of them otherwise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hydra.utils import instantiate
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from {{cookiecutter.project_slug}} import anomalies, intervals
from {{cookiecutter.project_slug}}.data import ProjectData
from {{cookiecutter.project_slug}}.identification import calibration_error, reliability
from {{cookiecutter.project_slug}}.measures import feature_sets
from {{cookiecutter.project_slug}}.models import Autoencoder
from {{cookiecutter.project_slug}}.noise_floor import noise_floor, twins
from {{cookiecutter.project_slug}}.probes import Parts, Probe, probe, residuals
from {{cookiecutter.project_slug}}.reconstruction import physical, seen
from {{cookiecutter.project_slug}}.shifts import shifted

from .conftest import Configure

RNG = np.random.default_rng(3)
POSITIVE = np.arange(400) % 2 == 0
SCORE = RNG.normal(size=400) + POSITIVE
COUNTS = intervals.resamples(np.arange(400), seed=1, n=50)


def test_a_weighted_auc_is_that_of_the_repeated_events() -> None:
    found = intervals.auc(SCORE, POSITIVE)(COUNTS)
    repeats = [np.repeat(np.arange(400), counts.astype(int)) for counts in COUNTS]
    expected = [roc_auc_score(POSITIVE[drawn], SCORE[drawn]) for drawn in repeats]
    # Ties with itself count half in scikit-learn's; a positive event never ties with a negative.
    assert found == pytest.approx(expected)


def test_the_merit_factors_of_gaussian_classes_are_their_distance() -> None:
    rng = np.random.default_rng(4)
    positive = np.arange(200_000) % 2 == 0
    score = rng.normal(size=len(positive)) + 1.5 * positive
    once = np.ones((1, len(positive)))
    for statistic in (intervals.merit_factor, intervals.merit_factor_of_auc):
        assert statistic(score, positive)(once)[0] == pytest.approx(1.5 / np.sqrt(2), abs=0.01)
    stretched = np.sinh(3 * score)
    assert intervals.merit_factor_of_auc(stretched, positive)(once)[0] == pytest.approx(
        1.5 / np.sqrt(2), abs=0.01
    )
    assert intervals.merit_factor(stretched, positive)(once)[0] < 0.5


def test_an_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    values = np.random.default_rng(5).normal(2, 1, 1000)
    found = intervals.estimate(intervals.mean(values), intervals.resamples(np.arange(1000), seed=1))
    half = norm.ppf(0.975) * values.std() / np.sqrt(1000)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.005)
    assert found.high == pytest.approx(values.mean() + half, abs=0.005)


def test_copies_of_a_shower_are_drawn_together_and_widen_the_interval() -> None:
    shower_id = np.repeat(np.arange(100), 10)
    counts = intervals.resamples(shower_id, seed=1)
    assert (counts.reshape(len(counts), 100, 10) == counts[:, ::10, None]).all()
    values = np.repeat(np.random.default_rng(6).normal(size=100), 10)
    wide = intervals.estimate(intervals.mean(values), counts)
    narrow = intervals.estimate(intervals.mean(values), intervals.resamples(np.arange(1000), 1))
    assert wide.high - wide.low > 2.5 * (narrow.high - narrow.low)


def test_a_class_that_is_not_there_gives_no_number_and_no_warning() -> None:
    nobody = np.zeros(5, dtype=bool)
    found = intervals.estimate(intervals.auc(np.arange(5.0), nobody), np.ones((10, 5)))
    assert np.isnan(found).all()


def test_spread_and_root_mean_square_are_those_of_the_drawn_values() -> None:
    drawn = np.array([[1.0, 2.0, 0.0, 1.0]])
    values = np.array([1.0, 4.0, 100.0, 7.0])
    repeated = np.array([1.0, 4.0, 4.0, 7.0])
    assert intervals.spread(values)(drawn) == pytest.approx(repeated.std())
    assert intervals.root_mean_square(values)(drawn) == pytest.approx(np.hypot(repeated.std(), 4))


def test_a_balanced_accuracy_is_that_of_classes_and_not_of_events() -> None:
    truth, correct = np.array([1, 1, 1, 56]), np.array([True, True, True, False])
    assert intervals.balanced(correct, truth)(np.ones((1, 4)))[0] == 0.5


def test_the_hadron_rate_is_read_off_at_half_the_photons() -> None:
    photon = np.array([True] * 4 + [False] * 10)
    score = np.array([9.0, 7, 3, 1, 8, *np.zeros(9)])
    assert anomalies.hadron_rate(score, photon)(np.ones((1, 14)))[0] == pytest.approx(0.1)


def events(rng: np.random.Generator, n: int, shift: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"lgE_rec": rng.uniform(18.6, 19.4, n) - shift, "theta": rng.uniform(0, 60, n)}
    )


def test_matched_nuclei_are_reconstructed_as_photons_are() -> None:
    rng = np.random.default_rng(7)
    both = pd.concat([events(rng, 3000, 0.0), events(rng, 1000, 0.3)], ignore_index=True)
    photon = np.arange(4000) >= 3000
    weight = anomalies.matching(both, photon)
    fair = intervals.auc(-both.lgE_rec.to_numpy(), photon)
    assert fair(np.ones((1, 4000)))[0] > 0.75, "the smaller energy alone gives photons away"
    assert fair(weight[None])[0] == pytest.approx(0.5, abs=0.06)


def test_what_lies_far_from_the_training_part_is_strange_to_the_density_alone() -> None:
    rng = np.random.default_rng(8)
    known = {"train": rng.normal(size=(2000, 2)), "test": rng.normal(size=(400, 2))}
    codes = {part: rng.normal(size=(len(each), 3)) for part, each in known.items()}
    codes["test"][:200] += 6
    error = {part: 10 ** (each[:, 0]) for part, each in known.items()}
    found = anomalies.scores(error, codes, known, seed=1)
    strange = np.arange(400) < 200
    assert roc_auc_score(strange, found["density"]) > 0.99
    assert roc_auc_score(strange, found["error"]) == pytest.approx(0.5, abs=0.1)
    assert np.abs(found["residual"]).max() < 1e-6, "this error is foretold by the context"


def test_residuals_know_nothing_of_the_context() -> None:
    rng = np.random.default_rng(9)
    known = {part: rng.normal(size=(n, 2)) for part, n in (("train", 1000), ("test", 500))}
    hidden = {part: rng.normal(size=(len(each), 1)) for part, each in known.items()}
    values = {
        part: each[:, :1] ** 2 + 3 * each[:, 1:] + hidden[part] for part, each in known.items()
    }
    left = residuals(values, known)
    assert np.corrcoef(left["test"][:, 0], hidden["test"][:, 0])[0, 1] > 0.99


def test_a_quadratic_probe_sees_what_a_linear_one_cannot() -> None:
    rng = np.random.default_rng(10)
    x = {part: rng.normal(size=(2000, 2)) for part in ("train", "test")}
    masses = np.array([1, 14, 56])
    product = {part: each[:, 0] * each[:, 1] for part, each in x.items()}
    primary = {part: masses[np.digitize(each, (-0.3, 0.3))] for part, each in product.items()}
    assert probe(x, primary, degree=1).correct.mean() < 0.6
    found = probe(x, primary, degree=2)
    assert found.correct.mean() > 0.9
    assert found.confusion().sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    pair = found.extremes
    assert roc_auc_score(found.truth[pair] == 56, found.score[pair]) > 0.99


def answers(confidence: float, share: float) -> Probe:
    """A probe that gives 1000 answers, all with one confidence, of which a share is right."""
    events = np.zeros((1000, 1))
    found = probe(
        {"train": np.array([[-1.0], [1.0], [0.0]] * 9), "test": events},
        {"train": np.array([1, 56, 14] * 9), "test": np.full(1000, 14)},
        degree=1,
    )
    logits = np.log(np.tile([confidence, 1 - confidence - 1e-6, 1e-6], (1000, 1)))
    truth = np.where(np.arange(1000) < 1000 * share, found.classes[0], found.classes[1])
    return Probe(found.model, logits, truth)


@pytest.mark.parametrize(("share", "error"), [(0.75, 0.0), (0.55, 0.2)])
def test_a_probe_that_is_too_sure_has_a_calibration_error(share: float, error: float) -> None:
    found = answers(0.75, share)
    assert calibration_error(found, np.ones((3, 1000))).value == pytest.approx(error, abs=1e-3)
    (row,) = reliability(found).itertuples()
    assert (row.events, row.correct) == (1000, share)
    assert row.confidence == pytest.approx(0.75)


def test_a_reconstruction_that_is_too_large_or_too_slow_is_off_by_just_that(
    configure: Configure,
) -> None:
    module = ProjectData.of(configure().data)
    raw = torch.from_numpy(module.raw("test"))
    x, y = module.standardise(raw), module.standardise(1.1 * raw.clamp(min=0))
    off = physical(module.standardise, x, y)
    assert off["signal"] == pytest.approx(np.log(1.1), abs=1e-3)
    assert off["rise"] == pytest.approx(0, abs=0.5), "its shape is the same"
    slow = raw.clone()
    slow[:, :, 8:] = raw[:, :, 8:].repeat_interleave(2, dim=2)[:, :, :120]
    stretched = physical(module.standardise, x, module.standardise(slow))
    assert np.median(stretched["rise"]) > 50


def test_no_feature_knows_the_truth_or_the_label(configure: Configure) -> None:
    module = ProjectData.of(configure().data)
    model: Autoencoder = instantiate(configure("model=simple").model, **module.for_model())

    def sets(*without: str) -> dict[str, Parts]:
        tables = {part: module.events(part).drop(columns=[*without]) for part in ("train", "test")}
        return feature_sets(
            {part: seen(model, module.parts[part], of, 1.0) for part, of in tables.items()}
        )

    hidden = [name for name in module.events("test") if name.startswith("mc_")]
    assert len(hidden) == 7
    for name, features in sets(*hidden, "A").items():
        assert np.array_equal(features["test"], sets()[name]["test"])


def test_other_hadrons_change_the_answers_of_a_probe(configure: Configure) -> None:
    module = ProjectData.of(configure().data)
    torch.manual_seed(1)
    model: Autoencoder = instantiate(configure("model=simple").model, **module.for_model())
    model.standardise.load_state_dict(module.standardise.state_dict())
    parts = {
        part: seen(model, module.parts[part], module.events(part), 1.0)
        for part in ("train", "test")
    }
    primary = {part: of.events.A.to_numpy() for part, of in parts.items()}
    found = shifted(model, module, probe(feature_sets(parts)["latent"], primary, 1), 400)
    assert len(found) == 9
    assert found["iron_share_muons"].value > found["iron_share_same"].value
    assert found["proton_share_epos"].value != found["proton_share_same"].value
    assert found["accuracy_same"].low < found["accuracy_same"].value < found["accuracy_same"].high


def test_twins_are_the_same_showers_with_other_noise() -> None:
    first, second = twins(200, seed=1)
    signals, others = first.sum(axis=2), second.sum(axis=2)
    assert not np.array_equal(first, second)
    assert np.corrcoef(np.log(signals.ravel()), np.log(others.clip(0.1).ravel()))[0, 1] > 0.95


def test_the_noise_floor_is_the_variance_of_one_detection() -> None:
    floor = noise_floor(300, lambda traces: np.log10(1 + traces.clip(0) / 0.3) / 3, seed=1)
    assert floor.shape == (300,)
    assert floor.mean() * 1e4 == pytest.approx(8.3, rel=0.1)


def test_the_loss_of_the_variational_model_knows_the_noise_of_the_detector(
    configure: Configure,
) -> None:
    standardise = ProjectData.of(configure().data).standardise
    model = configure("model=variational").model
    both = twins(500, seed=1)
    signal = np.mean([of.clip(0) for of in both], axis=0)
    x, y = (standardise.logarithm(torch.from_numpy(of)) for of in both)
    off = ((x - y) / standardise.scale).numpy()
    expected = standardise.logarithm(torch.from_numpy(signal)) - standardise.mean
    noise = standardise.noise(expected / standardise.scale, model.pedestal, model.shot).numpy()
    for low, high, known in ((0, 0.01, 0.01), (0.3, 1, 0.44), (3, 10, 0.21), (100, 201, 0.03)):
        inside = (signal >= low) & (signal < high)
        assert np.sqrt(0.5 * np.mean(off[inside] ** 2)) == pytest.approx(known, abs=0.03)
    for low, high in ((0.1, 0.3), (0.3, 1), (1, 3), (3, 10), (10, 30), (30, 100)):
        inside = (signal >= low) & (signal < high)
        assert np.mean(noise[inside]) == pytest.approx(0.5 * np.mean(off[inside] ** 2), rel=0.15)
    empty = signal < 0.003
    assert np.mean(noise[empty]) < 0.05 * np.mean(noise[(signal >= 0.3) & (signal < 1)])
