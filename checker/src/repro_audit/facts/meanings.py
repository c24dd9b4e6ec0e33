"""What a call does to rows: reading, parting, learning, resampling, fitting, judging."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts import learners
from repro_audit.facts.learning import fit, predict, search_space, transform, watch
from repro_audit.facts.parting import cut_rows, fold_indices, official, part_rows, read
from repro_audit.facts.rows import (
    MISSING,
    NOTHING,
    Learnt,
    Mark,
    Part,
    Tool,
    Value,
    flat,
    mixed,
)
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_audit.facts.site import Site


UNIT = re.compile(
    r"(patient|subject|user|person|speaker|session|site|station|video|clip|slide|document|author|"
    r"scaffold|plate|participant|customer|animal|household|shower|run)(_?id|s)?$",
    re.IGNORECASE,
)
# What stands below a folder of data is a part of it, and below another name another part.
BELOW = {"os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePath"}


def called(site: Site) -> Value:
    """Return what a call holds, by the first meaning that fits."""
    for meaning in MEANINGS:
        found = meaning(site)
        if found is not None:
            return found
    return NOTHING


def writes(site: Site) -> Value | None:
    """Rows go out to a file, from which another script may take them."""
    file = site.file
    if not file or site.method in learners.READERS:
        return None
    rows = next((value for value in (site.base, *site.arguments) if value.rows), None)
    if rows is not None and rows.sure:
        site.run.written[file] = rows._replace(items=None)
    return None


def own_code(site: Site) -> Value | None:
    """Follow a function, class or method of the repository."""
    run, frame = site.run, site.frame
    watch(site)
    if site.base.instance is not None:
        return run.invoke(site.base, site.method, site)
    if not site.name:
        return None
    place = run.index.locate(site.name, frame.path, frame.scope)
    if place is None or not place.name:
        return None
    module = run.index.modules[place.path]
    if place.name in module.classes:
        made = run.instance_of(place, site)
        ready = official(site, " ".join(module.classes[place.name].bases))
        return made if ready is None else ready._replace(instance=made.instance)
    if place.name not in module.functions:
        return None
    found = run.enter(place, site.given())
    known = found.rows or found.items is not None or found.constant is not MISSING
    named = official(site)
    blank = not (known or found.tool or found.instance or found.marks)
    return named if blank and named is not None else found


def makes_tool(site: Site) -> Value | None:
    """Make an estimator, a transformer, a sampler, a splitter or a pipeline of them."""
    if site.base.rows or not site.name:
        return None
    found = learners.abilities(site.method, site.name)
    if site.method.startswith("Random") and "transforms" in site.name:
        found = frozenset({"augmentation"})
    if not found:
        return None
    inner: set[str] = set()
    if found & {"wrapper", "search", "selection"}:
        for value in flat((*site.arguments, *site.keywords.values())):
            if value.tool is not None:
                inner |= value.tool.abilities
            elif value.name:
                tail = value.name.rpartition(".")[2]
                inner |= learners.abilities(tail, value.name)
    if "selection" in found:
        inner = set()
    single = site.literal("n_splits", 0) == 1
    return Value(tool=Tool(site.method, found | inner, single=single))


def measures(site: Site) -> Value | None:
    """A statistic of all rows; a row-wise one holds nothing."""
    supervised = site.method in learners.SUPERVISED_MEASURES
    plain = site.method in learners.MEASURES or site.method in {"corr", "corrcoef"}
    # `max(scores, key=scores.get)` measures nothing, it chooses.
    if not (plain or supervised) or (site.method in learners.BEST_OF and "key" in site.keywords):
        return None
    source = site.base if site.base.rows else (site.arguments or [NOTHING])[0]
    if not source.rows:
        return None
    axis = site.keywords.get("axis", site.keywords.get("dim", NOTHING)).constant
    positional = site.arguments[0 if site.base.rows else 1 :]
    if axis is MISSING and positional and site.method in {"mean", "std", "max", "min"}:
        axis = positional[0].constant
    rowwise = axis is not MISSING and axis not in (0, None, "index")
    judged = source._replace(
        marks=source.marks, columns=None, items=None, cut=False, constant=MISSING
    )
    if source.part is not Part.ALL or rowwise:
        return judged if source.part in (Part.VAL, Part.TEST) else NOTHING
    if supervised:
        learnt = Learnt.SELECTION
    elif site.method in {"corr", "corrcoef"}:
        learnt = Learnt.CORRELATION
    else:
        targets = site.run.targets.get(site.frame.path, frozenset())
        only = source.columns is not None and source.columns.only
        of_target = only and source.columns is not None and bool(source.columns.names & targets)
        learnt = Learnt.SELECTION if of_target and source.swept else Learnt.STATISTIC
    what = f"{site.method} of all rows"
    return Value(marks=source.marks | {Mark(learnt, site.frame.path, site.line, what)})


def groups_rows(site: Site) -> Value | None:
    """`groupby` keeps the rows; a statistic by group of the target is an encoding of it."""
    if site.method == "groupby" and site.base.rows:
        unit = next((name for name in site.names_given() if UNIT.search(name)), "")
        return site.base._replace(swept=True, items=None, grouped=unit)
    if site.base.grouped and site.method in learners.WITHIN_GROUPS:
        # A count, a shift or a rank inside each unit makes sense only when units have many rows.
        message = f"several rows belong to one {site.base.grouped}: {site.method} inside each"
        for root in site.base.roots:
            site.run.repeated[root] = Evidence(site.frame.path, site.line, message)
    return None


def resamples(site: Site) -> Value | None:
    """Copies of rows: `resample`, `sample(replace=True)`, `repeat`, and joining rows twice."""
    source = site.base if site.base.rows else (site.arguments or [NOTHING])[0]
    path, line = site.frame.path, site.line
    if site.method == "resample" and site.name.startswith("sklearn.utils"):
        drawn = site.literal("replace") is not False
        kind = Learnt.COPIES if drawn else Learnt.BALANCE
        return site.mark_rows(source, kind, "resample draws rows") if source.rows else None
    if site.method == "sample" and site.base.rows and site.literal("replace") is True:
        return site.mark_rows(source, Learnt.COPIES, "sample draws rows with replacement")
    repeat = site.name in {"numpy.repeat", "numpy.tile"} and site.literal("axis", 2) == 0
    if repeat and source.rows:
        return site.mark_rows(source, Learnt.COPIES, f"{site.name} copies rows")
    if site.method == "shift" and site.base.rows:
        mark = Mark(Learnt.LAG, path, line, "rows are shifted in time")
        return site.base.marked(mark)._replace(items=None)
    if site.method in {"concat", "concatenate", "vstack", "append"} and not site.base.instance:
        return joins(site)
    return None


def joins(site: Site) -> Value | None:
    """Rows below rows; the same rows twice are copies; columns beside columns are neither."""
    if site.method == "append" and not site.base.rows:
        return None
    given = site.arguments[0] if site.arguments else NOTHING
    parts = [site.base, given] if site.base.rows else list(given.items or (given,))
    parts = [part for part in parts if part.rows]
    if not parts:
        return None
    found = mixed(parts)
    if site.literal("axis", 1) in {1, -1, "columns"}:
        return found
    text = [ast.dump(item) for item in list_items(site.node)]
    # By an index that is not known, other rows may be taken each time.
    whole = [part for part in parts if not (part.subset or part.cut)]
    twice = len(set(text)) < len(text) or (given.items is not None and len(set(whole)) < len(whole))
    again = any(
        one.roots & other.roots and one.columns == other.columns
        for one in whole
        for other in parts
        if other is not one
    )
    held = {part.part for part in parts}
    if held != {Part.ALL}:
        together = Part.TEST in held and len(held) > 1
        return found._replace(part=Part.ALL) if together else found
    some = all(part.subset or part.cut for part in parts)
    found = found._replace(columns=parts[0].columns, subset=some)
    if twice or again:
        return site.mark_rows(found, Learnt.COPIES, "the same rows are joined again")
    return found


def list_items(node: ast.Call) -> list[ast.expr]:
    """Return the items of a list that is the first argument."""
    first = node.args[0] if node.args else None
    return list(first.elts) if isinstance(first, (ast.List, ast.Tuple)) else []


def judges(site: Site) -> Value | None:
    """The best of several scores chooses; a metric of predictions is a score."""
    given = (site.arguments or [NOTHING])[0]
    subject = site.base if site.base.rows else given
    if site.method in learners.BEST_OF and subject.swept and subject.part is Part.TEST:
        message = f"{site.method} chooses among scores on the test part"
        site.run.see("chosen-on-test", site.frame.path, site.line, message, sure=subject.sure)
        return NOTHING
    stopper = "stop" in site.method.lower() or "stop" in site.base.name.lower()
    if site.method == "step" and given.rows and given.part is Part.TEST:
        stopper = True
    if stopper and given.part is Part.TEST and not site.base.tool:
        message = "stops or slows by a score on the test part"
        site.run.see("chosen-on-test", site.frame.path, site.line, message, sure=given.sure)
    saves = site.method.lower().startswith("save")
    choice = next((v for v in site.values() if v.choice and v.part is Part.TEST), None)
    if saves and choice is not None:
        message = "what is saved as the best is chosen by a score on the test part"
        site.run.see("chosen-on-test", site.frame.path, site.line, message, sure=choice.sure)
    if site.name.startswith("sklearn.metrics."):
        judged = mixed(site.values())
        if judged.part in (Part.VAL, Part.TEST):
            message = f"{site.method} judges {judged.part.value}"
            site.run.see("held", site.frame.path, site.line, message, sure=judged.sure)
        return judged
    return None


def trains_by_gradient(site: Site) -> Value | None:
    """`loss.backward()` trains on the rows that went into the loss."""
    if site.method != "backward" or not site.base.rows:
        return None
    part = site.base.part
    if part is Part.TEST:
        message = "the gradient is taken on the test part"
        site.run.see("trained-on-test", site.frame.path, site.line, message, sure=site.base.sure)
    elif part is Part.TRAIN:
        message = "the gradient is taken on the training part"
        site.run.see("trained", site.frame.path, site.line, message, sure=site.base.sure)
    return NOTHING


def gathers(site: Site) -> Value | None:
    """`list.append(score)` and the like fill the receiver."""
    if site.method not in {"append", "extend", "add", "update", "insert", "appendleft"}:
        return None
    if not isinstance(site.node.func, ast.Attribute) or site.base.instance or site.base.tool:
        return None
    given = mixed(site.arguments)
    if given.rows:
        old = site.base
        filled = mixed((old._replace(items=None), given))
        swept = site.frame.loops > 0 and given.part in (Part.VAL, Part.TEST)
        filled = filled._replace(swept=swept or old.swept)
        site.run.rebind(site.node.func.value, filled, site.frame)
    return NOTHING


def keeps_rows(site: Site) -> Value | None:
    """Any other call: the receiver's rows, else what the arguments hold, else something new."""
    if site.method in learners.WITHOUT_ROWS:
        return NOTHING
    held = site.argument("dataset", 0) if site.method == "DataLoader" else None
    if held is not None and held.rows and held.name != "unknown":
        return held._replace(items=None)  # whatever says how they are handed out
    base = site.base
    given = [value for value in site.arguments if value.rows and value.name != "unknown"]
    if base.name == "unknown" and given:
        # A validator, a cleaner: what it is made of matters less than what it is given.
        return mixed(given)._replace(columns=given[0].columns if len(given) == 1 else None)
    if base.rows and isinstance(site.node.func, ast.Attribute):
        if site.method in {"drop_duplicates", "duplicated"} and base.part is Part.ALL:
            message = f"{site.method} looks for rows that occur twice"
            site.run.see("deduplicated", site.frame.path, site.line, message)
        same = site.method in learners.SAME_ROWS or site.method in learners.ROW_FILTERS
        passing = mixed(site.values()).marks
        if site.method in learners.ROW_FILTERS:
            passing = frozenset(m for m in passing if m.learnt is Learnt.SELECTION)
        return base.marked(*passing)._replace(
            columns=base.columns if same else None,
            items=None,
            subset=base.subset or site.method in learners.ROW_FILTERS,
            constant=MISSING,
        )
    if base.marks and isinstance(site.node.func, ast.Attribute):
        return base._replace(items=None)
    whole = mixed(site.values())
    if site.name in BELOW:
        whole = whole._replace(subset=whole.rows)
    if whole.rows and all(value.name == "unknown" for value in flat(site.values()) if value.rows):
        return whole._replace(name="unknown")
    if whole.rows or whole.marks:
        first = site.arguments[0] if site.arguments else NOTHING
        same = site.method in learners.SAME_ROWS
        return whole._replace(columns=first.columns if same else None)
    return None


def comes_from_elsewhere(site: Site) -> Value | None:
    """Something new from code that is not read: rows of all kinds, until a name says more."""
    if site.base.tool is not None or site.base.constant is not MISSING:
        return NOTHING
    library = site.name.partition(".")[0] in {"os", "sys", "re", "json", "time", "math", "random"}
    numeric = site.name.startswith(("torch.nn.", "torch.optim.", "matplotlib.", "seaborn."))
    if library or numeric or hasattr(builtins, site.name) or not site.name:
        return NOTHING
    return site.run.fresh(sure=False)._replace(name="unknown")


MEANINGS: tuple[Callable[[Site], Value | None], ...] = (
    writes,
    search_space,
    part_rows,
    fold_indices,
    own_code,
    makes_tool,
    transform,
    fit,
    predict,
    read,
    official,
    cut_rows,
    measures,
    groups_rows,
    resamples,
    judges,
    trains_by_gradient,
    gathers,
    keeps_rows,
    comes_from_elsewhere,
)
