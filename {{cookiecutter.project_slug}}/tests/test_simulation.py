"""The simulator against published air-shower physics, and the promises it makes about seeds.

Reference values: generalised Gumbel moments of Xmax (De Domenico et al., JCAP 07 (2013) 050),
Heitler-Matthews muon numbers, and signals of the Pierre Auger Observatory's surface detector.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from {{cookiecutter.project_slug}} import atmosphere, detector, simulation
from {{cookiecutter.project_slug}}.probes import hand_made, probe
from {{cookiecutter.project_slug}}.simulation import simulate

MASSES = (1, 4, 14, 56)
N_SAMPLE = simulation.CHUNK + 904  # one whole chunk and a part of the next


@pytest.fixture(scope="module")
def sample():
    return simulate(N_SAMPLE, seed=11)


@pytest.fixture(scope="module")
def many():
    return simulate(20_000, seed=12)


def showers_at(lg_energy, degrees, primaries=MASSES, n=100_000, **options):
    """Showers of one energy and zenith angle, the primaries in equal shares."""
    primary = np.resize(primaries, n)
    lg_energy = np.broadcast_to(np.asarray(lg_energy, dtype=float), n)
    theta = np.full(n, np.radians(degrees))
    return atmosphere.develop(np.random.default_rng(5), primary, lg_energy, theta, **options)


# Seeds, chunks and arguments


def test_same_seed_gives_the_same_bits():
    events, traces = simulate(300, seed=7)
    again_events, again_traces = simulate(300, seed=7)
    pd.testing.assert_frame_equal(events, again_events, check_exact=True)
    assert traces.tobytes() == again_traces.tobytes()


def test_another_seed_gives_other_showers():
    events, traces = simulate(300, seed=7)
    other_events, other_traces = simulate(300, seed=8)
    assert (events.mc_xmax != other_events.mc_xmax).mean() > 0.99
    assert not np.array_equal(traces, other_traces)


def test_a_whole_chunk_does_not_depend_on_the_length_of_the_run(sample):
    events, traces = simulate(simulation.CHUNK, seed=11)
    long_events, long_traces = sample
    pd.testing.assert_frame_equal(events, long_events[: len(events)], check_exact=True)
    assert np.array_equal(traces, long_traces[: len(traces)])


def test_chunks_differ_from_each_other(monkeypatch):
    monkeypatch.setattr(simulation, "CHUNK", 100)
    events, _ = simulate(200, seed=7)
    xmax = events.mc_xmax.to_numpy()
    assert (xmax[:100] != xmax[100:]).mean() > 0.99


def test_a_reused_shower_keeps_its_truth_and_gets_new_cores():
    once, once_traces = simulate(200, seed=7)
    events, traces = simulate(200, seed=7, n_reuse=3)
    assert traces.shape == (600, 3, 128)
    assert events.event_id.tolist() == list(range(600))
    assert events.shower_id.tolist() == np.repeat(np.arange(200), 3).tolist()
    truth = ["A", *(column for column in events if column.startswith("mc_"))]
    assert (events.groupby("shower_id")[truth].nunique() == 1).all(axis=None)
    assert (events.groupby("shower_id").r_2.nunique() == 3).all()
    first_copies = events[::3].reset_index(drop=True).drop(columns="event_id")
    pd.testing.assert_frame_equal(first_copies, once.drop(columns="event_id"), check_exact=True)
    assert np.array_equal(traces[::3], once_traces)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_showers": 0}, "n_showers must be an integer of at least 1, not 0"),
        ({"n_showers": 2.5}, "n_showers must be an integer"),
        ({"seed": -1}, "seed must be an integer of at least 0, not -1"),
        ({"seed": 1.0}, "seed must be an integer"),
        ({"seed": True}, "seed must be an integer"),
        ({"seed": None}, "seed must be an integer"),
        ({"n_reuse": 0}, "n_reuse must be an integer of at least 1"),
        ({"hadronic_model": "SIBYLL"}, "one of QGSJetII-04, EPOS-LHC, not 'SIBYLL'"),
        ({"primaries": (1, 99)}, r"0 \(photon\), 1 \(proton\), .*56 \(iron\), not \(1, 99\)"),
        ({"primaries": ()}, "primaries must be one or more of"),
        ({"muon_scale": 0.0}, "muon_scale must be a positive number"),
        ({"fe_p_muon_ratio": float("nan")}, "fe_p_muon_ratio must be a positive number"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_allowed(wrong, message):
    with pytest.raises(ValueError, match=message):
        simulate(**{"n_showers": 1, "seed": 1} | wrong)


# The table and the traces


def test_columns_and_types(sample):
    events, traces = sample
    special = {
        "event_id": "int64",
        "shower_id": "int64",
        "A": "int16",
        "n_stations": "int8",
        "n_sat": "int8",
        "rec_ok": "bool",
    }
    by_station = ("r", "S", "trise", "tfall", "early", "jump")
    single = {
        *("theta", "sec_theta", "lgE_rec", "s1000", "s38", "beta", "xmax_fd", "rmu_rec"),
        *("lgNmu", "lgNem", "lgNall", "mc_lgE", "mc_theta", "mc_xmax", "mc_rmu", "mc_dx"),
        *("mc_s_mu", "mc_s_em"),
        *(f"{name}_{i}" for name in by_station for i in (1, 2, 3)),
    }
    assert events.dtypes.astype(str).to_dict() == special | dict.fromkeys(single, "float32")
    assert len(events) == len(traces) == N_SAMPLE
    assert traces.shape[1:] == (3, 128)
    assert traces.dtype == np.float32


@pytest.mark.parametrize(
    ("column", "low", "high", "share"),
    [
        ("theta", 0, 63, 0.999),
        ("mc_theta", 0, 60, 1),
        ("lgE_rec", 18.0, 21.3, 0.999),
        ("mc_lgE", 18.5, 20.0, 1),
        ("xmax_fd", 400, 1700, 0.999),
        ("mc_xmax", 550, 1500, 0.999),
        ("s1000", 2, 5000, 0.999),
        ("beta", -5, 0, 1),
        ("n_stations", 3, 12, 1),
        ("r_1", 50, 900, 0.999),
        ("r_3", 600, 1500, 0.999),
        *((f"S_{i}", 0, 26_000, 1) for i in (1, 2, 3)),
        *((f"trise_{i}", 10, 1500, 0.999) for i in (1, 2, 3)),
        *((f"tfall_{i}", 10, 2500, 0.999) for i in (1, 2, 3)),
        *((f"early_{i}", 0, 1, 1) for i in (1, 2, 3)),
        *((f"jump_{i}", 0, 1, 1) for i in (1, 2, 3)),
    ],
)
def test_values_lie_in_their_range(sample, column, low, high, share):
    events, _ = sample
    assert events[column].between(low, high).mean() >= share


def test_no_value_is_missing(sample):
    events, traces = sample
    assert np.isfinite(events.to_numpy(dtype=float)).all()
    assert np.isfinite(traces).all()


def test_stations_are_ordered_by_distance(sample):
    events, _ = sample
    assert ((events.r_1 <= events.r_2) & (events.r_2 <= events.r_3)).all()


def test_the_bins_of_a_trace_add_up_to_the_signal(sample):
    events, traces = sample
    signals = events[["S_1", "S_2", "S_3"]].to_numpy(dtype=float)
    assert np.abs(traces.sum(axis=2, dtype=float) - signals).max() < 1e-3


def test_traces_saturate_and_say_so(sample):
    events, traces = sample
    assert traces.min() >= -0.02
    assert traces.max() == detector.SATURATION
    full = (traces == detector.SATURATION).any(axis=2)
    assert (full.sum(axis=1) == events.n_sat).all()
    assert full[:, 0].mean() == pytest.approx(0.43, abs=0.03)


def test_traces_begin_with_the_shower_front(sample):
    _, traces = sample
    assert np.abs(traces[:, :, : detector.FRONT_BIN]).max() < 6 * detector.NOISE


def test_rise_time_of_a_known_trace():
    trace = np.zeros((1, 3, 128), dtype=np.float32)
    trace[:, :, 10:20] = 1.0
    near = detector.Stations(*(np.ones((1, 3)) for _ in dataclasses.fields(detector.Stations)))
    columns = simulation.describe_traces(near, trace)
    # Ten equal bins: 10 % at the end of the first, 50 % of the fifth, 90 % of the ninth.
    assert columns["trise_2"] == pytest.approx(4 * 25)
    assert columns["tfall_2"] == pytest.approx(4 * 25)
    assert columns["early_2"] == pytest.approx(1.0)
    assert columns["jump_2"] == pytest.approx(0.1)


def test_the_faintest_nuclei_trigger_three_stations():
    events, _ = simulation.detect(np.random.default_rng(3), showers_at(18.5, 60, n=2000))
    assert (events["n_stations"] >= 3).all()
    assert events["rec_ok"].mean() > 0.99


def test_a_shower_that_never_triggers_keeps_its_row(monkeypatch):
    monkeypatch.setattr(detector, "MAX_CORE_DRAWS", 1)
    events, traces = simulate(2000, seed=3, primaries=(0,))
    missed = events.n_stations < 3
    assert 0 < missed.mean() < 0.2
    assert not events.rec_ok[missed].any()
    assert np.isfinite(events.to_numpy(dtype=float)).all()
    assert len(traces) == 2000


# The truth: energy, direction, mass


def test_arrival_directions_are_isotropic_and_energies_flat(sample):
    events, _ = sample
    sin2 = np.sin(np.radians(events.mc_theta.to_numpy(dtype=float))) ** 2
    for values, ends in ((sin2, (0, 0.75)), (events.mc_lgE, (18.5, 20.0))):
        counts, _ = np.histogram(values, bins=20, range=ends)
        expected = len(events) / 20
        # 43.8: what chi2 with 19 degrees of freedom exceeds once in 1000 samples.
        assert ((counts - expected) ** 2 / expected).sum() < 43.8
        assert counts.sum() == len(events)


def test_primaries_have_equal_shares_in_no_order(sample):
    events, _ = sample
    assert events.A.value_counts(normalize=True).to_numpy() == pytest.approx([0.25] * 4, abs=1e-3)
    assert abs(np.corrcoef(events.shower_id, events.A)[0, 1]) < 0.05


# Calibration of the shower physics


def test_depth_of_the_observatory():
    ground = atmosphere.vertical_depth(np.array(atmosphere.OBSERVATION_HEIGHT))
    assert ground == pytest.approx(atmosphere.GROUND_DEPTH, abs=0.1)


def test_height_inverts_depth():
    heights = np.linspace(0.0, 99_000.0, 500)
    depths = atmosphere.vertical_depth(heights)
    assert atmosphere.height_at_depth(depths) == pytest.approx(heights, abs=5.0)


@pytest.mark.parametrize(
    ("model", "mass", "mean", "spread"),
    [
        ("QGSJetII-04", 1, 793.2, 61.2),
        ("QGSJetII-04", 4, 758.4, 43.0),
        ("QGSJetII-04", 14, 731.3, 33.7),
        ("QGSJetII-04", 56, 697.9, 22.4),
        ("EPOS-LHC", 1, 808.2, 59.1),
        ("EPOS-LHC", 4, 775.1, 38.1),
        ("EPOS-LHC", 14, 748.1, 28.0),
        ("EPOS-LHC", 56, 711.8, 16.7),
    ],
)
def test_depth_of_maximum_at_10_eev(model, mass, mean, spread):
    lg_energy = np.linspace(18.95, 19.05, 100_000)
    xmax = showers_at(lg_energy, 38, (mass,), hadronic_model=model).xmax
    assert xmax.mean() == pytest.approx(mean, abs=3)
    assert xmax.std() == pytest.approx(spread, rel=0.06)


@pytest.mark.parametrize("mass", MASSES)
def test_showers_reach_deeper_with_energy(mass):
    low, high = (showers_at(lge, 38, (mass,)).xmax.mean() for lge in (18.5, 19.5))
    assert 40 < high - low < 70


def test_photons_develop_deeper_than_protons():
    photon, proton = (showers_at(19.0, 38, (mass,)) for mass in (0, 1))
    assert np.median(photon.xmax) == pytest.approx(966, abs=3)
    assert photon.r_mu.mean() < 0.3 * proton.r_mu.mean()


def test_standardised_depth_has_mean_0_and_spread_1():
    primary, lg_energy = np.resize(MASSES, 200_000), np.full(200_000, 19.7)
    rng = np.random.default_rng(5)
    _, standardised = atmosphere.sample_xmax(rng, primary, lg_energy, "QGSJetII-04")
    assert standardised.mean() == pytest.approx(0, abs=0.01)
    assert standardised.std() == pytest.approx(1, abs=0.02)


def test_iron_makes_more_muons_than_protons():
    showers = showers_at(19.0, 38, (1, 56), n=200_000)
    proton, iron = (showers.r_mu[showers.primary == mass] for mass in (1, 56))
    assert iron.mean() / proton.mean() == pytest.approx(1.36, abs=0.02)
    assert np.log(proton).std() == pytest.approx(0.140, rel=0.03)
    assert np.log(iron).std() == pytest.approx(0.044, rel=0.03)


@pytest.mark.parametrize(("mass", "correlation"), [(1, 0.16), (4, 0.38), (14, 0.54), (56, 0.65)])
def test_muon_number_and_depth_of_maximum_are_correlated(mass, correlation):
    showers = showers_at(19.0, 38, (mass,))
    found = np.corrcoef(np.log(showers.r_mu), showers.xmax)[0, 1]
    assert found == pytest.approx(correlation, abs=0.02)


@pytest.mark.parametrize("mass", MASSES)
def test_muon_number_grows_with_energy(mass):
    lg_energy = np.linspace(18.5, 20.0, 100_000)
    showers = showers_at(lg_energy, 38, (mass,))
    slope, _ = np.polyfit(lg_energy, np.log10(showers.n_mu), 1)
    assert slope == pytest.approx(0.94, abs=0.005)


def test_muon_scale_and_ratio_are_knobs():
    plain = showers_at(19.0, 38, (1, 56))
    scaled = showers_at(19.0, 38, (1, 56), muon_scale=1.2)
    np.testing.assert_allclose(scaled.r_mu, 1.2 * plain.r_mu)
    np.testing.assert_allclose(scaled.s_mu, 1.2 * plain.s_mu)
    fewer = showers_at(19.0, 38, (1, 56), fe_p_muon_ratio=1.28)
    factor = np.where(plain.primary == 56, 1.28 / 1.38, 1.0)
    np.testing.assert_allclose(fewer.r_mu, factor * plain.r_mu)


@pytest.mark.parametrize(
    ("degrees", "signal"), [(10, 54.5), (24, 54.0), (38, 47.7), (53, 30.2), (58, 22.9)]
)
def test_signal_at_1000_m_of_a_mixture_at_10_eev(degrees, signal):
    showers = showers_at(19.0, degrees)
    assert (showers.s_em + showers.s_mu).mean() == pytest.approx(signal, abs=2)


@pytest.mark.parametrize(("degrees", "share"), [(20, 0.5), (38, 0.58), (60, 0.9)])
def test_muons_make_most_of_inclined_showers(degrees, share):
    showers = showers_at(19.0, degrees)
    found = showers.s_mu.mean() / (showers.s_em + showers.s_mu).mean()
    assert found == pytest.approx(share, abs=0.06)


def test_ground_particles():
    showers = showers_at(19.0, np.degrees(np.arccos(1 / 1.3)), (1,))
    assert np.median(showers.n_mu) == pytest.approx(5.1e7, rel=0.03)
    assert np.log(np.median(showers.n_em) / 10) == pytest.approx(21.3, abs=1)


@pytest.mark.parametrize(
    ("features", "accuracy"),
    [
        (("lgNall", "lgNmu", "lgNem", "mc_theta", "mc_lgE"), 0.718),
        (("mc_xmax", "mc_lgE"), 0.502),
        ("sd", 0.455),
        ("hybrid", 0.494),
    ],
)
def test_primaries_are_as_hard_to_tell_apart_as_they_should(many, features, accuracy):
    """As on CORSIKA showers, within 0.02: counters 0.724, depth and energy 0.500."""
    events, _ = many
    if features in ("sd", "hybrid"):
        x = hand_made(events)
        if features == "hybrid":
            x = np.column_stack([x, events.xmax_fd])
    else:
        x = events[list(features)].to_numpy()
    cut, primary = 14_000, events.A.to_numpy()
    found = probe(
        {"train": x[:cut], "test": x[cut:]}, {"train": primary[:cut], "test": primary[cut:]}, 2
    )
    assert found.correct.mean() == pytest.approx(accuracy, abs=0.02)


# Detector and reconstruction


def test_the_array_is_triangular():
    positions = detector.array_positions()
    gaps = np.hypot(*(positions - positions[40]).T)
    assert np.sort(gaps)[:8] == pytest.approx([0, *[1500] * 6, 1500 * np.sqrt(3)])


def test_the_array_is_wide_enough_for_inclined_showers(monkeypatch):
    def distances():
        return detector.place_cores(np.random.default_rng(2), showers_at(19.0, 60, n=500))[0]

    usual = distances()
    steps = np.arange(-8, 9)
    i, j = (index.ravel() for index in np.meshgrid(steps, steps))
    wide = detector.SPACING * np.stack([i + 0.5 * j, np.sqrt(0.75) * j], axis=1)
    monkeypatch.setattr(detector, "array_positions", lambda: wide)
    assert distances() == pytest.approx(usual)


@pytest.mark.parametrize(
    ("degrees", "mass", "rise_time"),
    [(15, 1, 358), (15, 56, 281), (38, 1, 225), (38, 56, 173), (55, 1, 95), (55, 56, 95)],
)
def test_rise_time_at_1000_m_and_10_eev(degrees, mass, rise_time):
    showers = showers_at(19.0, degrees, (mass,), n=1500)
    events, _ = simulation.detect(np.random.default_rng(4), showers)
    r, rise = (np.concatenate([events[f"{c}_{i}"] for i in (1, 2, 3)]) for c in ("r", "trise"))
    assert np.median(rise[np.abs(r - 1000) < 80]) == pytest.approx(rise_time, rel=0.15)


def test_reconstructed_energy(sample):
    events, _ = sample
    error = (events.lgE_rec - events.mc_lgE).to_numpy(dtype=float)
    faint = (events.mc_lgE > 18.5) & (events.mc_lgE < 18.7)
    assert (np.abs(error) < 0.6).mean() >= 0.999
    assert error[faint].std() * np.log(10) == pytest.approx(0.19, abs=0.03)
    assert error[events.mc_lgE > 19.8].std() * np.log(10) == pytest.approx(0.11, abs=0.03)
    assert error[events.A == 1].mean() == pytest.approx(-0.011, abs=0.01)
    assert error[events.A == 56].mean() == pytest.approx(0.046, abs=0.01)
    assert events.n_stations[faint].mean() == pytest.approx(5.9, abs=0.4)


def test_lateral_fit_finds_a_known_shower():
    r = np.array([[400.0, 800.0, 1200.0, 1600.0]])
    signal = 40.0 * (r / 1000 * (r + 700) / 1700) ** -2.3
    used = np.ones_like(r, dtype=bool)
    s1000, beta, good = simulation.fit_lateral_distribution(r, signal, used, np.array([-2.3]))
    assert s1000 == pytest.approx(40.0)
    assert beta == pytest.approx(-2.3)
    assert good.all()


@pytest.mark.parametrize(("near", "far", "limit"), [(40.0, 1400.0, 0.0), (1e7, 10.0, -5.0)])
def test_a_degenerate_lateral_fit_is_kept_in_range_and_marked(near, far, limit):
    r, signal = np.repeat([[400.0, 1500.0]], 3, axis=1), np.repeat([[near, far]], 3, axis=1)
    used = np.ones_like(r, dtype=bool)
    s1000, beta, good = simulation.fit_lateral_distribution(r, signal, used, np.array([-2.3]))
    assert beta == limit
    assert np.isfinite(s1000).all()
    assert not good.any()


@pytest.mark.parametrize("n_used", [0, 1])
def test_a_fit_to_too_few_stations_is_marked(n_used):
    r, signal = np.array([[400.0, 900.0, 1500.0]]), np.array([[80.0, 5.0, 0.0]])
    used = np.arange(3)[np.newaxis] < n_used
    s1000, _, good = simulation.fit_lateral_distribution(r, signal, used, np.array([-2.3]))
    assert np.isfinite(s1000).all()
    assert not good.any()
