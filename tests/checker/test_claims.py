"""The numbers of a file of results are read as written, and found in runs as they round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from repro_audit.errors import ReproAuditError
from repro_audit.tracked.claims import Claim, read_claims
from repro_audit.tracked.matches import Match, Value, Values, match, values_of
from repro_audit.tracked.store import StoredRun

if TYPE_CHECKING:
    from pathlib import Path


def read(tmp_path: Path, name: str, text: str) -> list[tuple[int, str, str]]:
    (tmp_path / name).write_text(text, "utf-8")
    return [(item.line, item.name, item.text) for item in read_claims(str(tmp_path / name))]


def test_json_is_named_by_its_keys_and_keeps_its_digits(tmp_path: Path) -> None:
    text = '{"test": {"loss": 0.120, "n": 3}, "folds": [1e-3, null, true, NaN, "7"]}'
    assert read(tmp_path, "r.json", text) == [
        (0, "test.loss", "0.120"),
        (0, "test.n", "3"),
        (0, "folds[0]", "1e-3"),
    ]


def test_a_table_is_named_by_row_and_column(tmp_path: Path) -> None:
    assert read(tmp_path, "r.csv", "model,loss,n\nsmall,0.50,3\n,1e-2,4\n") == [
        (2, "small, loss", "0.50"),
        (2, "small, n", "3"),
        (3, "loss", "1e-2"),
        (3, "n", "4"),
    ]


def test_of_markdown_only_tables_are_read(tmp_path: Path) -> None:
    text = (
        "In 2024 we had 17 | 3.\n\n"
        "| model | error | auc |\n|:---|---:|---|\n| **PCA** v2 | 11.61 ± 0.04 | `92.5 %` |\n\n12\n"
    )
    assert read(tmp_path, "r.md", text) == [
        (5, "PCA v2, error", "11.61"),
        (5, "PCA v2, error", "0.04"),
        (5, "PCA v2, auc", "92.5 %"),
    ]
    assert [item.spread for item in read_claims(str(tmp_path / "r.md"))] == [False, True, False]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("r.json", "{", "is broken"),
        ("r.json", "[" * 100_000, "is broken"),
        ("r.json", '{"a": "b"}', "holds no number"),
        ("r.txt", "1", "neither JSON nor CSV nor Markdown"),
        ("r.csv", "a,b\nx,y\n", "holds no number"),
    ],
)
def test_what_holds_no_claims_is_said(name: str, text: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(ReproAuditError, match=what):
        read(tmp_path, name, text)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "r.json").symlink_to("/etc/hostname")
    with pytest.raises(ReproAuditError, match="cannot be read"):
        read_claims(str(tmp_path / "r.json"))


@pytest.mark.parametrize(
    ("text", "value", "held"),
    [
        ("0.93", 0.934999, True),
        ("0.93", 0.935, True),
        ("0.93", 0.9351, False),
        ("0.930", 0.934, False),
        ("12", 12.49, True),
        ("12", 12.51, False),
        ("1.2e-3", 0.00124, True),
        ("1.2e-3", 0.00126, False),
        ("0.30000000000000004", 0.1 + 0.2, True),
        ("1,234", 1234.0, True),
        ("\u22120.5", -0.46, True),
        ("0", float("nan"), False),
    ],
)
def test_a_number_is_what_its_run_rounds_to(text: str, value: float, *, held: bool) -> None:
    assert Claim(1, "x", text).holds(value) is held


def run(ident: str, seed: int, **metrics: float) -> StoredRun:
    params = {"seed": str(seed), "lr": "0.125"}
    return StoredRun(ident, ident, "e", "FINISHED", 1, params=params, metrics=metrics)


def look(claim: Claim, *runs: StoredRun) -> Match:
    return match(claim, Values(list(values_of(runs))))


ONE, TWO = run("a" * 32, 1, val_loss=0.1234, acc=0.91), run("b" * 32, 2, val_loss=0.1434, acc=0.93)


def test_the_name_decides_before_the_value() -> None:
    found = look(Claim(1, "small, Val loss", "0.123"), ONE, TWO)
    assert (found.state, found.by_name, found.values[0].runs) == ("found", True, ("a" * 32,))
    # Another metric has this value: a number of this name is not to be explained by it.
    found = look(Claim(1, "small, val_loss", "0.91"), ONE, TWO)
    assert (found.state, found.values) == ("missing", ())
    assert found.near == Value(0.1434, "val_loss", ("b" * 32,))


def test_an_unknown_name_needs_three_digits() -> None:
    found = look(Claim(1, "row", "0.1234"), ONE, TWO)
    assert (found.state, found.by_name) == ("found", False)
    assert look(Claim(1, "row", "0.91"), ONE).state == "unknown"
    assert look(Claim(1, "row", "0.7777"), ONE).state == "missing"


def test_means_and_deviations_over_seeds_are_found() -> None:
    mean = look(Claim(1, "val loss", "0.1334"), ONE, TWO)
    assert (mean.values[0].kind, mean.values[0].runs) == ("mean", ("a" * 32, "b" * 32))
    spread = look(Claim(1, "val loss", "0.014", spread=True), ONE, TWO)
    assert spread.values[0].kind == "standard deviation"
    # A deviation is none of a single run, and no mean stands for a deviation.
    assert look(Claim(1, "val loss", "0.1334", spread=True), ONE, TWO).state == "missing"
    other = StoredRun("c" * 32, "c", "e", "FINISHED", 1, params={"lr": "1"}, metrics=TWO.metrics)
    assert look(Claim(1, "val loss", "0.1334"), ONE, other).state == "missing"


def test_a_percentage_is_a_hundred_times_its_metric() -> None:
    assert look(Claim(1, "acc", "91 %"), ONE).state == "found"
    assert look(Claim(1, "acc (%)", "91.0"), ONE).state == "found"
    assert look(Claim(1, "acc", "91"), ONE).state == "missing"


def test_a_setting_is_found_too() -> None:
    found = look(Claim(1, "lr", "0.125"), ONE)
    assert cast("Any", found.values[0]).kind == "parameter"
