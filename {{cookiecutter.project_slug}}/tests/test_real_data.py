"""Public data in their exact formats, made small: defects are found, and undone on demand.

The numbers are made up here; nothing of the data is in this repository.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from {{cookiecutter.project_slug}} import auger, granada
from {{cookiecutter.project_slug}}.checkpoints import Start
from {{cookiecutter.project_slug}}.data import ProjectData
from {{cookiecutter.project_slug}}.measures import measure
from {{cookiecutter.project_slug}}.preparation import data
from {{cookiecutter.project_slug}}.stages import ROOT, StageError
from {{cookiecutter.project_slug}}.training import fit
from {{cookiecutter.project_slug}}.validation import validate

NAMES = ("photon", "proton", "helium", "nitrogen", "iron")
Download = tuple[Path, dict[str, str]]
LIBRARY, BLOCK = 120, 40
BLOCKS = np.arange(LIBRARY) // BLOCK
MUONS = (0.2, 1.0, 1.08, 1.17, 1.38)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def configuration(name: str, folder: Path, *overrides: str) -> DictConfig:
    """A configuration as a command would see it, on data in a folder of the test."""
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return compose(
            "config",
            [
                f"data={name}",
                f"data.folder={folder / 'data'}",
                f"data.source.downloads={folder}",
                "trainer.max_epochs=1",
                *overrides,
            ],
        )


def showers_of_granada() -> dict[str, pd.DataFrame]:
    """What each shower has by itself: the five primaries share the energies and angles."""
    rng = np.random.default_rng(1)
    energy = 10 ** rng.uniform(0, 2.5, LIBRARY)
    theta = rng.uniform(0, 60, LIBRARY)
    tables = {}
    for label, name in enumerate(NAMES):
        n_mu = 5.1e7 * MUONS[label] * (energy / 10) ** 0.94 * np.exp(rng.normal(0, 0.1, LIBRARY))
        n_em = energy * np.exp(rng.normal(20, 0.3, LIBRARY))
        tables[name] = pd.DataFrame(
            {
                "run": 10 * np.arange(LIBRARY) + label,
                "n_all": 1.02 * (n_mu + n_em), "n_mu": n_mu, "n_em": n_em,
                "xmax": rng.normal(760, 40, LIBRARY) * np.cos(np.radians(theta)),
                "theta": theta, "energy": energy, "z": 2e4, "label": label,
            }
        )  # fmt: skip
    # As in the public files: fits that failed either way, an angle that was rounded up, and now
    # and then a row that counts several times what its energy allows.
    tables["photon"].loc[3, "xmax"] = -20.0
    tables["helium"].loc[4, "xmax"] = 0.3
    for table in tables.values():
        table.loc[5, "theta"] = 60.0001
    tables["photon"].loc[6, ["n_all", "n_mu", "n_em"]] *= 40
    return tables


@pytest.fixture
def downloaded(tmp_path: Path) -> Download:
    """The five files as they are published, and their digests."""
    digests = {}
    for name, single in showers_of_granada().items():
        totals = single.copy()
        counters = ["n_all", "n_mu", "n_em"]
        totals[counters] = single[counters].groupby(BLOCKS).cumsum()
        file = f"QGSJet-{name}-NPaticlesTotal.txt"
        totals.to_csv(tmp_path / file, sep=" ", header=False, index=False, float_format="%.6g")
        digests[file] = digest(tmp_path / file)
    return tmp_path, digests


def granada_configuration(folder: Path, digests: dict[str, str], position: str) -> DictConfig:
    cfg = configuration("granada_corsika", folder, f"data.source.running_totals={position}")
    cfg.data.source.sha256 = digests
    return cfg


def test_running_totals_are_found_and_undone(downloaded: Download) -> None:
    folder, digests = downloaded
    cfg = granada_configuration(folder, digests, "undo")
    data(cfg)
    validate(cfg)
    events = pd.read_parquet(folder / "data/events.parquet")
    for mass, expected in zip((0, 1, 4, 14, 56), showers_of_granada().values(), strict=True):
        found = events[mass == events.A]
        assert len(found) == LIBRARY
        six_digits = 1e-5 * expected.n_mu.groupby(BLOCKS).transform("sum")
        assert (np.abs(found.n_mu.to_numpy() - expected.n_mu) <= six_digits).all()
    assert events.xmax.isna().sum() == 2, "the fits that failed have no depth"
    assert events.lgE.between(18, 20.5).all()


def test_validation_stops_at_running_totals(
    downloaded: Download, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, digests = downloaded
    cfg = granada_configuration(folder, digests, "keep")
    data(cfg)
    with pytest.raises(StageError, match="running totals only rise"):
        validate(cfg)
    assert "column muons: the number of muons over that of a proton" in capsys.readouterr().out


def test_the_five_primaries_of_a_library_entry_stay_together(downloaded: Download) -> None:
    folder, digests = downloaded
    data(granada_configuration(folder, digests, "undo"))
    events = pd.read_parquet(folder / "data/events.parquet")
    split = pd.read_csv(folder / "data/split.csv").set_index("shower_id").part
    assert split.index.is_unique
    assert (events.groupby("shower_id").A.nunique() == 5).all()
    assert set(events.shower_id) == set(split.index)


def test_counters_are_no_traces_to_train_on(downloaded: Download) -> None:
    folder, digests = downloaded
    cfg = granada_configuration(folder, digests, "undo")
    data(cfg)
    with pytest.raises(StageError, match="holds no traces, so no model here trains on it"):
        ProjectData.of(cfg.data)


def test_another_file_than_the_published_one_is_refused(downloaded: Download) -> None:
    folder, digests = downloaded
    (folder / "QGSJet-iron-NPaticlesTotal.txt").write_text("1 2 3\n")
    with pytest.raises(StageError, match=r"iron.* is not the file that was published"):
        data(granada_configuration(folder, digests, "undo"))


def test_a_missing_download_is_named(tmp_path: Path) -> None:
    cfg = configuration("granada_corsika", tmp_path)
    with pytest.raises(StageError, match=r"is missing: download it as data/README\.md says"):
        data(cfg)
    with pytest.raises(StageError, match=r"running_totals is 'x': it is either undo or keep"):
        granada.collect(str(tmp_path), {}, "x")


def station(rng: np.random.Generator, distance: float, **changes: Any) -> dict[str, Any]:
    """A station of an event: traces of 768 bins, in VEM."""
    trace = np.zeros(768)
    size = 400 * (distance / 1000) ** -2.3 / 30
    trace[250:300] = size * np.exp(-np.arange(50) / 10) * rng.uniform(0.8, 1.2, 50)
    tubes = {f"pmt{i}": (trace + rng.normal(0, 0.003, 768)).tolist() for i in (1, 2, 3)}
    return {"spDistance": distance, "isSelected": True, "sat": 0, **tubes, **changes}


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """Archives as they are published, of 40 showers; one was seen by two telescopes.

    A further row did not pass the selection of the surface detector.
    """
    rng = np.random.default_rng(2)
    rows = []
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for number in range(40):
            event = 40_010_000_000 + number  # 4 January 2004: its name begins with a zero
            distances = (1600.0, 450.0, 700.0, 1300.0)
            stations = [station(rng, each) for each in distances]
            stations.append(station(rng, 100.0, isSelected=False))
            stations[1]["pmt2"] = []
            name = f"{event:012d}"
            content = {"id": name, "stations": stations if number else stations[:2]}
            archive.writestr(f"data/Auger_{name}.json", json.dumps(content))
            rows.append(
                {
                    "id": event, "sd_theta": 30.0, "sd_energy": 10.0, "sd_s1000": 50.0,
                    "sd_s38": 47.0, "sd_beta": -2.2, "sd_nbstat": 5, "sd1500": int(number != 7),
                }
            )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "summary.zip", "w") as archive:
        archive.writestr(auger.TABLE, pd.DataFrame([*rows, rows[5]]).to_csv(index=False))
    return tmp_path


def auger_configuration(folder: Path) -> DictConfig:
    cfg = configuration("auger_open", folder, "data.loader.batch_size=8")
    cfg.data.source.summary_sha256 = digest(folder / "summary.zip")
    return cfg


def test_measured_showers_are_read_in_our_units_once_each(measured: Path) -> None:
    cfg = auger_configuration(measured)
    data(cfg)
    events = pd.read_parquet(measured / "data/events.parquet")
    traces = np.load(measured / "data/traces.npy")
    assert len(events) == 38, "one has too few stations, one was not selected"
    assert events.event_id.iloc[0] == 40_010_000_001, "as a number, as in the table"
    assert events.event_id.is_unique
    assert (events[["r_1", "r_2", "r_3"]].to_numpy() == [450, 700, 1300]).all()
    assert events.lgE_rec.to_numpy() == pytest.approx(19)
    assert (events.A == auger.UNKNOWN).all()
    assert traces.shape == (38, 3, 128)
    assert events.sec_theta.to_numpy() == pytest.approx(2 / np.sqrt(3))
    same = {"theta": 30, "s1000": 50, "s38": 47, "beta": -2.2, "n_stations": 5}
    assert (events[[*same]] == pd.Series(same)).all(axis=None)
    assert (traces[:, :, :8] < 0.05).all()
    assert (traces[:, :, 8] > 0.05).all()
    assert events.S_1.to_numpy() == pytest.approx(traces[:, 0].sum(axis=1), rel=1e-3)


def test_a_model_trains_on_measured_showers_and_says_nothing_of_primaries(measured: Path) -> None:
    cfg = auger_configuration(measured)
    data(cfg)
    validate(cfg)
    _, model, found = fit(cfg, Start(measured / "run"), {})
    outcome = measure(model.eval(), found)
    assert outcome.metrics["test_mse_e4"] > 0
    assert not [name for name in outcome.metrics if "accuracy" in name or "auc" in name]


def test_another_archive_than_the_published_one_is_refused(measured: Path) -> None:
    cfg = configuration("auger_open", measured)
    with pytest.raises(StageError, match=r"summary\.zip is not the file that was published"):
        data(cfg)
