"""Judge whether the data can be had by running something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.kind import Kind, training_calls
from repro_audit.facts.origins import Origins, left_to_user, stepped
from repro_audit.facts.retrieval import idle_scripts
from repro_audit.facts.tracking_of_data import DataTracking

if TYPE_CHECKING:
    from repro_audit import Evidence


def data_retrieval_scripted(repo: Repository) -> Verdict:
    """A loader, script, task or command fetches or makes the data, or it stands here."""
    found = repo.fact(Origins)
    idle = set(idle_scripts(repo))
    scripted = [item for item in found.fetched if item.path not in idle]
    ready = [*scripted, *found.stored, *found.made, *found.shown]
    fix = "Write a script that fetches the data to where the code reads it; name it in the README"
    lacking = [*found.by_hand, *found.refused]
    if ready and lacking:
        return partial("Some data comes by a command and some by hand.", *lacking, *ready, fix=fix)
    if ready:
        return passed("The data can be had by running something.", *ready)
    tracked = repo.fact(DataTracking)
    if tracked.tracked and not (tracked.weak or lacking):
        summary = "A tool keeps the data, and nothing shows the command that fetches it."
        return partial(summary, *tracked.tracked, fix=fix)
    if idle and found.fetched:
        summary = "A script fetches the data, and nothing names that script."
        return partial(summary, *found.fetched, fix=fix)
    if found.optional:
        summary = "Some loaders fetch what is missing when they are told to."
        return partial(summary, *found.optional, *lacking, fix=fix)
    return without(repo, found, lacking, fix)


def without(repo: Repository, found: Origins, lacking: list[Evidence], fix: str) -> Verdict:
    """Say what it means that nothing fetches data."""
    if (repo.fact(Kind).name in {"library", "app"} and not lacking) or left_to_user(repo):
        return not_applicable("Whoever uses this software brings the data.")
    packaged = any(item.packaged for item in repo.fact(Dependencies).manifests)
    seen = [call.evidence(f"{call.name} reads what nothing brings") for call in found.reads]
    if packaged and seen and not lacking:
        return unknown("A package reads data; whether its users bring it is not visible.", *seen)
    if lacking or seen:
        return failed("Nothing in the repository brings the data.", *lacking, *seen, fix=fix)
    trained = training_calls(repo)
    if stepped(repo):
        return not_applicable("An environment gives the experience; no data is read.")
    if trained:
        return unknown("Models are trained and no data is seen.", trained[0].evidence("trains"))
    return not_applicable("The code reads no data.")
