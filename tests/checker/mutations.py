"""Every single change to the good project as a table: what it moves, and in which direction.

`nox -s mutations` prints it, or writes it to the file that is named behind `--`. The tests of the
good project hold the same changes to moving exactly the practice that names them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conftest import committed_tree
from repro_audit import run_audit
from test_good_project import CLASHES, FILES, SPOILINGS, spoil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD = (
    "| change | file | practice | before → after | others that follow | readiness |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def changes() -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Yield the words, the file and the practice of each change, and the changed project."""
    for name, change in sorted(SPOILINGS.items()):
        path, old, new = change["path"], change.get("old"), change.get("new", "")
        done = f"take {shown(old)} out" if old and not new else f"write {shown(new)}"
        yield ("delete the file" if old is None else done), path, name, spoil(name)
    for name, change in sorted(CLASHES.items()):
        practice, path, old, new = (change[key] for key in ("practice", "path", "old", "new"))
        yield name, path, practice, {**FILES, path: FILES[path].replace(old, new)}


def shown(text: str) -> str:
    """Return a short text for a cell of a table."""
    plain = " ".join(text.replace("|", " ").replace("`", " ").split())
    return f"`{plain[:40]}{'…' if len(plain) > 40 else ''}`"


def judged(files: Mapping[str, str]) -> tuple[dict[str, str], float]:
    """Return the statuses and the low end of the readiness of a project."""
    with tempfile.TemporaryDirectory() as folder:
        report = run_audit(committed_tree(Path(folder) / "project", files))
    return {
        item.practice.id: item.verdict.status.value for item in report.results
    }, report.score.low


def rows() -> Iterator[str]:
    """Yield the rows of the table."""
    before, high = judged(FILES)
    for words, path, practice, files in changes():
        after, low = judged(files)
        moved = sorted(key for key in after if after[key] != before[key] and key != practice)
        arrow = "↓" if low < high else "↑" if low > high else "="
        yield (
            f"| {words} | {path} | {practice} | {before[practice]} → {after[practice]} | "
            f"{', '.join(moved) or '–'} | {high:.1f} → {low:.1f} {arrow} |"  # noqa: RUF001 - a dash
        )


def main() -> None:
    """Print the table, or write it to a file."""
    text = "\n".join((HEAD, *rows())) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, "utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
