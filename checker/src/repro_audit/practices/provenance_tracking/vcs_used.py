"""Judge whether the project has a history."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.history import History


def vcs_used(repo: Repository) -> Verdict:
    """Sources are committed to git, with more than one step of history."""
    history = repo.fact(History)
    if not history.present:
        return unknown(
            "There is no .git here: a download carries no history, so ask for the repository."
        )
    fix = "git add --all && git commit"
    if history.commit is None:
        return failed(
            "git was started and nothing was committed.", Evidence(".git", 0, "no commit"), fix=fix
        )
    head = Evidence(".git", 0, f"HEAD is {history.commit[:12]} after {history.commits} commit(s)")
    if history.untracked:
        loose = [Evidence(path, 0, "not under version control") for path in history.untracked]
        return partial(f"{len(loose)} source file(s) are not committed.", *loose, fix=fix)
    if history.commits == 1 and history.shallow:
        return unknown("The clone is shallow, so the history cannot be read.", head)
    if history.commits == 1:
        return partial("One commit holds everything, so no step can be told from another.", head)
    return passed(f"{history.commits} commits lead to this state.", head)
