"""Judge whether figures and tables are made by code."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.figures import Figures
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.languages import OTHER_CODE


def eval_figures_scripted(repo: Repository) -> Verdict:
    """Code that is run writes the figures and tables."""
    found = repo.fact(Figures)
    if found.written:
        return passed("Code writes figures or tables.", *found.written)
    fix = "Save each figure in the script that draws it: figure.savefig(path)"
    if found.shown:
        return partial("Figures are shown in a window and not saved.", *found.shown, fix=fix)
    foreign = repo.matching(*OTHER_CODE)
    if found.pictures and foreign:
        seen = Evidence(foreign[0].path, 0, "may draw them")
        return unknown("What draws the figures cannot be resolved.", seen, *found.pictures)
    if found.pictures:
        return failed("Figures are there and no code that draws them.", *found.pictures, fix=fix)
    if not model_fits(repo):
        return nothing_trained(repo)
    return unknown("No figure is here; whether a report holds one is for its author to say.")
