"""Runs rules over a repository; a rule that crashes becomes an `error` and the audit goes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from repro_audit import __version__, catalogue
from repro_audit import lazyre as re
from repro_audit.errors import ReproAuditError
from repro_audit.facts.configs import Configs
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.flags import Flags
from repro_audit.facts.flow import Flow
from repro_audit.facts.history import History
from repro_audit.facts.kind import Kind, training_calls
from repro_audit.facts.prose import Prose
from repro_audit.facts.python import PythonIndex
from repro_audit.facts.randomness import Randomness
from repro_audit.facts.results import Results
from repro_audit.model import (
    Evidence,
    Project,
    Proof,
    Report,
    Result,
    Skipped,
    Status,
    Subject,
    Verdict,
)
from repro_audit.projects import notices as project_notices
from repro_audit.projects import projects
from repro_audit.proof import notices as record_notices
from repro_audit.proof import proof, prove
from repro_audit.repository import Repository
from repro_audit.score import BADGES, LEVEL_SETS, members, score
from repro_audit.settings import Settings
from repro_audit.terms import Terms
from repro_audit.unread import doubted
from repro_audit.workers import large, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
MOST_EVIDENCE = 20
NO_HISTORY = History(False, None, 0, False, False, (), ())
# These speak of every notebook, or of every file.
OF_ALL = ("nb-", "env-portable-paths")
# These speak of files that are no code, which can neither be one of them nor undo one.
OF_FILES = frozenset(
    {"env-lock", "env-container", "env-base-image-pinned", "env-python-version", "auto-ci"}
    | {"auto-ci-pinned", "doc-licence", "doc-citation"}
)
CODE = re.compile(r"(?<!setup)\.(pyw?|ipynb)$")
# A handful of rules is asked by one process. What rules of many aspects begin with is read before
# more of them take part.
MANY_RULES = 20
COMMON = (PythonIndex, Flow, Dependencies, Randomness, Results, Flags, Configs, Prose, History)
# These aspects ask for the same and are one task; what takes longest is begun first.
FAMILIES = (
    ("partitions", "dataset", "preprocessing"),
    ("software environment", "hardware environment"),
)
NEEDS_EVIDENCE = (Status.PASS, Status.PARTIAL, Status.FAIL)


def clean(text: str) -> str:
    """Make bytes of a file name that are no text visible, so that every output can be written."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def judge(rule: catalogue.Rule, repo: Repository) -> Verdict:
    """Ask one rule, and hold it to the law of verdicts."""
    repo.asking.append(set())
    try:
        verdict: object = rule.check(repo)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - a broken rule must not end the audit
        reason = f"{type(problem).__name__}: {problem}"
        return Verdict(Status.ERROR, f"The rule crashed ({clean(reason)[:200]}); please report it.")
    finally:
        missed = repo.asking.pop()
    if not isinstance(verdict, Verdict):
        return Verdict(Status.ERROR, "The rule gave no verdict; please report it.")
    if verdict.status in NEEDS_EVIDENCE and not verdict.evidence:
        return Verdict(Status.ERROR, f"The rule says {verdict.status.value} without evidence.")
    evidence = tuple(
        Evidence(clean(item.path), item.line, clean(item.message))
        for item in dict.fromkeys(verdict.evidence)
    )
    if rule.practice.id in OF_FILES and verdict.status is not Status.NOT_APPLICABLE:
        missed = {path for path in missed if not CODE.search(path)}
    if not rule.practice.id.startswith(OF_ALL):
        missed -= beside(repo)
    verdict = doubted(verdict, rule.practice, missed | repo.hidden, repo.why)
    kept = evidence[:MOST_EVIDENCE]
    more = len(evidence) - len(kept)
    return Verdict(verdict.status, clean(verdict.summary), kept, verdict.fix, more)


def beside(repo: Repository) -> set[str]:
    """Return the unread notebooks where scripts train: these are the main path, and were read."""
    notebooks = {path for path in repo.why if path.endswith(".ipynb")}
    if notebooks and any(call.path.endswith(".py") for call in training_calls(repo)):
        return notebooks
    return set()


def verdicts_of(rules: Sequence[catalogue.Rule], repo: Repository) -> list[Verdict]:
    """Return the verdict of each rule; the aspects of a large repository are spread."""
    if repo.processes > 1:
        for kind in COMMON:
            # The rules that ask again say what is wrong.
            with suppress(Exception):
                repo.fact(kind)
    alone = dict.fromkeys((rule.practice.aspect,) for rule in rules)
    families = (*FAMILIES, *(one for one in alone if not any(one[0] in many for many in FAMILIES)))

    def judged(family: tuple[str, ...]) -> list[tuple[str, Verdict]]:
        repo.tell(f"judging {family[0]}")
        mine = (rule for rule in rules if rule.practice.aspect in family)
        return [(rule.practice.id, judge(rule, repo)) for rule in mine]

    found = spread([partial(judged, family) for family in families], repo)
    by_id = {identifier: verdict for part in found for identifier, verdict in part}
    return [by_id[rule.practice.id] for rule in rules]


class Rest:
    """Asks for what a report holds beside verdicts; where that crashes, it says so and goes on."""

    def __init__(self) -> None:
        self.crashed: list[str] = []

    def ask(self, what: str, find: Callable[[], T], otherwise: T) -> T:
        """Return what `find` finds, else `otherwise`."""
        try:
            return find()
        except Exception as problem:  # noqa: BLE001 - the report is written all the same
            said = f"The {what} could not be read ({type(problem).__name__}); please report it."
            if said not in self.crashed:
                self.crashed.append(said)
            return otherwise


def profile_members(name: str) -> frozenset[str]:
    """Return the practices of a profile: a level with those it contains, or a badge.

    Raises:
        ReproAuditError: when there is no such profile.
    """
    if name in BADGES:
        return members(name)
    if name not in LEVEL_SETS:
        known = ", ".join((*LEVEL_SETS, *BADGES))
        raise ReproAuditError(f"There is no profile {name!r}; there are {known}.")
    levels = LEVEL_SETS[name]
    return frozenset(
        rule.practice.id for rule in catalogue.rules() if rule.practice.level in levels
    )


def chosen(select: Sequence[str], profile: str | None) -> list[catalogue.Rule]:
    """Return the rules of the selection and the profile; all when neither is given.

    Raises:
        ReproAuditError: for an id that no practice has, or a name that no profile has.
    """
    if not select and profile is None:
        return list(catalogue.rules())
    wanted = {catalogue.rule(identifier).practice.id for identifier in select}
    wanted |= profile_members(profile) if profile is not None else frozenset()
    return [rule for rule in catalogue.rules() if rule.practice.id in wanted]


def run_audit(
    path: Path | str | Repository,
    *,
    settings: Settings | None = None,
    select: Sequence[str] = (),
    profile: str | None = None,
    trusted: bool = True,
) -> Report:
    """Audit the repository at `path`, maybe listed already, without running any of it.

    Raises:
        ReproAuditError: when `path` cannot be read or `select` names no practice.
    """
    own = settings or Settings()
    if isinstance(path, Repository):
        repo = path
    else:
        repo = Repository(Path(path), exclude=own.exclude if trusted else ())
    if not select and profile is None and trusted:
        select, profile = own.select, own.profile
    rules = chosen(select, profile)
    known = [rule.practice.id for rule in catalogue.rules()]
    terms = Terms(repo, own, trusted=trusted, known=known)
    if repo.processes > 1 and (len(rules) < MANY_RULES or not large(repo)):
        repo.processes = 1
    return report(repo, rules, verdicts_of(rules, repo), terms)


def report(
    repo: Repository, rules: Sequence[catalogue.Rule], verdicts: Sequence[Verdict], terms: Terms
) -> Report:
    """Return what is said of a repository; records of runs and declarations change verdicts."""
    judged = tuple(map(Result, (rule.practice for rule in rules), verdicts))
    # A recorded run speaks before a person does: nobody declares what a run has shown.
    rest = Rest()
    proved = rest.ask("records of runs", lambda: prove(judged, repo, terms.left_out), judged)
    results = tuple(terms.apply(item) for item in proved)
    none: list[Project] = []
    parts = rest.ask("projects", lambda: list(projects(repo, rules, judge, terms)), none)
    history = rest.ask("history", lambda: repo.fact(History), NO_HISTORY)
    nothing: list[str] = []
    of_records = rest.ask("records of runs", lambda: list(record_notices(repo)), nothing)
    of_projects = rest.ask("projects", lambda: list(project_notices(repo)), nothing)
    subject = Subject(
        name=clean(repo.root.name),
        commit=history.commit,
        dirty=history.dirty,
        kind=rest.ask("kind", lambda: repo.fact(Kind).name, "unknown"),
        files=len(repo.files),
    )
    return Report(
        version=__version__,
        specification=catalogue.SPECIFICATION,
        subject=subject,
        results=results,
        score=score(results),
        skipped=tuple(Skipped(clean(item.path), clean(item.why)) for item in repo.skipped),
        ignored=tuple(
            replace(item, reason=clean(item.reason), path=clean(item.path))
            for item in terms.ignored
        ),
        notices=tuple(
            clean(item) for item in (*terms.notices, *of_records, *of_projects, *rest.crashed)
        ),
        proof=rest.ask("records of runs", lambda: proof(repo), Proof()),
        declared=terms.declarations,
        projects=tuple(replace(item, path=clean(item.path)) for item in parts),
    )
