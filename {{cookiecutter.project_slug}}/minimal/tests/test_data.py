"""Wrong, changed or missing data stops the run with a sentence."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from {{cookiecutter.project_slug}}.data import ProjectData, Standardise
from {{cookiecutter.project_slug}}.expectations import RANGES
from {{cookiecutter.project_slug}}.preparation import data, split, verified
from {{cookiecutter.project_slug}}.provenance import file_digest
from {{cookiecutter.project_slug}}.stages import ROOT, StageError
from {{cookiecutter.project_slug}}.validation import validate, validated

from .conftest import Configure

FILES = ("rows.parquet", "split.csv")
Change = Callable[[pd.DataFrame], object]


def tampered(dataset: Path, folder: Path, change: Change, file: str = "rows.parquet") -> str:
    """A copy of the data with one change in it, whose manifest knows nothing of honesty."""
    shutil.copytree(dataset, folder)
    read, write = {
        "rows.parquet": (pd.read_parquet, pd.DataFrame.to_parquet),
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
        *((put(column, -1.0), f"column {column}: .* but row 3 holds -1.0") for column in RANGES),
        (put("ash", None), "column ash: no value is missing, but row 3"),
        (put("cultivar", 4), "column cultivar: the class is one of .* but row 3 holds 4"),
        (lambda table: table.drop(index=3), "the table has 60 rows, but: 59"),
        (
            lambda table: table.assign(
                **{name: table[name].mask(table.index == 4, table[name][3]) for name in RANGES}
            ),
            "column twice: no row stands there twice, but row 3",
        ),
    ],
)
def test_each_corruption_is_named_with_its_column_and_row(
    change: Change, sentence: str, dataset: Path, configure: Configure, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    cfg = configure(tampered(dataset, tmp_path / "data", change))
    with pytest.raises(StageError) as stopped:
        validate(cfg)
    assert re.search(sentence, f"{stopped.value}\n{capsys.readouterr().out}")


def test_a_unit_in_two_parts_is_found(dataset: Path, configure: Configure, tmp_path: Path) -> None:
    def straddle(table: pd.DataFrame) -> pd.DataFrame:
        other = table.iloc[[5]].assign(part="val" if table.part[5] == "train" else "train")
        return pd.concat([table, other])

    cfg = configure(tampered(dataset, tmp_path / "data", straddle, "split.csv"))
    with pytest.raises(StageError, match="a unit lies in one part of the split only, but row 5"):
        validate(cfg)


@pytest.mark.parametrize("column", [*RANGES, "row"])
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


def test_another_table_than_the_one_that_was_meant_is_refused(
    configure: Configure, tmp_path: Path
) -> None:
    table = (ROOT / configure().data.source.path).read_text().replace("14.23", "14.24")
    (tmp_path / "other.csv").write_text(table)
    overrides = (f"data.folder={tmp_path / 'new'}", f"data.source.path={tmp_path / 'other.csv'}")
    with pytest.raises(StageError, match=r"should have the SHA-256 \w{64} and has \w{64}"):
        data(configure(*overrides))


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
        data(configure("data.source.every=2"))


def test_no_unit_is_in_two_parts_and_none_is_lost() -> None:
    rows = np.repeat(np.arange(100), 3)
    parts = split(rows, {"train": 0.7, "val": 0.1, "test": 0.2}, seed=1)
    assert parts.row.tolist() == list(range(100))
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
    alone = Standardise(13).fit(torch.from_numpy(module.raw("train")))
    assert alone.mean.equal(module.standardise.mean)
    assert alone.scale.equal(module.standardise.scale)
    assert abs(module.parts["train"][:, :-1].mean()) < 1e-5


def test_a_constant_column_is_no_division_by_zero() -> None:
    assert Standardise(1).fit(torch.ones(5, 1))(torch.ones(5, 1)).equal(torch.zeros(5, 1))


def test_the_manifest_covers_every_file(dataset: Path) -> None:
    assert set(verified(dataset)["sha256"]) == set(FILES)
