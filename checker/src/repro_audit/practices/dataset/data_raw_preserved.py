"""Judge whether raw data is left as it is."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.accesses import Accesses
from repro_audit.facts.origins import WRITTEN
from repro_audit.roles import suffix_of

# Settings, beside a model or a run, are no data.
SETTINGS = re.compile(
    r"(^|[/_*-])(config|configure|settings|params|hparams|args)\.json$", re.IGNORECASE
)


def data_raw_preserved(repo: Repository) -> Verdict:
    """No code writes to a file that it has read before."""
    found = repo.fact(Accesses)
    known = [
        item
        for item in found.reads
        if item.known
        and not (SETTINGS.search(item.path) or suffix_of(item.path).lower() in WRITTEN)
    ]
    if not found.reads:
        return not_applicable("The code reads no data files.")
    # Read first and written later in one scope: a cache is written before it is read.
    over = [
        later.evidence(f"{later.path} is read before, and written over here")
        for first in known
        for later in found.writes
        if later.path == first.path
        and (later.call.path, later.call.scope) == (first.call.path, first.call.scope)
        and later.call.line >= first.call.line
        and not (later.call.conditions or first.call.conditions)
        # What the code itself has added to is its own.
        and not any(
            made.path == first.path
            and (made.call.path, made.call.scope) == (first.call.path, first.call.scope)
            and made.call.line < first.call.line
            for made in found.writes
        )
    ]
    fix = "Write derived files to a folder of their own, such as data/processed"
    if over:
        return failed("Raw data is written over.", *over, fix=fix)
    dark = [item for item in found.writes if not item.known]
    if dark or not known:
        seen = [item.evidence("the path of this file is not resolved") for item in dark]
        return unknown("Where files are read or written is not visible.", *seen)
    reads = [item.evidence(f"{item.path} is only read") for item in known]
    return passed("Nothing writes to the files that are read.", *reads)
