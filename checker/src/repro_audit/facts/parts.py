"""Parts of data that stand ready: cut by position, or handed out by the name of the part."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.python import matches
from repro_audit.facts.sources import drawn_by
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call, Function, Module

TRAINING = re.compile(r"(^|_|\b)(x_?|y_?)?(train|trn)(ing)?\d*(_|$|\b)", re.IGNORECASE)
OTHER = re.compile(
    r"(^|_|\b)(x_?|y_?)?(test|val|valid|validation|dev|eval)\d*(_|$|\b)", re.IGNORECASE
)
# Curves of training and of validation are cut too, to be drawn.
CURVES = re.compile(r"loss|acc|score|metric|err|pred|hist|curve", re.IGNORECASE)
RANGES = ("range", "numpy.arange", "torch.arange", "*.LongTensor", "list", "tuple", "slice")
CUTTING = (ast.Call, ast.Subscript)
# No slice, range or ready file is written without one of these.
MAYBE = re.compile(r":|range|LongTensor|list|tuple|slice|load")
# A file that holds the parts one after the other.
READY = re.compile(r"(^|\.)(\w*pickle|pkl|np|numpy|torch|joblib)\.load$")
PART = re.compile(
    r"^(split|flag|mode|phase|set|set_name|image_set|subset|partition|set_type|data_type|"
    r"split_name|dataset_type|which_set|which|stage|type|fold|part)$"
)
LOADS = re.compile(
    r"(^|_)(load|get|read|build|make|create)\w*(data|split|loader|examples|batch)", re.IGNORECASE
)
NAMES = re.compile(r"^(train(ing)?|test(ing)?|val|valid|validation|dev|eval)\w*$", re.IGNORECASE)
MIXES = {"shuffle", "permutation", "permuted", "randperm", "sample", "random_split"}


def cut(module: Module) -> Iterator[tuple[Evidence, tuple[Call, ...]]]:
    """Yield the places that cut rows into parts by position, with the draws that mix them there."""
    cuts: dict[str, list[tuple[str, int]]] = {}
    ready: dict[int, list[tuple[str, int]]] = {}
    named = [(item.target.rpartition(".")[2], item.line) for item in module.assignments]
    for item, (name, line) in zip(module.assignments, named, strict=True) if both(named) else ():
        if item.kind not in CUTTING or not MAYBE.search(item.text):
            continue
        if isinstance(item.value, ast.Call) and READY.search(as_code(item.value.func)):
            ready.setdefault(item.number, []).append((name, line))
        if item.value is not None and positional(item.value) and not CURVES.search(name):
            cuts.setdefault(item.scope, []).append((name, line))
    for found in ready.values():
        if both(found):
            yield Evidence(module.path, found[0][1], "the parts stand ready in one file"), ()
    for scope, found in cuts.items():
        if both(found):
            mixing = tuple(
                call
                for call in module.calls
                if call.scope == scope and call.method in MIXES and drawn_by(call)
            )
            yield Evidence(module.path, found[0][1], "the parts are cut by position"), mixing


def both(found: list[tuple[str, int]]) -> bool:
    """Say whether names of a training part and of another one are among these."""
    trains = any(TRAINING.search(name) for name, _ in found)
    return trains and any(OTHER.search(name) for name, _ in found)


def positional(node: ast.expr) -> bool:
    """Say whether an expression is a slice of rows, or a range of their numbers."""
    if isinstance(node, ast.Call):
        name = as_code(node.func).replace("np.", "numpy.")
        inner = node.args[:1]
        ranged = name.endswith("range") and bool(inner)
        return ranged or (matches(name, RANGES) and any(positional(item) for item in inner))
    if isinstance(node, ast.Subscript):
        axes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        rows = axes[0] if axes else None
        return isinstance(rows, ast.Slice) and (rows.lower or rows.upper) is not None
    return False


def told(module: Module) -> Iterator[Evidence]:
    """Yield the loaders that are told by name which part of the data to read, and draw nothing."""
    for name, function in module.functions.items():
        given = (*function.parameters, *function.keywords)
        if not any(PART.match(item) for item in given) or not loads(function, module):
            continue
        area = module.classes.get(function.owner)
        inside = f"{function.owner}." if area else name
        mixed = any(
            call.scope.startswith(inside) and call.method in MIXES and drawn_by(call)
            for call in module.calls
        )
        words = {
            node.value.lower()
            for node in ast.walk(function.node)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and NAMES.match(node.value)
        }
        training = any(word.startswith("train") for word in words)
        if training and len({word[:3] for word in words}) > 1 and not mixed:
            yield Evidence(module.path, function.line, f"{name} reads the part that it is told")


def loads(function: Function, module: Module) -> bool:
    """Say whether a function reads data, or makes a class whose items are rows."""
    if function.qualname.endswith(".__init__"):
        owner = module.classes.get(function.owner)
        named = owner is not None and any(base.endswith("Dataset") for base in owner.bases)
        return named or f"{function.owner}.__getitem__" in module.functions
    return bool(LOADS.search(function.qualname.rpartition(".")[2]))
