"""Calls that bring rows in or part them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts import learners
from repro_audit.facts.data import BUNDLED, NAMED, READ
from repro_audit.facts.python import matches
from repro_audit.facts.rows import (
    NO_MARKS,
    NOTHING,
    Learnt,
    Part,
    Tool,
    Value,
    part_named,
)
from repro_audit.facts.syntax import dotted

if TYPE_CHECKING:
    from repro_audit.facts.site import Site

FLAGS = (
    "split",
    "mode",
    "phase",
    "flag",
    "subset",
    "set",
    "partition",
    "fold",
    "set_type",
    "stage",
)
TRAINING_FLAGS = ("train", "is_train", "training", "is_training", "istrain", "train_mode")
SETS = re.compile(r"dataset|load|data|reader|read|folder|provider|split", re.IGNORECASE)
SOURCES = (*READ, *BUNDLED)
FOLDER = re.compile(r"_?(dir|directory|path|folder|root)$")
PLAIN = re.compile(r"^(train(ing)?|val(id(ation)?)?|dev|test(ing)?)(\[.*\])?$", re.IGNORECASE)


@cache
def named(name: str, patterns: tuple[str, ...]) -> bool:
    """Match a name once; the same few names come back thousands of times."""
    return matches(name, patterns)


def part_rows(site: Site) -> Value | None:
    """`train_test_split`, `random_split` and their like."""
    tail = site.method
    if tail == "train_test_split" and not site.base.rows:
        return split_arrays(site)
    if tail in {"train_test_split", "random_split"} and site.base.rows:
        parts = shares(site, site.base)
        return NOTHING._replace(items=parts, keys=("train", "test"))
    if tail in {"random_split", "randomSplit"}:
        source = site.base if site.base.rows else (site.arguments or [NOTHING])[0]
        rows = source if source.rows else site.run.fresh(sure=True)
        note(site, [rows], shuffled=True)
        number = len(site.arguments[1].items or ()) if len(site.arguments) > 1 else 2
        first, second = halves(rows)
        return Value(items=(first, *[second] * max(number - 1, 1)))
    if tail == "temporal_train_test_split":
        return split_arrays(site)
    return None


def shares(site: Site, rows: Value) -> tuple[Value, Value]:
    """Part rows in two and note it."""
    note(site, [rows], shuffled=site.literal("shuffle") is not False)
    return halves(rows)


def halves(rows: Value) -> tuple[Value, Value]:
    """Return the training part and what is held out; the name it gets may say more."""
    second = Part.VAL if rows.part in (Part.TRAIN, Part.VAL) else Part.TEST
    base = rows._replace(marks=NO_MARKS, items=None, subset=True, official=False, name="")
    if rows.part is Part.TEST:
        return base._replace(part=Part.TEST, cut=True), base._replace(part=Part.TEST, cut=True)
    if rows.part is Part.VAL:
        return base._replace(cut=True), base._replace(part=Part.TEST, cut=True)
    # What is cut from a training part is for validation, whatever it is called.
    told = second is Part.TEST
    return base._replace(part=Part.TRAIN, cut=told), base._replace(part=second, cut=told)


def split_arrays(site: Site) -> Value:
    """Part each array the same way."""
    items: list[Value] = []
    rows: list[Value] = []
    common = next((v for v in site.arguments if v.rows), None)
    root = common or site.run.fresh()
    for value in site.arguments:
        whole = value if value.rows else root._replace(marks=value.marks, columns=None)
        rows.append(whole)
        items += halves(whole)
    shuffled = site.literal("shuffle") is not False and site.method == "train_test_split"
    note(site, rows, shuffled=shuffled)
    return Value(items=tuple(items))


def note(site: Site, rows: list[Value], *, shuffled: bool) -> None:
    """Note where rows are parted and how."""
    site.run.parted(rows, site.frame.path, site.line, f"{site.method} parts the rows")
    site.run.halves(rows, site.line)
    first = next((value for value in rows if value.part is Part.ALL), None)
    if first is None:
        return
    if site.method in learners.BY_TIME or not shuffled:
        site.see("split-order", f"{site.method} keeps the order of the rows")
    else:
        dealt(site, rows, site.method)
        torn_lags(site, rows)


def dealt(site: Site, rows: list[Value], name: str) -> None:
    """Note that rows are dealt out at random, and whether rows of one unit are torn apart."""
    site.see("split-random", f"{name} deals rows out at random")
    for root in sorted({root for value in rows for root in value.roots}):
        unit = site.run.repeated.get(root)
        if unit is not None:
            site.run.see("groups-torn", unit.path, unit.line, unit.message)
            site.see("groups-torn", f"{name} deals rows out without regard to it")


def fold_order(site: Site, rows: list[Value], name: str) -> None:
    """Note whether a splitter keeps groups together and whether it goes forward in time."""
    by_group, by_time = name in learners.BY_GROUP, name in learners.BY_TIME
    if by_group:
        site.see("split-groups", f"{name} keeps groups together")
    if by_time:
        site.see("split-order", f"{name} keeps the order of the rows")
    else:
        torn_lags(site, rows)
    if not (by_group or by_time):
        dealt(site, rows, name)


def torn_lags(site: Site, rows: list[Value]) -> None:
    """Note that rows which know their neighbours in time are dealt out at random."""
    for mark in sorted({mark for value in rows for mark in value.marks}, key=str):
        if mark.learnt is Learnt.LAG:
            site.run.see("lag-shuffled", mark.path, mark.line, mark.what)
            site.see("lag-shuffled", "and are then dealt out at random")


def fold_indices(site: Site) -> Value | None:
    """`KFold(...).split(X)` yields indices of both sides; `cross_val_score` parts inside."""
    if site.method in learners.CROSS_VALIDATIONS:
        return cross_validates(site)
    tool = site.base.tool
    if (
        site.method not in {"split", "get_n_splits"}
        or tool is None
        or "splitter" not in tool.abilities
    ):
        return None
    rows = [value for value in site.arguments if value.rows]
    if rows and site.method == "split":
        site.run.parted(rows, site.frame.path, site.line, f"{tool.name} parts the rows")
        fold_order(site, rows, tool.name)
    once = tool.single or tool.name in learners.SHUFFLES
    held = Part.TEST if once else Part.VAL
    sure = all(value.sure for value in rows)
    pair = (
        Value(folds=Part.TRAIN, sure=sure),
        Value(folds=held, sure=sure),
    )
    return Value(items=(Value(items=pair), Value(items=pair)))


def cross_validates(site: Site) -> Value:
    """Score by folds: what comes in with marks has leaked, what is inside a pipeline has not."""
    rows = [value for value in site.values() if value.rows]
    # The folds of a ready training file leave the test file out of it.
    whole = [value for value in rows if not value.official]
    site.run.parted(whole, site.frame.path, site.line, f"{site.method} parts the rows")
    site.see("held", f"{site.method} scores each fold with a model that has not seen it")
    if site.argument("groups") is not None:
        site.see("split-groups", f"{site.method} is given groups")
    model = next((value.tool for value in site.values() if value.tool is not None), None)
    if model is not None and any(value.part in (Part.ALL, Part.TRAIN) for value in rows):
        inside(site, model)
    return NOTHING


def inside(site: Site, tool: Tool) -> None:
    """Note what is learnt inside the folds."""
    for ability, kind in (
        ("statistic", "fitted-train"),
        ("vocabulary", "fitted-train"),
        ("selection", "selected-train"),
        ("copies", "resampled-train"),
        ("balance", "resampled-train"),
    ):
        if ability in tool.abilities:
            site.see(kind, f"{tool.name} is fitted anew inside each fold")


def read(site: Site) -> Value | None:
    """Rows come in; the file's name may say that they are one side of a ready split."""
    if not (site.method in learners.READERS or named(site.name, SOURCES)):
        return None
    if site.base.rows or site.base.tool is not None:
        return None
    handed = site.run.written.get(site.file)
    if handed is not None:
        return handed
    parts = {part_named(word.rpartition("/")[2]) for word in site.words()} - {Part.NONE}
    if len(parts) != 1:
        parts = {part_named(word) for word in site.words()} - {Part.NONE}
    if not parts and site.method in {"ImageFolder", "DatasetFolder"}:
        # `valdir` was joined of a folder and the name of a part some lines above.
        names = (dotted(node).rpartition(".")[2] for node in site.node.args[:1])
        parts = {part_named(FOLDER.sub("", name)) for name in names} - {Part.NONE}
    pair = site.literal("return_X_y") is True
    rows = site.run.fresh()
    if len(parts) == 1:
        part = parts.pop()
        known = rows._replace(part=part)
        rows = rows._replace(official=True) if part is Part.TRAIN else known
    if named(site.name, BUNDLED) and not pair and "make_" not in site.method:
        target = rows._replace(columns=None)
        features = rows._replace(columns=None)
        return Value(
            rows.part,
            rows.roots,
            items=(features, target, rows, features),
            keys=("data", "target", "frame", "images"),
        )
    if pair or "make_" in site.method:
        bare = rows._replace(columns=None)
        return Value(items=(bare, bare))
    return rows


def official(site: Site, kind: str = "") -> Value | None:
    """A data set that is asked for one of its ready parts; `kind` adds names of its classes."""
    if site.base.rows or site.base.tool is not None:
        return None
    if named(site.name, ("*keras.datasets.*.load_data",)):
        root = site.run.fresh()
        train = root._replace(part=Part.TRAIN, columns=None)
        test = root._replace(part=Part.TEST, columns=None)
        return Value(items=(Value(items=(train, train)), Value(items=(test, test))))
    known = named(site.name, NAMED) or site.method in {"load_dataset", "ImageFolder"}
    part = asked(site)
    if part is Part.NONE and not known:
        return None
    if part is Part.NONE:
        ready = site.method == "load_dataset"
        rows = site.run.fresh()._replace(columns=None)
        if not ready:
            return rows
        names = (("train", Part.TRAIN), ("validation", Part.VAL), ("test", Part.TEST))
        items = tuple(rows._replace(part=found) for _, found in names)
        return Value(rows.part, rows.roots, items=items, keys=tuple(name for name, _ in names))
    if not (known or SETS.search(f"{site.name} {dotted(site.node.func)} {kind}")):
        return None
    augmented = any(
        value.tool is not None and "augmentation" in value.tool.abilities for value in site.values()
    )
    if augmented and part is Part.TRAIN:
        site.see("resampled-train", "random transforms are given to the training part")
    return site.run.fresh(part)._replace(columns=None)


def asked(site: Site) -> Part:
    """Return the part that the arguments ask for."""
    keywords = site.keywords
    for flag in TRAINING_FLAGS:
        given = keywords[flag].constant if flag in keywords else None
        if isinstance(given, bool):
            return Part.TRAIN if given else Part.TEST
    if named(site.name, ("torchvision.datasets.*",)) and isinstance(site.literal("train", 1), bool):
        return Part.TRAIN if site.literal("train", 1) else Part.TEST
    words = [keywords[flag].constant for flag in FLAGS if flag in keywords]
    words += [value.constant for value in site.arguments]
    found = {
        part_named(word.partition("[")[0])
        for word in words
        if isinstance(word, str) and PLAIN.match(word)
    } - {Part.NONE}
    if not found and site.method in {
        "ImageFolder",
        "DatasetFolder",
        "image_dataset_from_directory",
    }:
        found = {part_named(word.strip("/").rpartition("/")[2]) for word in site.words()}
        found -= {Part.NONE}
    return found.pop() if len(found) == 1 else Part.NONE


def cut_rows(site: Site) -> Value | None:
    """`sample(frac=0.8)`, `drop(train.index)`, `query(...)`, `Subset(data, indices)`."""
    if site.method == "Subset" and site.arguments and site.arguments[0].rows:
        index = site.argument("indices", 1)
        if index is not None and index.folds is not Part.NONE:
            return site.arguments[0]._replace(part=index.folds, subset=True)
        return site.arguments[0]._replace(cut=True, subset=True)
    if not site.base.rows:
        return None
    if site.method == "pop":
        name = next(site.names_given(), "")
        return site.run.pop_column(site, name)
    if site.method == "drop":
        names = set(site.names_given()) - {"columns", "index"}
        sideways = site.literal("axis", 1) in {1, "columns"} or "columns" in site.keywords
        if sideways:
            return site.run.drop_columns(site, names)
        return site.base._replace(cut=True, subset=True, items=None)
    if site.method in {"sample", "query", "filter", "select", "skip", "take", "truncate"}:
        whole = site.method == "sample" and site.literal("frac") == 1
        drawn = site.literal("replace") is True
        if drawn:
            return None
        return site.base._replace(cut=not whole, subset=site.base.subset or not whole, items=None)
    return None
