"""Made-up settings are read, or refused in one sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repro_audit.errors import ReproAuditError
from repro_audit.settings import DECLARATION, KEYS, VERIFY_KEYS, load_settings

from .fuzz.made import many

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.sampled_from(
    ["env-lock", "no-such", "done", "why", "2026-01-31", "pwc", "", " ", "\x1b[31m",
     "a\nb", "é", "*"]
)  # fmt: skip
SCALARS = st.one_of(
    WORDS.map(json.dumps), st.integers(-9, 200).map(str), st.floats().map(str),
    st.sampled_from(["true", "2026-01-31", "1979-05-27T07:32:00Z", "07:32:00", "0x1f", "", "'"]),
)  # fmt: skip


def table(values: st.SearchStrategy[str], keys: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Make inline tables with some of the known keys, and others."""
    names = st.one_of(st.sampled_from(keys), WORDS)
    pairs = st.lists(st.tuples(names, values), max_size=4)
    return pairs.map(lambda found: f"{{{', '.join(f'{json.dumps(k)} = {v}' for k, v in found)}}}")


LISTS = st.lists(SCALARS, max_size=3).map(lambda items: f"[{', '.join(items)}]")
DECLARED = st.tuples(*[st.one_of(SCALARS, WORDS.map(json.dumps))] * len(DECLARATION)).map(
    lambda said: f"{{{', '.join(map(' = '.join, zip(DECLARATION, said, strict=True)))}}}"
)
VALUES = st.one_of(
    SCALARS, LISTS, table(SCALARS, ("env-lock",)), table(LISTS, VERIFY_KEYS),
    table(st.one_of(DECLARED, SCALARS), ("env-lock",)),
)  # fmt: skip
DOCUMENTS = st.one_of(
    st.lists(st.tuples(st.sampled_from((*KEYS, "output")), VALUES), max_size=4).map(
        lambda rows: "".join(f"{key} = {value}\n" for key, value in rows)
    ),
    st.text(max_size=60),
)


@given(st.sampled_from(["repro-audit.toml", "pyproject.toml"]), DOCUMENTS)
@many(0.4)
def test_settings_are_read_or_refused_in_one_sentence(
    tmp_path: Path, name: str, document: str
) -> None:
    for file in tmp_path.iterdir():
        file.unlink()
    head = "[tool.repro-audit]\n" if name == "pyproject.toml" else ""
    (tmp_path / name).write_text(head + document, "utf-8", errors="surrogatepass")
    with suppress(ReproAuditError):
        found = load_settings(tmp_path)
        assert found.fail_under is None or 0 <= found.fail_under <= 100
        assert all(reason.strip() for _, reason in found.ignore)
        return
    with pytest.raises(ReproAuditError, match=name):
        load_settings(tmp_path)
