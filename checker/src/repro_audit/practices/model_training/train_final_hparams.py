"""Judge whether the values behind each stated result can be found."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.results import Results
from repro_audit.facts.runs import RunRecords


def train_final_hparams(repo: Repository) -> Verdict:
    """Each stated result leads to a command, a configuration or a recorded run."""
    results = repo.fact(Results)
    stated = [*(table.evidence("a table of results") for table in results.tables), *results.said]
    if not stated:
        if not model_fits(repo):
            return nothing_trained(repo)
        return unknown(
            "No result is stated here whose values could be looked for; a paper may state some."
        )
    records = repo.fact(RunRecords)
    named = sum(len(table.rows) for table in results.tables) or 1
    ways = [*records.linked, *records.commands]
    fix = "Name beside each result the command or the configuration that made it"
    if records.kept or 2 * len(ways) >= named:
        return passed("Results lead to the values that made them.", *records.kept, *ways)
    if ways or records.values:
        seen: list[Evidence] = [*ways, *records.values[:10], *stated[:5]]
        return partial("Values are given, and not for every stated result.", *seen, fix=fix)
    if not model_fits(repo):
        return unknown("The training is not visible here, nor are its values.", *stated)
    return failed("Results are stated and no value that made them is given.", *stated, fix=fix)
