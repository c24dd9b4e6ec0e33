"""Judge whether the bytes of the data are checked."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.data import Data
from repro_audit.facts.digests import digests
from repro_audit.facts.history import History
from repro_audit.facts.integrity import Integrity
from repro_audit.facts.origins import Origins, left_to_user


def data_checksums(repo: Repository) -> Verdict:
    """Expected digests stand in the repository, and the data is compared with them."""
    data, origins, found = repo.fact(Data), repo.fact(Origins), repo.fact(Integrity)
    listed = list(digests(repo))
    stored = origins.stored
    if left_to_user(repo):
        return not_applicable("The package reads what its users give it, and brings no data.")
    seen = (data.used, stored, listed, found.recorded, found.loose, origins.named)
    if not any(seen):
        return not_applicable("The code reads no data from outside.")
    own = [*found.checked, *found.recorded]
    good = [*own, *found.verified]
    fix = "sha256sum data/* > data/SHA256SUMS, and check it before training"
    loose = [*found.loose, *origins.by_hand]
    if good and loose and not own:
        summary = "Some data is checked by its loader, and some is taken as it comes."
        return partial(summary, *loose, *good, fix=fix)
    if good:
        return passed("Data is compared with expected digests.", *good, *listed)
    if found.beside:
        summary = "Digests are checked, and of other files than those that the code reads."
        return partial(summary, *found.beside, *listed, fix=fix)
    if listed:
        return partial("Digests are listed and nothing compares them.", *listed, fix=fix)
    if stored and origins.by_hand:
        summary = "What stands here is fixed by git; what is brought by hand is not checked."
        return partial(summary, *origins.by_hand, *stored, fix=fix)
    if stored and not found.loose and not repo.fact(History).present:
        reason = "The data stands here, and there is no git to fix its bytes."
        return unknown(reason, *stored, fix=fix)
    if stored and not found.loose:
        return passed("The data stands in the repository, where git fixes its bytes.", *stored)
    if not (found.loose or data.reads or origins.named or data.targets):
        return not_applicable("The data comes with an installed package, which fixes it.")
    reads = [call.evidence(f"{call.name} takes the bytes as they come") for call in data.reads]
    summary = "Data is used without any check of its bytes."
    return failed(summary, *found.loose, *reads, *data.targets, fix=fix)
