"""Calls that fit, transform, resample, predict and score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.facts import learners
from repro_audit.facts.frames import Sight
from repro_audit.facts.parting import inside
from repro_audit.facts.rows import NOTHING, Learnt, Mark, Part, Tool, Value, mixed
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.facts.site import Site

FITTING = {"fit", "fit_transform", "partial_fit", "fit_on_texts", "adapt", "fit_predict"}
RESAMPLING = {"fit_resample", "fit_sample"}
LEARNS = {
    "statistic": Learnt.STATISTIC,
    "vocabulary": Learnt.VOCABULARY,
    "selection": Learnt.SELECTION,
    "copies": Learnt.COPIES,
    "balance": Learnt.BALANCE,
}


def tool_of(site: Site) -> Tool | None:
    """Return the tool that a method is called on."""
    return site.base.tool


def transform(site: Site) -> Value | None:
    """`fit_transform` and `transform` give the rows back with what was learnt; so do samplers."""
    tool = tool_of(site)
    if tool is None or not site.arguments:
        return None
    rows = site.arguments[0]
    if site.method in RESAMPLING:
        return resample(site, tool, rows)
    if site.method == "fit_transform":
        fit(site)
        return rows.marked(*tool.learnt)._replace(items=None)
    if site.method in {"transform", "texts_to_sequences", "texts_to_matrix"}:
        if tool.fitted is not None and tool.fitted.roots & rows.roots:
            reveal(site, tool, rows)
        return rows.marked(*tool.learnt)._replace(items=None)
    return None


def reveal(site: Site, tool: Tool, rows: Value) -> None:
    """What was learnt from all rows and reaches a part of them has leaked."""
    if rows.part in (Part.TRAIN, Part.VAL, Part.TEST):
        for mark in tool.learnt:
            site.run.leak(mark, site.frame.path, site.line)


def resample(site: Site, tool: Tool, rows: Value) -> Value:
    """Samplers of imbalanced-learn."""
    if rows.part is Part.TRAIN or (rows.part is Part.ALL and rows.official):
        site.see("resampled-train", f"{tool.name} resamples the training part", sure=rows.sure)
    if rows.part is Part.TEST:
        message = f"{tool.name} resamples the test part"
        site.see("resampled-test", message, sure=rows.sure)
    made = [value._replace(items=None) for value in site.arguments[:2]]
    if rows.part is Part.ALL:
        marks = frozenset(
            Mark(LEARNS[ability], site.frame.path, site.line, f"{tool.name} resamples all rows")
            for ability in tool.abilities & {"copies", "balance"}
        )
        made = [value.marked(*marks) for value in made]
    return Value(items=tuple(made))


def fit(site: Site) -> Value | None:
    """Fit a tool: note on which part, and remember what it learnt."""
    tool = tool_of(site)
    if tool is None or site.method not in FITTING:
        return None
    watch(site)
    rows = site.argument("X", 0) or site.argument("x", 0) or NOTHING
    tool.fitted = rows
    learning = tool.abilities & set(LEARNS)
    if "model" in tool.abilities:
        model_fit(site, tool, rows)
        if "search" not in tool.abilities:
            learning = learning if site.method == "fit_transform" else frozenset()
    for ability in learning:
        note_fit(site, tool, rows, ability)
    if rows.part is Part.ALL:
        verb = "is fitted on all rows"
        tool.learnt = frozenset(
            Mark(LEARNS[ability], site.frame.path, site.line, f"{tool.name} {verb}")
            for ability in tool.abilities & set(LEARNS)
        )
        if "model" in tool.abilities:
            mark = Mark(Learnt.SELECTION, site.frame.path, site.line, f"{tool.name} {verb}")
            tool.learnt |= {mark}
    else:
        tool.learnt = frozenset()
    return site.base


def note_fit(site: Site, tool: Tool, rows: Value, ability: str) -> None:
    """Note a fit on the training part or on the test part."""
    kind = "selected" if ability == "selection" else "fitted"
    if rows.part is Part.TEST:
        message = f"{tool.name} is fitted on the test part"
        site.see(f"{kind}-test", message, sure=rows.sure)
    elif rows.part is Part.TRAIN or (rows.part is Part.ALL and rows.official):
        message = f"{tool.name} is fitted on the training part"
        site.see(f"{kind}-train", message, sure=rows.sure)


def model_fit(site: Site, tool: Tool, rows: Value) -> None:
    """A model is fitted: on which rows, with the target among them or not."""
    target = site.argument("y", 1) or NOTHING
    if rows.part is Part.TEST:
        message = f"{tool.name} is fitted on the test part"
        tool.trained = Evidence(site.frame.path, site.line, message)
        site.see("trained-on-test", message, sure=rows.sure)
    if "search" in tool.abilities:
        whole = [] if rows.official else [rows]
        site.run.parted(whole, site.frame.path, site.line, f"{tool.name} parts by folds")
        site.see("chosen-on-val", f"{tool.name} chooses by folds")
        seen = Evidence(site.frame.path, site.line, f"{tool.name} chooses")
        if rows.part is Part.ALL and rows.sure and not rows.official:
            site.run.searched |= dict.fromkeys(rows.roots, seen)
    if rows.part in (Part.TRAIN, Part.ALL) and (
        "wrapper" in tool.abilities or "search" in tool.abilities
    ):
        official = rows.part is Part.TRAIN or rows.official or "search" in tool.abilities
        if official:
            inside(site, tool)
    site.run.target_among(site, rows, target)


def predict(site: Site) -> Value | None:
    """Predict or score: on rows that the fit has seen, or on others."""
    tool = tool_of(site)
    if tool is None or site.method not in learners.PREDICTIONS | learners.EVALUATIONS:
        return None
    rows = site.argument("X", 0) or site.argument("x", 0) or NOTHING
    fitted = tool.fitted
    if fitted is not None and rows.rows and fitted.rows:
        relation(site, tool, fitted, rows)
    elif rows.part in (Part.VAL, Part.TEST):
        site.see("held", f"{site.method} on {rows.part.value}", sure=rows.sure)
    return mixed([rows])._replace(columns=None)


def relation(site: Site, tool: Tool, fitted: Value, rows: Value) -> None:
    """Note how the rows that are judged relate to those that were fitted."""
    shared = bool(fitted.roots & rows.roots)
    sure = fitted.sure and rows.sure
    if fitted.part is Part.TEST and rows.part is Part.TRAIN and shared:
        swapped(site, tool)
    if rows.part in (Part.VAL, Part.TEST):
        if not shared or fitted.part in (Part.TRAIN, Part.VAL):
            kind = "held" if site.method in learners.EVALUATIONS else "predicted"
            site.see(kind, f"{site.method} on {rows.part.value}", sure=sure)
        elif fitted.part is Part.ALL and not fitted.subset and not fitted.official:
            message = f"{tool.name} was fitted on all rows, and {rows.part.value} is among them"
            site.see("seen", message, sure=sure)
            if "search" in tool.abilities:
                message = f"{tool.name} chose by rows that include {rows.part.value}"
                site.see("chosen-on-test", message, sure=sure)
    elif rows.part is fitted.part and rows.part in (Part.ALL, Part.TRAIN) and shared:
        same = not (rows.subset or fitted.subset) or rows.part is Part.TRAIN
        scores = site.method in learners.EVALUATIONS
        if same:
            kind = "self-scored" if scores else "self-predicted"
            site.see(kind, f"{site.method} on the rows that {tool.name} was fitted on", sure=sure)


def swapped(site: Site, tool: Tool) -> None:
    """Both halves are held out in turn: what was fitted on one is judged by the other."""
    if tool.trained is not None:
        for sure in (True, False):
            site.run.sights.pop(Sight("trained-on-test", tool.trained, sure), None)
        site.see("held", f"{site.method} on the half that {tool.name} was not fitted on")


def watch(site: Site) -> None:
    """Rows that are looked at while a model trains, and those that a trainer tests on."""
    # `validate` is also what a schema does to a table, which scores nothing.
    if site.method in {"test", "evaluate"} or (
        site.method == "validate" and "dataloaders" in site.keywords
    ):
        rows = mixed(site.values())
        if rows.part in (Part.VAL, Part.TEST):
            site.see("held", f"{site.method} on {rows.part.value}", sure=rows.sure)
    given = site.argument("train_dataloaders", 1) or site.argument("train_dataset")
    given = None if site.base.tool is not None else given
    if given is not None and given.part is Part.TEST and site.method in {"fit", "Trainer"}:
        site.see("trained-on-test", "the test part is given for training", sure=given.sure)
    for keyword in learners.WATCHED:
        given = site.keywords.get(keyword)
        if given is None:
            continue
        seen = mixed([given])
        if seen.part is Part.TEST or any(value.part is Part.TEST for value in (given.items or ())):
            choosing = site.run.chooses(site)
            kind = "chosen-on-test" if choosing else "watched-test"
            message = f"{keyword} is the test part"
            message += " and training is steered by it" if choosing else ""
            tests = [v for v in (*(given.items or ()), seen) if v.part is Part.TEST]
            site.see(kind, message, sure=all(value.sure for value in tests))
        elif seen.part in (Part.VAL, Part.MIXED):
            site.see("chosen-on-val", f"{keyword} is the validation part", sure=seen.sure)


def search_space(site: Site) -> Value | None:
    """`study.optimize(objective)`: what the objective returns is what is chosen by."""
    if site.method not in {"optimize", "fmin", "gp_minimize", "forest_minimize"}:
        return None
    objective = next((value for value in site.values() if value.name), None)
    place = (
        site.run.index.locate(objective.name, site.frame.path, site.frame.scope)
        if objective is not None
        else None
    )
    if place is None or place.name not in site.run.index.modules[place.path].functions:
        return None
    found = mixed([site.run.enter(place, {})])
    if found.part is Part.TEST:
        site.see(
            "chosen-on-test", "the search is steered by a score on the test part", sure=found.sure
        )
    elif found.part in (Part.VAL, Part.TRAIN):
        site.see("chosen-on-val", "the search is steered by validation data", sure=found.sure)
    return NOTHING
