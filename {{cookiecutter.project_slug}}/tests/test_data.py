"""Wrong, changed or missing data stops the run with a sentence."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from {{cookiecutter.project_slug}} import preparation, source
from {{cookiecutter.project_slug}}.data import ProjectData, Standardise
from {{cookiecutter.project_slug}}.expectations import COLUMNS
from {{cookiecutter.project_slug}}.preparation import data, split, verified
from {{cookiecutter.project_slug}}.provenance import file_digest
from {{cookiecutter.project_slug}}.simulation import simulate
from {{cookiecutter.project_slug}}.stages import StageError
from {{cookiecutter.project_slug}}.validation import validate, validated

from .conftest import Configure

FILES = ("events.parquet", "traces.npy", "photons.parquet", "photon_traces.npy", "split.csv")
Change = Callable[[pd.DataFrame], object]


def tampered(dataset: Path, folder: Path, change: Change, file: str = "events.parquet") -> str:
    """A copy of the data with one change in it, whose manifest knows nothing of honesty."""
    shutil.copytree(dataset, folder)
    read, write = {
        "events.parquet": (pd.read_parquet, pd.DataFrame.to_parquet),
        "split.csv": (pd.read_csv, pd.DataFrame.to_csv),
    }[file]
    table = read(folder / file)
    changed = change(table)
    write(table if changed is None else changed, folder / file, index=False)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"][file] = file_digest(folder / file)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return f"data.folder={folder}"


def put(column: str, value: object) -> Change:
    """Write a value into row 3 of a column."""

    def change(table: pd.DataFrame) -> None:
        table[column] = table[column].astype(object).mask(table.index == 3, value).infer_objects()

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("theta", 95.0), "column theta: .* lies between 0 and 63, but row 3 holds 95.0"),
        (put("lgE_rec", 25.0), "column lgE_rec: .* but row 3 holds 25.0"),
        (put("s1000", -1.0), "column s1000: .* but row 3 holds -1.0"),
        (put("beta", 1.0), "column beta: .* but row 3 holds 1.0"),
        (put("n_stations", 2), "column n_stations: .* but row 3 holds 2"),
        (put("early_2", 1.5), "column early_2: .* but row 3 holds 1.5"),
        (put("trise_1", None), "column trise_1: no value is missing, but row 3"),
        (put("A", 12), "column A: the mass number is one of .* but row 3 holds 12"),
        (put("S_1", 25_000.0), "column charge_error: the bins of a trace add up .* but row 3"),
        (put("r_2", 10.0), "column r_1, r_2: station 2 is not nearer than station 1, but row 3"),
        (put("event_id", 0), "column event_id: no event occurs twice, but row 0 holds 0"),
        (lambda table: table.drop(index=3), "the table has 500 rows, but: 499"),
    ],
)  # fmt: skip
def test_each_corruption_is_named_with_its_column_and_row(
    change: Change, sentence: str, dataset: Path, configure: Configure, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    cfg = configure(tampered(dataset, tmp_path / "data", change))
    if "rows" in sentence:  # a dropped row leaves the traces of another length
        traces = tmp_path / "data" / "traces.npy"
        np.save(traces, np.delete(np.load(traces), 3, axis=0))
        manifest = tmp_path / "data" / "manifest.json"
        content = json.loads(manifest.read_text())
        content["sha256"]["traces.npy"] = file_digest(traces)
        manifest.write_text(json.dumps(content))
    with pytest.raises(StageError) as stopped:
        validate(cfg)
    assert re.search(sentence, f"{stopped.value}\n{capsys.readouterr().out}")


def test_a_shower_in_two_parts_is_found(
    dataset: Path, configure: Configure, tmp_path: Path
) -> None:
    def straddle(table: pd.DataFrame) -> pd.DataFrame:
        other = table.iloc[[5]].assign(part="val" if table.part[5] == "train" else "train")
        return pd.concat([table, other])

    cfg = configure(tampered(dataset, tmp_path / "data", straddle, "split.csv"))
    with pytest.raises(StageError, match="a shower lies in one part of the split only, but row 5"):
        validate(cfg)


def test_a_shower_thrown_at_several_cores_does_not_straddle_the_split(
    configure: Configure, tmp_path: Path
) -> None:
    cfg = configure(f"data.folder={tmp_path / 'data'}", "+data.source.n_reuse=3")
    data(cfg)
    validate(cfg)
    events = pd.read_parquet(tmp_path / "data/events.parquet")
    split = pd.read_csv(tmp_path / "data/split.csv").set_index("shower_id").part
    assert len(events) == 3 * len(split) == 1200


def test_a_split_of_rows_is_found(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "UNIT", "event_id")
    cfg = configure(f"data.folder={tmp_path / 'data'}", "+data.source.n_reuse=3")
    data(cfg)
    with pytest.raises(StageError, match="a shower lies in one part of the split only, but row"):
        validate(cfg)


def mixed_up(table: pd.DataFrame) -> None:
    table["A"] = table.A.sample(frac=1, random_state=1).to_numpy()


def summed(table: pd.DataFrame) -> None:
    table["mc_rmu"] = table.mc_rmu.cumsum()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (mixed_up, "showers of mass 56 reach their maximum where they should"),
        (mixed_up, "showers of mass 1 have the muons that they should"),
        (summed, "the number of muons is near that of a proton shower of its energy, but row"),
        (lambda table: table.sort_values("s1000"), "S1000 rises and falls from row to row alike"),
        (lambda table: table.assign(mc_theta=table.mc_theta / 2), "directions are isotropic"),
        (lambda table: table.assign(trise_2=table.trise_2.median()), "a steep shower rises slowly"),
        (lambda table: table.assign(lgE_rec=table.lgE_rec + 0.7), "within a factor of four"),
        (put("shower_id", 4), "a shower has one mass number, but row 3"),
        (lambda table: table.assign(A=table.A.mask(table.index < 90, 56)), "as frequent as the"),
        (put("mc_lgE", 20.5), "true energies are those that are simulated"),
        (put("mc_theta", 61.0), "true zenith angles are those that are simulated"),
    ],
)
def test_what_keeps_every_range_and_is_no_physics_is_found(
    change: Change, sentence: str, dataset: Path, configure: Configure, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    cfg = configure(tampered(dataset, tmp_path / "data", change))
    with pytest.raises(StageError) as stopped:
        validate(cfg)
    assert sentence in f"{stopped.value}\n{capsys.readouterr().out}"


def test_a_split_by_energy_is_found(dataset: Path, configure: Configure, tmp_path: Path) -> None:
    energy = pd.read_parquet(dataset / "events.parquet").set_index("shower_id").lgE_rec

    def by_energy(table: pd.DataFrame) -> pd.DataFrame:
        order = energy.loc[table.shower_id].argsort().to_numpy()
        return table.assign(part=table.part.sort_values().to_numpy()[order.argsort()])

    cfg = configure(tampered(dataset, tmp_path / "data", by_energy, "split.csv"))
    with pytest.raises(StageError, match="parts of the split have the same energies and angles"):
        validate(cfg)


def test_showers_with_new_numbers_are_known_by_their_truth(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def renumbered(*arguments: Any, **settings: Any) -> tuple[pd.DataFrame, np.ndarray]:
        events, traces = simulate(*arguments, **settings)
        return events.assign(shower_id=events.event_id), traces

    monkeypatch.setattr(source, "simulate", renumbered)
    cfg = configure(f"data.folder={tmp_path / 'data'}", "+data.source.n_reuse=3")
    data(cfg)
    with pytest.raises(StageError, match="energy and angle occur in one part of the split only"):
        validate(cfg)


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_a_missing_column_is_named(
    column: str, dataset: Path, configure: Configure, tmp_path: Path
) -> None:
    cfg = configure(tampered(dataset, tmp_path / "data", lambda table: table.drop(columns=column)))
    with pytest.raises(StageError, match=f"has no column {column}"):
        validate(cfg)


@pytest.mark.parametrize("file", FILES)
def test_a_changed_file_is_refused_before_it_is_read(
    file: str, dataset: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(dataset, folder)
    content = bytearray((folder / file).read_bytes())
    content[-1] ^= 1
    (folder / file).write_bytes(content)
    with pytest.raises(StageError, match=f"{file} is not what manifest.json says"):
        validated(folder)


def test_nothing_is_trained_on_data_that_was_not_validated(dataset: Path, tmp_path: Path) -> None:
    shutil.copytree(dataset, tmp_path / "data")
    (tmp_path / "data" / "validation.json").unlink()
    with pytest.raises(StageError, match="run `nox -s validate` first"):
        validated(tmp_path / "data")


def test_data_is_made_once_and_never_for_other_settings(
    dataset: Path, configure: Configure
) -> None:
    before = (dataset / "manifest.json").stat().st_mtime_ns
    assert data(configure()) == dataset
    assert (dataset / "manifest.json").stat().st_mtime_ns == before
    with pytest.raises(StageError, match="made with other settings"):
        data(configure("data.source.n_showers=401"))


def test_no_shower_is_in_two_parts_and_none_is_lost() -> None:
    events = np.repeat(np.arange(100), 3)
    parts = split(events, {"train": 0.7, "val": 0.1, "test": 0.2}, seed=1)
    assert parts.shower_id.tolist() == list(range(100))
    assert parts.part.value_counts().to_dict() == {"train": 70, "test": 20, "val": 10}


def test_the_split_depends_on_its_seed_only() -> None:
    fractions = {"train": 0.5, "test": 0.5}
    first = split(np.arange(50), fractions, seed=1)
    assert first.equals(split(np.arange(50), fractions, seed=1))
    assert not first.equals(split(np.arange(50), fractions, seed=2))


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(StageError, match=r"add up to 0\.9"):
        split(np.arange(10), {"train": 0.5, "test": 0.4}, seed=1)


def test_the_standardisation_knows_the_training_part_only(configure: Configure) -> None:
    module = ProjectData.of(configure().data)
    alone = Standardise(0.3).fit(module.standardise.mean.new_tensor(module.raw("train")))
    assert alone.mean.equal(module.standardise.mean)
    assert alone.scale.equal(module.standardise.scale)
    assert abs(module.parts["train"].mean()) < 1e-5
    assert abs(module.parts["train"].std() - 1) < 1e-3


def test_the_manifest_covers_every_file(dataset: Path) -> None:
    assert set(verified(dataset)["sha256"]) == set(FILES)
