"""Judge whether the order of data and its augmentation follow a seed."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed, unknown
from repro_audit.facts.ordering import Ordering


def seed_dataloader(repo: Repository) -> Verdict:
    """Shuffling, sampling and augmentation have a seeded generator or follow a seeded state."""
    found = repo.fact(Ordering)
    fix = "Seed before the loaders are made, or pass generator=torch.Generator().manual_seed(seed)"
    good, bad = found.seeded, [*found.loose, *found.optional]
    if found.optional or (bad and good):
        return partial("The order of the data is not always seeded by default.", *bad, fix=fix)
    if bad:
        return failed("The order of the data changes from run to run.", *bad, fix=fix)
    if found.unclear:
        return unknown("The seed of an order or augmentation is not visible.", *found.unclear)
    if good:
        return passed("Order and augmentation follow a seed.", *good)
    if found.unreached:
        return unknown("Data is shuffled where no entry point leads.", *found.unreached[:5])
    return not_applicable("Nothing shuffles, samples or augments data.")
