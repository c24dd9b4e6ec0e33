"""Judge whether the project has a history."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Role, Verdict, failed, partial, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.archives import Archives
from repro_audit.facts.history import History
from repro_audit.facts.notebooks import Notebooks
from repro_audit.facts.prose import Prose
from repro_audit.facts.results import Results

RESULTS = re.compile(
    r"(^|/)(results?|outputs?|figures?|figs|plots?|checkpoints?|weights|models?)/", re.IGNORECASE
)


def vcs_used(repo: Repository) -> Verdict:
    """Sources are committed to git, with more than one step of history."""
    history = repo.fact(History)
    if not history.present:
        return unknown(
            "There is no .git here: a download carries no history, so ask for the repository."
        )
    if history.unread:
        return unknown("What git keeps here is broken, or of a kind that is not read.")
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
        finished = [Evidence(path, 0, "a result that was made before") for path in results(repo)]
        if finished:
            return partial("One commit holds code and finished results together.", head, *finished)
        return young(repo, head)
    return passed(f"{history.commits} commits lead to this state.", head)


def young(repo: Repository, head: Evidence) -> Verdict:
    """Judge a single commit: a beginning has no results yet, and nothing that was published.

    What is run from now on can be tied to this commit, and that is what history is for.
    """
    stated = repo.fact(Results).stated
    if stated:
        return partial("One commit holds code and stated results together.", head, *stated[:3])
    readme = repo.fact(Prose).readme
    public = repo.fact(Archives).public
    if repo.fact(History).dirty or readme is None or public:
        return unknown("One commit: a young project, or a dump of an old one.", head, *public)
    begun = readme.at(1, "speaks of no result yet")
    return passed("One clean commit holds everything, and no result is older.", head, begun)


def results(repo: Repository) -> list[str]:
    """Return files that only a finished study has: figures, weights, tables, run notebooks."""
    made = [file.path for file in repo.with_role(Role.DATA) if RESULTS.search(file.path)]
    run = [
        notebook.path
        for notebook in repo.fact(Notebooks).all
        if any(cell.outputs for cell in notebook.cells)
    ]
    return [*made, *run]
