"""The stage `validate`: hold the data against the expectations, and stop where they fail."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from omegaconf import DictConfig

from .preparation import alone, data_digest, verified
from .stages import ROOT, StageError, stage, write_whole

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

RECEIPT = "validation.json"
PAGE = "validation.html"
STYLE = """<!doctype html><meta charset="utf-8"><title>Validation of the data</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; color-scheme: light dark }
th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0 }</style>
<h1>Validation of the data</h1>
"""


def columns(result: ExpectationValidationResult) -> str:
    """The columns that an expectation is about; empty where it is about the whole table."""
    kwargs = result.expectation_config.kwargs
    pair = [kwargs[name] for name in ("column_B", "column_A") if name in kwargs]
    return kwargs.get("column") or ", ".join(pair)


def complaint(result: ExpectationValidationResult) -> str:
    """One failed expectation as a sentence that names the column, the row and the value."""
    wanted = result.expectation_config.description
    rows = result.result.get("unexpected_index_list")
    if not rows:
        found = result.result.get("observed_value", "none could be computed")
        return f"{wanted}, but: {found}"
    value = result.result["unexpected_list"][0]
    more = f" and {len(rows) - 1} more rows" if len(rows) > 1 else ""
    return f"column {columns(result)}: {wanted}, but row {rows[0]} holds {value}{more}"


def page(results: list[ExpectationValidationResult]) -> str:
    """All expectations and what became of them, as one file that needs no network.

    Great Expectations' own pages fetch their styles, and a picture that counts visitors.
    """
    rows = pd.DataFrame(
        {
            "": ["holds" if each.success else "FAILS" for each in results],
            "column": [columns(each) for each in results],
            "expectation": [each.expectation_config.description for each in results],
            "found": ["" if each.success else complaint(each) for each in results],
        }
    ).sort_values("", kind="stable")
    with pd.option_context("display.max_colwidth", None):
        return STYLE + rows.to_html(index=False, border=0)


def failures(folder: Path, rows: int, data: DictConfig) -> tuple[list[str], dict[str, Any], str]:
    """Run the suite over one data set, of so many rows and made by these settings.

    Returns:
        A sentence for each expectation that failed, and Great Expectations' whole result: as a
        record and as a page for people.

    Raises:
        StageError: a column that the expectations need is missing.
    """
    import great_expectations as gx  # here, because it takes seconds

    from .expectations import suite, table

    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("memory")
        .add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": table(folder)})
    )
    result = batch.validate(suite(rows, data), result_format="COMPLETE")
    failed = [complaint(each) for each in result.results if not each.success]
    # What is left out says when it was validated: the same data gives the same receipt.
    record = {name: value for name, value in result.to_json_dict().items() if name != "meta"}
    return failed, record, page(result.results)


def validate(cfg: DictConfig) -> None:
    """Validate the data set of `cfg.data`, and leave a receipt that training asks for.

    Raises:
        StageError: the files are not those that were written, or an expectation fails; it names
            the first column and row, and every failed expectation is printed.
    """
    folder = ROOT / cfg.data.folder
    receipt, manifest = folder / RECEIPT, verified(folder)
    with alone(folder):
        try:
            failed, result, shown = failures(folder, manifest["rows"], cfg.data)
        except BaseException:  # no receipt of before stands for a validation that did not end
            receipt.unlink(missing_ok=True)
            raise
        content = {"data.sha256": data_digest(manifest), "failed": failed, "result": result}
        write_whole(folder / PAGE, shown)
        write_whole(receipt, json.dumps(content, indent=1) + "\n")
    for sentence in failed[1:]:
        print(f"validate: {sentence}")
    if failed:
        raise StageError(f"{folder}: {failed[0]}. Nothing is trained on it.")
    print(f"validate: {len(result['results'])} expectations hold of {manifest['rows']} rows")


def validated(folder: Path) -> str:
    """Digest of a data set that was validated and has not changed since.

    Raises:
        StageError: it was not validated, failed, or is another data set than the validated one.
    """
    digest = data_digest(verified(folder))
    receipt = folder / RECEIPT
    content = json.loads(receipt.read_text("utf-8")) if receipt.exists() else {}
    if content.get("failed", True) or content["data.sha256"] != digest:
        raise StageError(f"{folder} has not passed its validation: run `nox -s validate` first.")
    return digest


if __name__ == "__main__":
    stage(validate)()
