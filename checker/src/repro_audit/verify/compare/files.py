"""Compares two folders of outputs, file by file: by digest first, then by kind."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from repro_audit.verify.compare import archives, documents, tracking
from repro_audit.verify.compare.difference import Difference
from repro_audit.verify.compare.names import general, paired
from repro_audit.verify.compare.numbers import left_out, summary
from repro_audit.verify.compare.text import compare_text
from repro_audit.verify.outputs import REMOVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from repro_audit.verify.outputs import Written
    from repro_audit.verify.plan import Tolerance

    Reader = Callable[[Path, Path, str, Sequence[Tolerance]], Difference]


class Looks(Protocol):
    """Looks into two files of a kind that needs the project's own libraries."""

    def __call__(self, kind: str, one: Path, other: Path, rules: list[Any]) -> dict[str, Any]:
        """Return what was found, or the problem."""


KINDS: dict[str, Reader] = {
    ".json": documents.compare_json,
    ".jsonl": documents.compare_json_lines,
    ".ndjson": documents.compare_json_lines,
    ".csv": documents.compare_csv,
    ".tsv": documents.compare_csv,
    ".tab": documents.compare_csv,
    ".ipynb": documents.compare_notebook,
    ".zip": archives.compare_archive,
    ".npz": archives.compare_archive,
    ".pt": archives.compare_archive,
    ".pth": archives.compare_archive,
    ".ckpt": archives.compare_archive,
}
LOOKED = {
    ".npy": "npy", ".npz": "npz", ".pt": "torch", ".pth": "torch", ".ckpt": "torch",
    ".safetensors": "safetensors", ".parquet": "parquet", ".png": "image", ".jpg": "image",
    ".jpeg": "image", ".tif": "image", ".tiff": "image", ".bmp": "image", ".gif": "image",
    ".webp": "image", ".joblib": "joblib", ".pkl": "joblib", ".pickle": "joblib",
}  # fmt: skip
LARGEST = 2_000_000_000


class Comparison:
    """How outputs are compared: tolerances, whether names may change, and who looks inside."""

    def __init__(
        self, tolerances: Sequence[Tolerance], looks: Looks | None = None, *, named: bool = False
    ) -> None:
        self.tolerances = tolerances
        self.looks = looks
        self.named = named
        self.again = False

    def compare(self, first: Written, second: Written) -> tuple[Difference, ...]:
        """Return how the second differs from the first, in the order of the paths."""
        self.again = bool(second.older)
        one, other = (
            {path: seen for path, seen in item.files.items() if counts(path, item)}
            for item in (first, second)
        )
        found = [*self.files(first, second, one, other)]
        found += self.stores(first, second)
        return tuple(sorted(found, key=lambda item: item.path))

    def files(
        self, first: Written, second: Written, one: dict[str, str], other: dict[str, str]
    ) -> Iterator[Difference]:
        """Yield the files that differ."""
        pairs = [(path, path, path) for path in sorted({*one, *other})]
        if self.named or any("mlruns/" in path or "mlartifacts/" in path for path in one):
            pairs = [
                (name, left, right)
                for name, left, right in paired(one, other)
                if self.named or "mlruns/" in name or "mlartifacts/" in name
            ] + [
                (path, path, path)
                for path in sorted({*one, *other})
                if not (self.named or "mlruns/" in path or "mlartifacts/" in path)
            ]
        for name, left, right in pairs:
            before, after = one.get(left), other.get(right)
            if before == after or left_out(name, self.tolerances):
                continue
            # A committed file that only one run changed is there in the other, unchanged.
            old, new = first.folder / (left or right), second.folder / (right or left)
            if old.is_file() and new.is_file():
                yield self.by_kind(old, new, name)
            elif before is None:
                yield Difference(name, "is written here and not in the first run")
            elif after is None:
                yield Difference(name, "is not written here")
            elif REMOVED in (before, after):
                yield Difference(name, "is removed in one run and not in the other")
            else:
                yield Difference(name, f"{before} became {after}")

    def by_kind(self, one: Path, other: Path, path: str) -> Difference:
        """Compare two files of other bytes by what they hold."""
        if one.is_symlink() or other.is_symlink():
            return Difference(path, "is a link to something else")
        if max(one.stat().st_size, other.stat().st_size) > LARGEST:
            return Difference(path, "other bytes (too large to look into)")
        suffix = PurePosixPath(path.partition(" (")[0]).suffix.lower()
        try:
            if suffix in LOOKED and self.looks is not None:
                seen = self.looked(LOOKED[suffix], one, other, path)
                if seen is not None or suffix not in KINDS:
                    return seen or Difference(path, "other bytes (no library here reads them)")
            if tracking.is_store(one) and tracking.is_store(other):
                left, right = tracking.read_database(one), tracking.read_database(other)
                right = right[-len(left) :] if self.again else right
                return tracked(path, list(tracking.different_runs(left, right, self.tolerances)))
            return KINDS.get(suffix, compare_text)(one, other, path, self.tolerances)
        except Exception as problem:  # noqa: BLE001 - a broken output is an output all the same
            return Difference(path, f"other bytes ({type(problem).__name__} while reading them)")

    def looked(self, kind: str, one: Path, other: Path, path: str) -> Difference | None:
        """Let the project's own libraries look into two files; None when they cannot."""
        assert self.looks is not None  # noqa: S101 - asked for by the caller
        rules = [
            [item.pattern, item.relative, item.absolute, item.ignore] for item in self.tolerances
        ]
        answer = self.looks(kind, one, other, rules)
        if "found" not in answer:
            return None
        found = [(str(name), str(what), fine is True) for name, what, fine in answer["found"]]
        if not found:
            return Difference(path, "other bytes, and the same content", same=True)
        what, within = summary(found)
        return Difference(path, what, within)

    def stores(self, first: Written, second: Written) -> Iterator[Difference]:
        """Compare MLflow's stores of files."""
        one, other = (
            [path for path in item.files if tracking.OWN.search(path)] for item in (first, second)
        )
        if one or other:
            left = tracking.read_folder(first.folder, one)
            right = tracking.read_folder(second.folder, other)
            right = right[-len(left) :] if self.again else right
            found = list(tracking.different_runs(left, right, self.tolerances))
            if found:
                yield tracked("mlruns", found)


def counts(path: str, run: Written) -> bool:
    """Say whether a file is compared as such: no part of a store, no folder of an earlier run."""
    earlier = path in run.older and general(path) != path
    return not earlier and not tracking.OWN.search(path)


def tracked(path: str, found: list[tuple[str, str, bool]]) -> Difference:
    """Describe two stores of tracked runs."""
    if not found:
        return Difference(path, "times and identities only", same=True)
    what, within = summary(found)
    return Difference(path, what, within)
