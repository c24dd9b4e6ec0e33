"""The verdict per project: the same rules, each over one folder of a monorepo or template.

Nothing of this runs for any other repository. Re-runs are of the whole tree, so that a project is
judged by reading and by what people declare.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from repro_audit.facts.above import Doubts, above
from repro_audit.facts.history import History
from repro_audit.facts.kind import Kind
from repro_audit.facts.projects import Projects, shared
from repro_audit.facts.records import Records
from repro_audit.made import MARK, Made
from repro_audit.made import folders as made_folders
from repro_audit.model import Project, Result
from repro_audit.score import score
from repro_audit.view import View
from repro_audit.workers import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from repro_audit.catalogue import Rule
    from repro_audit.facts.above import Above
    from repro_audit.model import Verdict
    from repro_audit.repository import Repository
    from repro_audit.terms import Terms

# A tree of thousands of tiny projects must not take hours.
MOST_PROJECTS = 60


def found(repo: Repository) -> tuple[str, ...]:
    """Return the folders of the projects of a monorepo, or of what a template makes; else none."""
    kind = repo.fact(Kind).name
    if kind == "template":
        return made_folders(repo)
    return repo.fact(Projects).folders if kind == "monorepo" else ()


def view_of(repo: Repository, folder: str, over: Above) -> View:
    """Return one project as a repository; what git knows is the history of the whole."""
    made = MARK in folder
    view = (
        Made(repo, folder)
        if made
        else View(repo, folder, (*shared(repo, folder), *over.of(folder)))
    )
    view.facts[Doubts] = over.doubts[folder]
    history = repo.fact(History)
    inside = f"{folder}/"
    changed, untracked = (
        tuple(path.removeprefix(inside) for path in paths if path.startswith(inside))
        for paths in (history.changed, history.untracked)
    )
    view.facts[History] = history._replace(
        changed=changed, untracked=untracked, dirty=bool(changed)
    )
    view.facts[Records] = Records((), ())
    return view


def placed(verdict: Verdict, view: View) -> Verdict:
    """Return the verdict with its evidence placed in the whole repository."""
    evidence = tuple(replace(item, path=view.origin(item.path)) for item in verdict.evidence)
    return replace(verdict, evidence=evidence)


def projects(
    repo: Repository,
    rules: Sequence[Rule],
    judge: Callable[[Rule, Repository], Verdict],
    terms: Terms,
) -> Iterator[Project]:
    """Judge each project by all rules, under the terms of the whole."""
    folders = found(repo)[:MOST_PROJECTS]
    over = above(repo, folders)

    def judged(number: int, folder: str) -> list[Verdict]:
        repo.tell(f"judging project {number} of {len(folders)}")
        view = view_of(repo, folder, over)
        return [placed(judge(rule, view), view) for rule in rules]

    tasks = [partial(judged, number, folder) for number, folder in enumerate(folders, 1)]
    for folder, verdicts in zip(folders, spread(tasks, repo), strict=True):
        results = tuple(
            terms.apply(Result(rule.practice, verdict))
            for rule, verdict in zip(rules, verdicts, strict=True)
        )
        yield Project(folder, results, score(results))


def notices(repo: Repository) -> Iterator[str]:
    """Say how many projects were not judged."""
    more = len(found(repo)) - MOST_PROJECTS
    if more > 0:
        yield f"{more} more projects of this monorepo were not judged on their own."
