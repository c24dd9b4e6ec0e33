"""Verdicts on every repository of a folder, kept as files, and what changed since an older run.

`nox -s corpus -- FOLDER [--compare OLD]` calls this; OLD is the folder that an earlier run wrote.
Nothing is fetched and nothing of the repositories is run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from repro_audit import run_audit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS = ("pass", "partial", "fail", "unknown", "not-applicable", "error")

Verdicts = dict[str, dict[str, str]]
"""Practice -> repository -> status."""


def repositories(folder: Path) -> list[Path]:
    """Return the folders below `folder`, one for each repository."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")


def judge(folder: Path) -> Verdicts:
    """Audit each repository, blind to its own settings."""
    found: Verdicts = {}
    for path in repositories(folder):
        for item in run_audit(path, trusted=False).results:
            found.setdefault(item.practice.id, {})[path.name] = item.verdict.status.value
    return found


def keep(verdicts: Verdicts, folder: Path) -> None:
    """Write one file for each practice."""
    folder.mkdir(parents=True, exist_ok=True)
    for practice, statuses in verdicts.items():
        text = json.dumps(statuses, indent=1, sort_keys=True) + "\n"
        (folder / f"{practice}.json").write_text(text, "utf-8")


def kept(folder: Path) -> Verdicts:
    """Read what an earlier run wrote."""
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }


def table(verdicts: Verdicts) -> Iterator[str]:
    """Yield the lines of the summary: how often each status was given, by practice."""
    width = max(map(len, verdicts), default=8)
    yield "practice".ljust(width) + "".join(name.rjust(len(name) + 2) for name in COLUMNS)
    for practice, statuses in sorted(verdicts.items()):
        count = Counter(statuses.values())
        cells = "".join(str(count[name] or ".").rjust(len(name) + 2) for name in COLUMNS)
        yield practice.ljust(width) + cells


def changes(old: Verdicts, new: Verdicts) -> Iterator[str]:
    """Yield each verdict that is another one now; what only one run knows is named too."""
    for practice in sorted(old.keys() | new.keys()):
        before, after = old.get(practice, {}), new.get(practice, {})
        for name in sorted(before.keys() | after.keys()):
            was, now = before.get(name, "not judged"), after.get(name, "not judged")
            if was != now:
                yield f"{practice}  {name}: {was} -> {now}"


def main(argv: Sequence[str] | None = None) -> int:
    """Judge a folder, write the verdicts, print the table and what changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--compare", type=Path, metavar="OLD")
    parser.add_argument("--output", type=Path, default=Path("build", "corpus"))
    given = parser.parse_args(argv)
    # Read first: OLD may be the very folder that is about to be written.
    old = kept(given.compare) if given.compare else {}
    new = judge(given.folder)
    keep(new, given.output)
    print("\n".join(table(new)))
    if given.compare:
        found = list(changes(old, new))
        print("\n".join(found) or "Nothing changed.")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
