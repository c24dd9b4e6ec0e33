"""The claims of `docs/preregistration.md`, and what the runs say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from scipy.stats import permutation_test
from yaml import YAMLError

from .provenance import git
from .stages import ROOT, StageError

PLAN = "docs/preregistration.md"
Run = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """One comparison that was planned.

    Attributes:
        name: the claim in words.
        metric: the one that decides, a name in `metrics.json`.
        better: "lower" or "higher".
        experiment: should be better.
        reference: than this one.
        alpha: of the one-sided paired permutation test over seeds.
        least: the smallest difference of the means that matters.
        seeds: of both, all of which count.
    """

    name: str
    metric: str
    better: str
    experiment: str
    reference: str
    alpha: float
    least: float
    seeds: list[int]


@dataclass(frozen=True)
class Plan:
    """All that was planned.

    Attributes:
        claims: comparisons over seeds, which `nox -s results` decides.
        hypotheses: what a study adds that has a stage of its own for it.
    """

    claims: list[Claim] = field(default_factory=list)
    hypotheses: Any = None


@dataclass(frozen=True)
class Finding:
    """What the runs say of a claim.

    Attributes:
        difference: of the means over seeds, positive where the claim holds.
        spread: standard deviation of the difference over seeds.
        p: chance of such a difference where there is none.
        holds: p is at most alpha, and the difference at least what matters.
    """

    difference: float
    spread: float
    p: float
    holds: bool


def plan() -> Plan:
    """Read the plan; without one nothing is claimed.

    Raises:
        StageError: a claim lacks something, or says what no claim has.
    """
    page = ROOT / PLAN
    text = page.read_text("utf-8") if page.is_file() else ""
    block = re.search(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if block is None:
        return Plan()
    try:
        written = OmegaConf.merge(OmegaConf.structured(Plan), OmegaConf.create(block[1]))
        found = OmegaConf.to_object(written)
    except (OmegaConfBaseException, YAMLError) as error:
        raise StageError(f"{PLAN} cannot be read: {str(error).splitlines()[0]}") from error
    if any(claim.better not in {"lower", "higher"} for claim in found.claims):
        raise StageError(f"{PLAN}: better is either lower or higher.")
    return found


def committed() -> str:
    """Date and commit of the plan as it is now; empty when it was changed, or git cannot tell."""
    last = git("log", "-1", "--format=%cs %h", "--", PLAN)
    return "" if not last or git("status", "--porcelain", "--", PLAN) else last


def planned(commit: str) -> str:
    """Date and commit of the plan, if that commit is part of a run's `commit`; else empty."""
    last = committed()
    if not last:
        return ""
    return last if git("merge-base", "--is-ancestor", last.split()[1], commit) is not None else ""


def finding(claim: Claim, runs: list[Run]) -> Finding | None:
    """Hold the runs against a claim; None while a run of one of its seeds is missing."""
    values = {
        (run["config"]["name"], run["config"]["seed"]): run["metrics"].get(claim.metric)
        for run in runs
    }
    pairs = [
        (values.get((claim.experiment, seed)), values.get((claim.reference, seed)))
        for seed in claim.seeds
    ]
    if not pairs or any(value is None for pair in pairs for value in pair):
        return None
    ours, theirs = np.array(pairs, dtype=float).T
    gain = theirs - ours if claim.better == "lower" else ours - theirs
    p = permutation_test(
        (gain,), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
    ).pvalue
    holds = bool(p <= claim.alpha and gain.mean() >= claim.least)
    spread = gain.std(ddof=1) if len(gain) > 1 else 0.0
    return Finding(float(gain.mean()), float(spread), float(p), holds)


def about(record: Run) -> list[str]:
    """The plan's word on one run, as lines of Markdown."""
    name, seed = record["config"]["name"], record["config"]["seed"]
    asked = [
        claim.name
        for claim in plan().claims
        if name in (claim.experiment, claim.reference) and seed in claim.seeds
    ]
    if not asked:
        return [f"No claim of {PLAN} is about this run."]
    date = planned(record["provenance"]["git.commit"])
    when = f"preregistered, {date}" if date else "not preregistered"
    return [f"One of the runs that decide ({when}): {'; '.join(asked)}."]


def table(runs: list[Run]) -> list[str]:
    """The claims as a table of Markdown: whether they were preregistered, and whether they hold."""
    lines = [
        "| claim | preregistered | decided by | difference | p | holds |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for claim in plan().claims:
        mine = [run for run in runs if run["config"]["name"] in (claim.experiment, claim.reference)]
        dates = {planned(run["provenance"]["git.commit"]) for run in mine}
        date = dates.pop() if len(dates) == 1 else ""
        found = finding(claim, runs)
        verdict = (
            f"{found.difference:.3f} ± {found.spread:.3f} | {found.p:.4f} "
            f"| {'yes' if found.holds else 'no'}"
            if found
            else "runs are missing | |"
        )
        by = f"`{claim.metric}`, {claim.experiment} against {claim.reference}"
        by += f", {len(claim.seeds)} seeds"
        lines.append(f"| {claim.name} | {date or 'no'} | {by} | {verdict} |")
    return lines
