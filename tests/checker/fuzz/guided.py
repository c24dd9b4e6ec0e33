"""The fact layer under a fuzzer that is guided by coverage (atheris, https://github.com/google/atheris).

`python -m fuzz.guided FOLDER [OPTIONS OF LIBFUZZER]` keeps its corpus in FOLDER/corpus and writes
each new fault once to FOLDER/findings. Atheris is no dependency of the tests: it needs Python 3.11
and an environment of its own.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["repro_audit"]):
    from repro_audit import catalogue

    catalogue.rules()
    from .held import packed, unpacked
    from .judged import faults
    from .seeds import trees

ROOT = Path(tempfile.mkdtemp(prefix="fuzz-"))


class Target:
    """Judges what the fuzzer makes, and goes on after a fault."""

    def __init__(self, folder: Path) -> None:
        """Write findings below `folder`."""
        self.findings = folder / "findings"
        self.findings.mkdir(parents=True, exist_ok=True)
        self.known: set[str] = set()

    def __call__(self, raw: bytes) -> None:
        """Judge one input."""
        for fault in faults(unpacked(raw), ROOT):
            name = re.sub(r"[^\w.-]+", "-", fault.split(": ")[0])[:80]
            if name not in self.known:
                self.known.add(name)
                (self.findings / f"{name}.txt").write_text(fault, "utf-8")
                (self.findings / f"{name}.bin").write_bytes(raw)


def main(folder: Path, options: list[str]) -> None:
    """Plant the seeds and run until libFuzzer's options say to stop."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for tree in trees():
        raw = packed(tree)
        name = hashlib.sha256(raw).hexdigest()[:16]
        (corpus / name).write_bytes(raw)
    atheris.Setup([sys.argv[0], *options, str(corpus)], Target(folder))
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
