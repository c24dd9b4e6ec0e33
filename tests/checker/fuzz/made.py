"""Texts and trees that hypothesis makes: pieces, changed examples, and JSON with changed values."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from . import MANY
from .held import NAMES
from .seeds import trees

LEAST = 100
SEEDS = trees()
FILES = sorted({(path, raw.decode("utf-8")) for tree in SEEDS for path, raw in tree.items()})
PIECES = st.one_of(
    st.sampled_from(
        ["\n", "    ", "[", "]", "{", "}", "(", ")", "\"", "'", "```", "|", "---", ": ", "- ", "= ", "#",  # noqa: E501
         "\\", "\x00", "\u2028", "\ud7ff", "<table>", "<td>", "</tr>", "<!--", "&a ", "*a", "!!x ", "<<: ",  # noqa: E501
         "-r ", "$(", "%", "\r\n", "\t", "\ufeff", "9" * 50, "0x", "1e999", "é", "\x1b[31m", "seed", "random",  # noqa: E501
         "9" * 5_000, "-inf", "nan", "0o7", "1_0", "2026-02-30", "25:61:61", "\x0c", "\x85", "²", "٣"]  # noqa: E501
    ),
    st.text(max_size=12),
)  # fmt: skip
# What a value of JSON may be where another is expected; the last needs all of Python's digits.
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, -0.0, "", " ", "\ud800", "\x00", "9" * 400, [], {}, [[]], [None],
    {"": None}, [{}], "../../etc/passwd", "a\nb", 10**4_000,
)  # fmt: skip
RECORD = {
    "schema": "repro-audit/record/v1", "tool": {"name": "repro-audit", "version": "0.1.0"},
    "commit": "0" * 40, "command": ["python", "train.py"], "equal": True, "within_tolerance": True,
    "variations": [
        {"name": "control", "equal": True, "differences": []},
        {"name": "seed", "equal": False, "differences": [{"path": "a.csv", "what": "line 3"}]},
    ],
    "causes": [{"path": "train.py", "line": 3, "message": "draws"}],
    "lock_digest": "sha256:" + "0" * 64, "data_digests": {"data/a.txt": "sha256:" + "0" * 64},
}  # fmt: skip


def many(share: float = 1.0) -> settings:
    """Return settings for a share of `MANY`, without a deadline: others may use the processor."""
    slack = list(HealthCheck)
    count = max(LEAST, int(MANY * share))
    # The same inputs in every test, so that a change alone can break one; other ones each night.
    return settings(
        max_examples=count,
        suppress_health_check=slack,
        deadline=None,
        derandomize="FUZZ" not in os.environ,
        database=None,
    )


def held_as_json() -> list[tuple[str, Any]]:
    """Return the documents of the examples that are JSON, and one of each kind that we write."""
    found: list[tuple[str, Any]] = [("repro-record.json", RECORD)]
    for path, text in FILES:
        if path.endswith((".json", ".ipynb", "Pipfile.lock")):
            try:
                found.append((path, json.loads(text)))
            except ValueError:
                continue
    return found


DOCUMENTS = held_as_json()


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return each container of a document with each of its keys."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item))
        found += [(item, key) for key in keys]
        waiting += [item[key] for key in keys if isinstance(item[key], (dict, list))]
    return found


@st.composite
def changed_values(draw: st.DrawFn) -> tuple[str, str]:
    """Take a document of JSON and put other values in some of its places."""
    path, document = draw(st.sampled_from(DOCUMENTS))
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 4))):
        found = places(document)
        if not found:
            break
        holder, key = draw(st.sampled_from(found))
        value = draw(st.one_of(st.sampled_from(ODD), st.text(max_size=9), st.floats()))
        # A copy: what was put in may be changed in its turn.
        holder[key] = copy.deepcopy(value)
    return path, json.dumps(document)


@st.composite
def changed_text(draw: st.DrawFn) -> tuple[str, str]:
    """Take a file of an example, cut it or put pieces in, and maybe call it otherwise."""
    path, text = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(1, 4))):
        first, last = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        piece = "".join(draw(st.lists(PIECES, max_size=4)))
        before, rest = text[:first], text[last:]
        twice = text[:last] + text[first:]
        text = draw(st.sampled_from([before + rest, before + piece + rest, twice, piece + text]))
    return draw(st.sampled_from(NAMES)) if draw(st.booleans()) else path, text


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, bytes]:
    """Take an example of a page, join it with another, and change some of its files."""
    tree = dict(draw(st.sampled_from(SEEDS)))
    tree |= draw(st.sampled_from(SEEDS)) if draw(st.booleans()) else {}
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(sorted(tree) or list(NAMES)))
        raw = tree.get(path, b"")
        first, last = sorted((draw(st.integers(0, len(raw))), draw(st.integers(0, len(raw)))))
        piece = "".join(draw(st.lists(PIECES, max_size=4))).encode("utf-8", "replace")
        kind = draw(st.sampled_from(["cut", "put", "twice", "move", "bytes", "values"]))
        if kind == "bytes":
            piece = draw(st.binary(max_size=20))
        kept = {"cut": raw[:first] + raw[last:], "twice": raw[:last] + raw[first:]}
        tree[path] = kept.get(kind, raw[:first] + piece + raw[first:])
        if kind == "move":
            tree[draw(st.sampled_from(NAMES))] = tree.pop(path)
        elif kind == "values":
            name, text = draw(changed_values())
            tree[name] = text.encode("utf-8")
    return tree
