"""The reference documents say what the code says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit import catalogue
from repro_audit.reference import documents, main, stale, write

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_is_fresh() -> None:
    found = stale(ROOT / "docs" / "reference")
    assert not found, (
        "stale: run `nox -s generate`, or python -m repro_audit.reference docs/reference"
    )


def test_what_is_stale_is_named_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    assert main([str(tmp_path), "--check"]) == 0
    (tmp_path / "cli.md").write_text("old")
    (tmp_path / "practices" / "gone.md").write_text("old")
    (tmp_path / "practices" / "env-lock.md").unlink()
    assert main([str(tmp_path), "--check"]) == 1
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("cli.md", "gone.md", "env-lock.md"))
    assert main([str(tmp_path)]) == 0
    assert stale(tmp_path) == []


def test_every_practice_has_a_row_and_a_page() -> None:
    found = documents()
    for rule in catalogue.own_rules():
        assert f"(practices/{rule.practice.id}.md)" in found["practices.md"]
        assert rule.page.sections["Why"].strip() in found[f"practices/{rule.practice.id}.md"]


def test_the_reference_names_every_format_and_field() -> None:
    found = documents()
    for word in ("badge-svg", "practices[].evidence[].line", "proven.share"):
        assert f"`{word}`" in found["report.md"]
    for option in ("--baseline", "--profile", "--trusted", "--untrusted"):
        assert option in found["cli.md"]
