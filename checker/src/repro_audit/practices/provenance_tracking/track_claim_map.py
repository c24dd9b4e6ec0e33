"""Judge whether claims point to what made them."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.claimmap import ClaimMap
from repro_audit.facts.invocations import Invocations
from repro_audit.facts.quoting import quoted
from repro_audit.facts.results import Results


def track_claim_map(repo: Repository) -> Verdict:
    """A table or section leads from each number to the script or configuration behind it."""
    found = repo.fact(Results)
    results = (*found.stated, *found.files)
    pointers = repo.fact(ClaimMap).pointers
    there = [item.evidence for item in pointers if item.exists]
    gone = [item.evidence for item in pointers if not item.exists]
    fix = "Add a table to the README: number or figure, command, configuration, run, data version"
    if not results and not pointers:
        return not_applicable("No results are reported.")
    if there and not gone:
        return passed("Claims point to what made them.", *there)
    if there:
        return partial("Some claims point to files that do not exist.", *gone, *there, fix=fix)
    if gone:
        return failed("Claims point to files that do not exist.", *gone, fix=fix)
    beside_code = found.outputs and not (found.tables or found.said)
    if beside_code:
        said = "Numbers stand in the notebooks that make them, without settings, run or data."
        return partial(said, *found.outputs[:5], fix=fix)
    told = {item.path for item in results}
    beside = [item for item in repo.fact(Invocations).shown if item.command.path in told]
    near = [item.command.evidence(quoted(item.command.text)) for item in beside if not item.problem]
    if near:
        said = "Results and commands stand in one document, and nothing joins them."
        return partial(said, *results[:5], *near[:5], fix=fix)
    return failed("Results are reported, and nothing says what made each.", *results[:5], fix=fix)
