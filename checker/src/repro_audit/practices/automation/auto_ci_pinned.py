"""Judge whether actions of workflows are fixed."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.workflows import Workflows


def auto_ci_pinned(repo: Repository) -> Verdict:
    """Every action that a workflow uses is named by its full commit."""
    uses = [use for workflow in repo.fact(Workflows).all for use in workflow.uses]
    if not uses:
        return not_applicable("No workflow uses an action from elsewhere.")
    loose = [use.evidence(f"{use.name} may be moved") for use in uses if not use.pinned]
    if not loose:
        return passed("All actions are named by commit.", *(use.evidence(use.name) for use in uses))
    fix = "Write the 40-digit commit behind the @, with the tag in a comment"
    some = len(loose) < len(uses)
    return (partial if some else failed)(
        f"{len(loose)} of {len(uses)} actions are not fixed.", *loose, fix=fix
    )
