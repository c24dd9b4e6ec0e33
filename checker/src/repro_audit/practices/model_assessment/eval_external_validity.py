"""Judge whether scope and limits are stated."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, passed, unknown
from repro_audit.facts.absent import nothing_trained
from repro_audit.facts.fitting import model_fits
from repro_audit.facts.kind import ML
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.sections import described, own_documents

SCOPE = (
    r"^\W*([\d.]+\s+)?((?!api|rate|domain)\w+\s+){0,3}(limits|limitations|scope|caveats|"
    r"intended uses?|fairness|bias(es)?|generali[sz]ation|(external )?validity|failure cases|"
    r"weaknesses|ethical considerations)\W*((and|of|&|,)\s.*)?$"
)


def eval_external_validity(repo: Repository) -> Verdict:
    """A section says where the result should hold and where not."""
    if not model_fits(repo) and not any(repo.fact(PythonIndex).imported(*sorted(ML))):
        return nothing_trained(repo)
    good, hollow = described(own_documents(repo), SCOPE, 12)
    if good:
        return passed("Limits are stated; whether they are the true ones a person judges.", *good)
    if hollow:
        fix = "Say for which data the result should hold, where it fails, and for which groups"
        return failed("The section on limits is a scaffold, or empty.", *hollow, fix=fix)
    return unknown("No section states limits; the paper may, and a person has to say.")
