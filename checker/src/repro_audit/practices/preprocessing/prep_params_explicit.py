"""Judge whether parameters of preprocessing are stated."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.origins import Origins
from repro_audit.facts.preparation import Preparation
from repro_audit.facts.prepared import explicit, unversioned


def prep_params_explicit(repo: Repository) -> Verdict:
    """Sizes, thresholds and resources stand in code or configuration, with versions."""
    prepares = repo.fact(Preparation).seen
    loose = list(unversioned(repo))
    if not (prepares or loose or repo.fact(Origins).any):
        return not_applicable("The code reads no data.")
    stated = list(explicit(repo)) if prepares or loose else []
    fix = "Give resources a version (revision=...) and write sizes into the configuration"
    if loose and stated:
        summary = "Parameters are stated, and some resources have no version."
        return partial(summary, *loose, *stated, fix=fix)
    if loose:
        return failed("Preprocessing rests on resources without a version.", *loose, fix=fix)
    if stated:
        return passed("Parameters of preprocessing are stated.", *stated)
    return unknown("No parameter of preprocessing is seen; there may be none.", *prepares[:5])
