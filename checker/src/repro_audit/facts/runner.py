"""Follows rows of data through the statements of a script, in the order of execution.

An abstract interpretation: names hold `Value`s instead of data. Branches are joined, loops are
walked twice, calls of the repository's own functions are followed a few levels deep.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from repro_audit.facts.bindings import Bindings
from repro_audit.facts.expressionwalk import NODES
from repro_audit.facts.frames import Frame
from repro_audit.facts.ground import without
from repro_audit.facts.python import Place
from repro_audit.facts.rows import (
    NOTHING,
    SETTINGS,
    Instance,
    Part,
    Value,
    joined,
    mixed,
    part_named,
)
from repro_audit.facts.syntax import dotted, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_audit.facts.pieces import AnyFunction
    from repro_audit.facts.python import PythonIndex
    from repro_audit.facts.syntax import Function, Module

DEEPEST_CALL = 5
MOST_STEPS = 20_000
# What a network computes mixes what it is given; rows are parted and learnt from elsewhere.
NETWORKS = frozenset({"torch.nn.Module", "flax.linen.Module", "haiku.Module", "sonnet.Module"})
COMPUTES = frozenset({"__init__", "forward", "__call__", "reset_parameters"})


class Runner(Bindings):
    """Walks modules and functions and notes what it sees."""

    def __init__(self, index: PythonIndex, targets: dict[str, frozenset[str]]) -> None:
        super().__init__(index, targets)
        self.tops: dict[str, dict[str, Value]] = {}
        self.entered: set[Place] = set()
        self.stack: list[Place] = []
        self.networks: dict[Place, bool] = {}
        self.code: dict[Place, AnyFunction] = {}

    def read(self, module: Module, reached: frozenset[Place]) -> bool:
        """Run a module and those of its functions that are reached and were not yet called."""
        self.steps = 0
        try:
            self.module(module.path)
            # What a framework calls comes in about the order in which it calls it.
            for name, function in sorted(module.functions.items(), key=late):
                place = Place(module.path, name)
                if place in reached and place not in self.entered:
                    kind = Place(module.path, function.owner)
                    made = Value(instance=Instance(kind.path, kind.name))
                    owner = self.objects.setdefault(kind, made) if kind.name else None
                    self.enter(place, {}, owner)
        except RecursionError:
            self.stack.clear()
            self.depth = 0
            return False
        return self.steps <= MOST_STEPS

    def module(self, path: str) -> dict[str, Value]:
        """Run a module's own code once and return its names."""
        if path not in self.tops:
            self.tops[path] = {}
            self.entered.add(Place(path, ""))
            frame = Frame(path, "", self.tops[path], self.tops[path])
            self.block(self.index.modules[path].pieces.body(), frame)
        return self.tops[path]

    def enter(self, place: Place, given: dict[str, Value], owner: Value | None = None) -> Value:
        """Run a function of the repository and return what it returns."""
        if place in self.stack or len(self.stack) >= DEEPEST_CALL or self.steps > MOST_STEPS:
            return mixed(given.values())
        self.entered.add(place)
        found_at = self.index.modules[place.path].functions[place.name]
        kind, method = found_at.owner, place.name.rpartition(".")[2]
        if kind and method in COMPUTES and self.is_network(Place(place.path, kind)):
            return mixed(given.values())
        if place not in self.code:
            self.code[place] = found_at.node
        function = self.code[place]
        names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
        frame = Frame(place.path, place.name, {}, self.module(place.path))
        if owner is not None and names:
            frame.names[names.pop(0)] = owner
        self.bind_parameters(function.args, names, given, frame)
        self.stack.append(place)
        self.block(function.body, frame)
        self.stack.pop()
        found: Value | None = None
        for value in frame.returned:
            found = joined(found, value)
        if place.name.endswith("val_dataloader"):
            self.validates(place, found or NOTHING)
        return found or NOTHING

    def is_network(self, kind: Place) -> bool:
        """Say whether a class is a network of a framework, by its bases."""
        if kind not in self.networks:
            # A class that leads back to itself is none.
            self.networks[kind] = False
            made = self.index.modules[kind.path].classes.get(kind.name)
            bases = made.bases if made is not None else ()
            found = [self.index.locate(base, kind.path) for base in bases]
            self.networks[kind] = any(base in NETWORKS for base in bases) or any(
                self.is_network(base) for base in found if base is not None and base.name
            )
        return self.networks[kind]

    def validates(self, place: Place, rows: Value) -> None:
        """Lightning validates by what `val_dataloader` returns."""
        line = self.index.modules[place.path].functions[place.name].line
        if rows.part is Part.TEST:
            kind = "chosen-on-test" if self.choosers() else "watched-test"
            message = "validation during training uses the test part"
            self.see(kind, place.path, line, message, sure=rows.sure)
        elif rows.part is Part.VAL:
            message = "validation uses its own part"
            self.see("chosen-on-val", place.path, line, message, sure=rows.sure)

    def bind_parameters(
        self, arguments: ast.arguments, names: list[str], given: dict[str, Value], frame: Frame
    ) -> None:
        """Bind parameters to what was given, to their defaults, or to what their names say."""
        defaults = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
        keywords = [item.arg for item in arguments.kwonlyargs]
        given_defaults = zip(keywords, arguments.kw_defaults, strict=True)
        defaults |= {name: default for name, default in given_defaults if default is not None}
        for position, name in enumerate([*names, *keywords]):
            value = given.get(name, given.get(f"#{position}"))
            if value is None and name in defaults:
                value = self.value(defaults[name], frame)
            if value is None and name in SETTINGS:
                value = NOTHING
            if value is None:
                part = part_named(name)
                value = self.fresh(part if part is not Part.NONE else Part.ALL, sure=False)
            frame.names[name] = value

    def block(self, statements: list[ast.stmt], frame: Frame) -> None:
        """Run statements one after the other."""
        for statement in statements:
            if self.steps > MOST_STEPS:
                return
            self.statement(statement, frame)

    def statement(self, node: ast.stmt, frame: Frame) -> None:
        """Run one statement."""
        self.steps += 1
        handler = RUNS.get(node.__class__)
        if handler is not None:
            handler(self, node, frame)

    def run_expr(self, node: ast.Expr, frame: Frame) -> None:
        """An expression for its effect; `inplace=True` binds the receiver again."""
        value = self.value(node.value, frame)
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            inplace = any(
                given.arg == "inplace" and literal(given.value) is True for given in call.keywords
            )
            if inplace:
                self.assign(call.func.value, value, frame)

    def run_assign(self, node: ast.Assign, frame: Frame) -> None:
        """`a = b = value`."""
        value = self.value(node.value, frame)
        for target in node.targets:
            self.assign(target, value, frame)

    def run_annassign(self, node: ast.AnnAssign, frame: Frame) -> None:
        """`a: int = value`."""
        if node.value is not None:
            self.assign(node.target, self.value(node.value, frame), frame)

    def run_augassign(self, node: ast.AugAssign, frame: Frame) -> None:
        """`a += value`."""
        old, new = self.value(node.target, frame), self.value(node.value, frame)
        self.assign(node.target, mixed((old, new))._replace(tool=old.tool), frame)

    def run_return(self, node: ast.Return, frame: Frame) -> None:
        """Keep what is returned; what follows in the block is taken to run as well."""
        if node.value is not None:
            frame.returned.append(self.value(node.value, frame))

    def run_global(self, node: ast.Global, frame: Frame) -> None:
        """Names of the module."""
        frame.shared.update(node.names)

    def run_delete(self, node: ast.Delete, frame: Frame) -> None:
        """`del frame["column"]`."""
        for target in node.targets:
            if isinstance(target, ast.Subscript) and isinstance(literal(target.slice), str):
                base = self.value(target.value, frame)
                self.assign(target.value, without(base, {str(literal(target.slice))}), frame)

    def run_if(self, node: ast.If, frame: Frame) -> None:
        """Take both ways, or the one that a known flag opens; choices by score are noted."""
        test = self.value(node.test, frame)
        if isinstance(test.constant, bool):
            self.block(node.body if test.constant else node.orelse, frame)
            return
        if test.choice:
            self.chosen(node, test, frame)
        before = dict(frame.names)
        self.block(node.body, frame)
        after, frame.names = frame.names, before
        if frame.scope == "":
            frame.top = frame.names
        self.block(node.orelse, frame)
        merged = {
            name: joined(after.get(name), frame.names.get(name))
            for name in {**after, **frame.names}
        }
        after.clear()
        after.update(merged)
        frame.names = after
        if frame.scope == "":
            frame.top = after

    def chosen(self, node: ast.If, test: Value, frame: Frame) -> None:
        """`if accuracy > best: best = accuracy; save()` chooses by what was compared."""
        compared = {item.id for item in ast.walk(node.test) if isinstance(item, ast.Name)}
        compared |= {dotted(i) for i in ast.walk(node.test) if isinstance(i, ast.Attribute)}
        bound: set[str] = set()
        calls: set[str] = set()
        for item in (part for statement in node.body for part in ast.walk(statement)):
            if isinstance(item, ast.Assign):
                targets = [t for target in item.targets for t in getattr(target, "elts", [target])]
                bound |= {dotted(target) for target in targets}
            elif isinstance(item, ast.Call):
                calls.add(dotted(item.func).rpartition(".")[2].lower())
        if not bound & compared or test.part not in (Part.TEST, Part.VAL):
            return
        saves = any(w in call for call in calls for w in ("save", "dump", "state_dict", "copy"))
        saves = saves or any("best" in name.lower() for name in bound - compared)
        line = self.index.modules[frame.path].line(node)
        if test.part is Part.VAL:
            message = "the best is chosen by validation data"
            self.see("chosen-on-val", frame.path, line, message, sure=test.sure)
        elif saves:
            message = "what is kept is chosen by a score on the test part"
            self.see("chosen-on-test", frame.path, line, message, sure=test.sure)
        else:
            message = "the best score on the test part is kept over several looks"
            self.see("watched-test", frame.path, line, message, sure=test.sure)

    def run_for(self, node: ast.For, frame: Frame) -> None:
        """Walk the body twice, so that what the first round leaves reaches the second."""
        items = self.each(self.value(node.iter, frame), node, frame)
        frame.loops += 1
        for item in items:
            self.assign(node.target, item, frame)
            self.block(node.body, frame)
        frame.loops -= 1
        self.block(node.orelse, frame)

    run_asyncfor = run_for

    def run_while(self, node: ast.While, frame: Frame) -> None:
        """Walk the body twice."""
        self.value(node.test, frame)
        frame.loops += 1
        self.block(node.body, frame)
        self.block(node.body, frame)
        frame.loops -= 1

    def run_with(self, node: ast.With, frame: Frame) -> None:
        """Run the body."""
        for item in node.items:
            value = self.value(item.context_expr, frame)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, frame)
        self.block(node.body, frame)

    run_asyncwith = run_with

    def run_try(self, node: ast.Try, frame: Frame) -> None:
        """Everything may run."""
        for part in (node.body, *(h.body for h in node.handlers), node.orelse, node.finalbody):
            self.block(part, frame)


# What runs statements of each kind; those of other kinds do nothing.
RUNS: dict[type, Callable[[Runner, Any, Frame], None]] = {
    kind: vars(Runner)[name]
    for kind in NODES
    if (name := f"run_{kind.__name__.lower()}") in vars(Runner)
}


def late(named: tuple[str, Function]) -> tuple[bool, bool, int]:
    """Order functions: what prepares comes first, then what a file defines first."""
    method = named[0].rpartition(".")[2]
    first = ("__init__", "prepare_data", "setup")
    return (method not in first, method != "__init__", named[1].line)
