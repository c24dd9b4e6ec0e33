"""From verdicts to numbers: the only module that knows weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.model import AspectScore, Basis, Result, Score, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WEIGHT = {Severity.BLOCKER: 5, Severity.MAJOR: 3, Severity.MINOR: 1}
VALUE = {Status.PASS: 1.0, Status.PARTIAL: 0.5, Status.FAIL: 0.0, Status.ERROR: 0.0}
LEVEL_SETS = {
    "reviewable": ("reviewable",),
    "replicable": ("reviewable", "replicable"),
    "confirmable": ("reviewable", "confirmable"),
    "auditable": ("reviewable", "replicable", "auditable"),
    "open": ("reviewable", "replicable", "confirmable", "auditable", "open"),
}
LEVEL_LOW = 0.7
LEVEL_COVERAGE = 0.8
# Above this share of the weight a level would rest on what people say of their own work.
MOST_DECLARED = 0.2
# What others award, in the practices that show it; a badge that builds on another names it.
# Heil et al. 2021 (doi:10.1038/s41592-021-01256-7), the Papers with Code checklist, ACM 1.1.
BADGES: dict[str, tuple[str, ...]] = {
    "heil-bronze": (
        "data-archived",
        "train-weights-released",
        "archive-code",
        "prep-code-included",
        "train-code-included",
        "eval-code-included",
    ),
    "heil-silver": (
        "heil-bronze",
        "env-one-command",
        "doc-repro-steps",
        "hw-described",
        "hw-cost-stated",
        "seed-all-libraries",
        "split-fixed",
        "det-framework",
    ),
    "heil-gold": ("heil-silver", "auto-one-command"),
    "pwc": (
        "env-deps-declared",
        "train-code-included",
        "eval-code-included",
        "train-weights-released",
        "eval-results-stated",
    ),
    "acm-available": ("archive-code", "data-archived"),
    "acm-functional": (
        "doc-readme",
        "doc-repro-steps",
        "env-imports-covered",
        "env-one-command",
        "auto-smoke-run",
        "eval-results-stated",
    ),
    "acm-reusable": ("acm-functional", "doc-extensible", "doc-licence", "train-config-versioned"),
}


def weight(result: Result) -> int:
    """Return the weight of a practice, which its severity gives."""
    return WEIGHT[result.practice.severity]


def applicable(results: Iterable[Result]) -> list[Result]:
    """Leave out what does not apply."""
    return [item for item in results if item.verdict.status is not Status.NOT_APPLICABLE]


def span(results: Sequence[Result]) -> tuple[float, float, float]:
    """Return low end, high end and coverage (each 0 to 1) of applicable results.

    Nothing applicable gives 0 for all three: what was not asked is not kept.
    """
    total = sum(weight(item) for item in results)
    if not total:
        return 0.0, 0.0, 0.0
    kept = sum(weight(item) * VALUE.get(item.verdict.status, 0.0) for item in results)
    open_ = sum(weight(item) for item in results if item.verdict.status is Status.UNKNOWN)
    return kept / total, (kept + open_) / total, (total - open_) / total


def percent(share: float) -> float:
    """Show a share in percent with one decimal."""
    return round(100 * share, 1)


def proven(results: Sequence[Result]) -> float:
    """Return the share of the weight that waits for a run whose run was made and passed."""
    waiting = [item for item in results if item.practice.dynamic]
    total = sum(weight(item) for item in waiting)
    made = sum(weight(item) for item in waiting if item.basis is Basis.EXECUTED)
    return made / total if total else 0.0


def repeated(inside: Sequence[Result], every: Sequence[Result]) -> bool:
    """Say whether every practice inside that a record of re-runs can decide was decided by one.

    A level without such a practice waits for the re-runs of all others.
    """
    decidable = [item for item in every if item.practice.proved_by]
    waiting = [item for item in inside if item.practice.proved_by] or decidable
    return bool(waiting) and all(item.basis is Basis.EXECUTED for item in waiting)


def declared_share(results: Iterable[Result]) -> float:
    """Return the share of the weight that rests on declarations, those out of the score too."""
    asked = [
        item
        for item in results
        if item.basis is Basis.DECLARED or item.verdict.status is not Status.NOT_APPLICABLE
    ]
    total = sum(weight(item) for item in asked)
    said = sum(weight(item) for item in asked if item.basis is Basis.DECLARED)
    return said / total if total else 0.0


def stands(result: Result) -> bool:
    """Say whether a blocker is met: kept, or answered for by a named person."""
    return result.verdict.status is Status.PASS or result.basis is Basis.DECLARED


def level(name: str, results: Sequence[Result]) -> str:
    """Say whether a level is reached: its blockers pass, and its majors nearly do.

    It is `ready` when reading says so, `proven` when re-runs have said it too.
    """
    inside = [item for item in results if item.practice.level in LEVEL_SETS[name]]
    blockers = [item for item in inside if item.practice.severity is Severity.BLOCKER]
    majors = [item for item in inside if item.practice.severity is Severity.MAJOR]
    if not inside or not all(stands(item) for item in blockers):
        return "no"
    low, _, coverage = span(majors)
    enough = not majors or (low >= LEVEL_LOW and coverage >= LEVEL_COVERAGE)
    if not enough:
        return "no"
    return "proven" if repeated(inside, results) else "ready"


def members(badge: str) -> frozenset[str]:
    """Return the practices of a badge, with those of the badges that it builds on."""
    found: set[str] = set()
    for item in BADGES[badge]:
        found |= members(item) if item in BADGES else {item}
    return frozenset(found)


def badges(results: Sequence[Result]) -> tuple[tuple[str, str], ...]:
    """Say which badges are ready; one is named only when every practice of it was asked."""
    by_id = {item.practice.id: item for item in results}
    found: list[tuple[str, str]] = []
    for name in BADGES:
        wanted = members(name)
        if wanted <= by_id.keys():
            inside = applicable(by_id[identifier] for identifier in sorted(wanted))
            found.append((name, "ready" if inside and all(map(stands, inside)) else "no"))
    return tuple(found)


def gains(asked: Sequence[Result]) -> tuple[tuple[str, float], ...]:
    """Return what each fault costs the low end: blockers first, then what costs most."""
    totals: dict[str, int] = {}
    for item in asked:
        totals[item.practice.aspect] = totals.get(item.practice.aspect, 0) + weight(item)
    found = [
        (item, 100 * weight(item) * (1 - value) / totals[item.practice.aspect] / len(totals))
        for item in asked
        if (value := VALUE.get(item.verdict.status, 1.0)) < 1.0
    ]
    blocker = Severity.BLOCKER
    found.sort(key=lambda pair: (pair[0].practice.severity is not blocker, -pair[1]))
    return tuple((item.practice.id, round(points, 1)) for item, points in found)


def score(results: Iterable[Result]) -> Score:
    """Score results: each aspect by weight, the whole as the mean of the aspects."""
    every = tuple(results)
    asked = applicable(every)
    names = sorted({item.practice.aspect for item in asked})
    spans = {name: span([item for item in asked if item.practice.aspect == name]) for name in names}
    count = len(spans) or 1
    total = sum(weight(item) for item in asked)
    undecided = sum(weight(item) for item in asked if item.verdict.status is Status.UNKNOWN)
    weakest = min(names, key=lambda name: (spans[name][0], spans[name][1], name), default=None)
    said = declared_share(every)
    awarded = {name: "no" if said > MOST_DECLARED else level(name, asked) for name in LEVEL_SETS}
    return Score(
        low=percent(sum(low for low, _, _ in spans.values()) / count),
        high=percent(sum(high for _, high, _ in spans.values()) / count),
        coverage=round((total - undecided) / total, 3) if total else 0.0,
        weakest=weakest,
        aspects=tuple(
            AspectScore(name, percent(low), percent(high), round(coverage, 3))
            for name, (low, high, coverage) in spans.items()
        ),
        proven=round(proven(asked), 3),
        levels=tuple(awarded.items()),
        badges=tuple(
            (name, "no" if said > MOST_DECLARED else state) for name, state in badges(every)
        ),
        declared=round(said, 3),
        gains=gains(asked),
    )
