"""Judge whether versions of the data are kept."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.origins import FOLDERS, Origins
from repro_audit.facts.tracking_of_data import DataTracking


def data_under_version_control(repo: Repository) -> Verdict:
    """A tool for data, or git for small files, ties each commit to exact data."""
    found, origins = repo.fact(DataTracking), repo.fact(Origins)
    fix = "dvc add data, dvc remote add a place that others can reach, git add data.dvc"
    if found.weak:
        return partial("The tracking of data has a gap.", *found.weak, *found.tracked, fix=fix)
    if found.tracked:
        return passed("Each commit names exact data.", *found.tracked)
    if not origins.any:
        return not_applicable("The code reads no data.")
    # Large files in git itself are judged where the history is read.
    if origins.stored:
        return passed("The data stands in the repository itself.", *origins.stored)
    if origins.made and not (origins.outside or origins.reads):
        return not_applicable("The data is made by the code.", *origins.made)
    # A folder of pictures is most often a known set, which others keep.
    seen = [
        call.evidence(f"{call.name} reads what is not tracked")
        for call in origins.reads
        if call.method not in FOLDERS
    ]
    if found.idle or (seen and not (origins.fetched or origins.shown)):
        return failed("The data that is read is tracked nowhere.", *found.idle, *seen, fix=fix)
    return unknown("The data comes from elsewhere; whether it is large or changes is not visible.")
