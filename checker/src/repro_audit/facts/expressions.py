"""What an expression holds: rows of which part, and what went into them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar

from repro_audit import lazyre as re
from repro_audit.facts.code import as_code
from repro_audit.facts.expressionwalk import NODES
from repro_audit.facts.ground import Ground
from repro_audit.facts.learners import IMPORTANCES
from repro_audit.facts.meanings import called
from repro_audit.facts.rows import (
    MISSING,
    NOTHING,
    Columns,
    Learnt,
    Mark,
    Part,
    Value,
    mixed,
)
from repro_audit.facts.site import Site
from repro_audit.facts.syntax import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro_audit.facts.frames import Frame

DEEPEST = 40
WITHOUT_ROWS = {
    "shape",
    "dtypes",
    "dtype",
    "size",
    "ndim",
    "device",
    "name",
    "classes_",
    "__name__",
}
SAME = {"values", "T", "loc", "iloc", "at", "iat", "str", "dt", "data", "dataset", "ix", "features"}


class Expressions(Ground):
    """The part of the runner that evaluates expressions."""

    handlers: ClassVar[dict[type, Callable[[Any, Any, Frame], Value]]]

    def __init_subclass__(cls) -> None:
        """Look up once what evaluates expressions of each kind."""
        cls.handlers = {
            kind: getattr(cls, f"of_{kind.__name__.lower()}", cls.of_parts) for kind in NODES
        }

    def value(self, node: ast.expr | None, frame: Frame) -> Value:
        """Return what an expression holds; bounded in depth and in steps."""
        self.steps += 1
        if node is None or self.depth > DEEPEST:
            return NOTHING
        self.depth += 1
        found: Value = self.handlers[node.__class__](self, node, frame)
        self.depth -= 1
        return found

    def of_parts(self, node: ast.expr, frame: Frame) -> Value:
        """Any other computation mixes its parts."""
        parts = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        return mixed([self.value(part, frame) for part in parts])

    def of_constant(self, node: ast.Constant, frame: Frame) -> Value:  # noqa: ARG002 - one form
        """A literal."""
        return Value(constant=node.value)

    def of_name(self, node: ast.Name, frame: Frame) -> Value:
        """A bound name, a module's name, or a name of the repository's own code."""
        known = frame.get(node.id)
        if known is not None:
            return known
        module = self.index.modules[frame.path]
        source = module.aliases.get(node.id, node.id)
        owner, _, symbol = source.rpartition(".")
        path = self.index.module_path(owner, frame.path) if owner else None
        if path is not None and path != frame.path:
            found = self.module(path).get(symbol)
            if found is not None:
                return found
        return Value(name=source)

    def of_attribute(self, node: ast.Attribute, frame: Frame) -> Value:
        """`np.mean`, `self.data`, `frame.column`, `model.coef_`."""
        base = self.value(node.value, frame)
        if base.name and base.name != "unknown":
            return Value(name=f"{base.name}.{node.attr}")
        if base.instance is not None:
            return base.instance.attributes.get(node.attr, NOTHING)
        if base.tool is not None:
            return self.revealed(base, node.attr)
        if node.attr in WITHOUT_ROWS or not base.rows:
            return NOTHING if node.attr in WITHOUT_ROWS else base._replace(constant=MISSING)
        if node.attr == "columns":
            return Value(marks=base.marks)
        if node.attr == "index":
            return base._replace(columns=None, items=None)
        if node.attr in SAME:
            return base
        return base._replace(columns=Columns(only=True, names=frozenset({node.attr})), items=None)

    def revealed(self, base: Value, name: str) -> Value:
        """What a fitted tool tells about the columns."""
        tool = base.tool
        if tool is None or tool.fitted is None or name not in IMPORTANCES:
            return base._replace(items=None) if name in {"best_estimator_", "model"} else NOTHING
        if name.startswith("get_feature_names") and "selection" not in tool.abilities:
            return NOTHING
        marks = [m for m in tool.learnt if m.learnt is Learnt.SELECTION]
        return Value(marks=frozenset(marks))

    def of_subscript(self, node: ast.Subscript, frame: Frame) -> Value:
        """Rows by index, columns by name, items by key."""
        base = self.value(node.value, frame)
        key = self.value(node.slice, frame)
        constant = key.constant if key.constant is not MISSING else literal(node.slice)
        found = base.item(constant)
        if found is not None:
            return found
        if base.folds is not Part.NONE or not base.rows:
            return base._replace(items=None, keys=()) if base.items else self.of_key(base, constant)
        base = base._replace(items=None, keys=(), constant=MISSING)
        base = base.marked(*(m for m in mixed([key]).marks if m.learnt is Learnt.SELECTION))
        return self.taken(base, node, key, constant, frame)

    def of_key(self, base: Value, constant: object) -> Value:
        """A statistic by its key: a correlation becomes a selection at the target's column."""
        every = frozenset().union(*self.targets.values()) if self.targets else frozenset()
        if isinstance(constant, str) and constant in every:
            marks = {
                m._replace(learnt=Learnt.SELECTION) if m.learnt is Learnt.CORRELATION else m
                for m in base.marks
            }
            return base._replace(marks=frozenset(marks))
        return base

    def taken(
        self, base: Value, node: ast.Subscript, key: Value, constant: object, frame: Frame
    ) -> Value:
        """Take rows or columns out of rows."""
        position = isinstance(node.value, ast.Attribute) and node.value.attr in {
            "iloc",
            "loc",
            "ix",
        }
        if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:  # noqa: PLR2004 - rows, columns
            rows, columns = node.slice.elts
            inner = self.rows_of(base, rows, self.value(rows, frame), frame)
            return inner._replace(columns=column_choice(base.columns, columns))
        if isinstance(constant, str) and not position:
            return self.column(base, constant)
        if isinstance(constant, (list, tuple)) and all(isinstance(c, str) for c in constant):
            return base._replace(columns=Columns(only=True, names=frozenset(constant)))
        if isinstance(key.constant, str):
            return self.column(base, key.constant)
        names = [item.constant for item in key.items or ()]
        if names and all(isinstance(name, str) for name in names):
            only = Columns(only=True, names=frozenset(str(name) for name in names))
            return base._replace(columns=only)
        return self.rows_of(base, node.slice, key, frame)

    def column(self, base: Value, name: str) -> Value:
        """One column; a ready part of a dictionary of data sets when its key says so."""
        return base._replace(columns=Columns(only=True, names=frozenset({name})))

    def rows_of(self, base: Value, node: ast.expr, key: Value, frame: Frame) -> Value:
        """Rows by a slice, a mask or an index; an index that a splitter made tells the part."""
        if isinstance(node, ast.Slice):
            whole = node.lower is None and node.upper is None
            return base if whole else base._replace(cut=True, subset=True)
        if key.folds is not Part.NONE:
            # What was learnt before the folds were made has been seen where they were made.
            self.parted((base,), frame.path, self.index.modules[frame.path].line(node), "")
            marks: frozenset[Mark] = frozenset()
            part = key.folds if base.part is not Part.TEST else base.part
            return base._replace(part=part, marks=marks, subset=True, sure=base.sure and key.sure)
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return base._replace(subset=True, columns=None)
        named = isinstance(node, (ast.List, ast.Name, ast.BinOp, ast.Call, ast.Attribute))
        if named and not key.rows:
            return base._replace(cut=True, columns=None)
        return base._replace(cut=True, subset=True)

    def of_tuple(self, node: ast.Tuple | ast.List, frame: Frame) -> Value:
        """A tuple or list keeps its items."""
        return Value(items=tuple(self.value(item, frame) for item in node.elts[:40]))

    of_list = of_tuple

    def of_dict(self, node: ast.Dict, frame: Frame) -> Value:
        """A dictionary with literal keys keeps its items."""
        keys = [literal(key) for key in node.keys[:40]]
        values = tuple(self.value(item, frame) for item in node.values[:40])
        if all(isinstance(key, str) for key in keys):
            return Value(items=values, keys=tuple(str(key) for key in keys))
        return mixed(values)

    def of_ifexp(self, node: ast.IfExp, frame: Frame) -> Value:
        """Take the side that a known flag opens, or mix both."""
        test = self.value(node.test, frame)
        if isinstance(test.constant, bool):
            return self.value(node.body if test.constant else node.orelse, frame)
        return mixed((self.value(node.body, frame), self.value(node.orelse, frame)))

    def of_unaryop(self, node: ast.UnaryOp, frame: Frame) -> Value:
        """`not flag`, `-x`."""
        inner = self.value(node.operand, frame)
        if isinstance(node.op, ast.Not) and isinstance(inner.constant, bool):
            return Value(constant=not inner.constant)
        if isinstance(node.op, ast.Not):
            return NOTHING
        return inner._replace(constant=MISSING, subset=inner.rows or inner.subset)

    def of_compare(self, node: ast.Compare, frame: Frame) -> Value:
        """A comparison of constants is known; one of scores may be a choice."""
        left = self.value(node.left, frame)
        right = self.value(node.comparators[0], frame)
        if left.constant is not MISSING and right.constant is not MISSING and len(node.ops) == 1:
            if isinstance(node.ops[0], (ast.Eq, ast.Is)):
                return Value(constant=left.constant == right.constant)
            if isinstance(node.ops[0], (ast.NotEq, ast.IsNot)):
                return Value(constant=left.constant != right.constant)
        both = mixed((left, right))
        ordered = isinstance(node.ops[0], (ast.Gt, ast.GtE, ast.Lt, ast.LtE))
        return both._replace(choice=ordered and both.rows)

    def of_boolop(self, node: ast.BoolOp, frame: Frame) -> Value:
        """`a or b`; a choice stays one."""
        parts = [self.value(item, frame) for item in node.values]
        return mixed(parts)._replace(choice=any(part.choice for part in parts))

    def of_binop(self, node: ast.BinOp, frame: Frame) -> Value:
        """Arithmetic mixes; `[frame] * 3` makes copies; `list + list` joins."""
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if left.items is not None and isinstance(right.constant, int):
            return left._replace(items=left.items * min(max(right.constant, 1), 5))
        if left.items is not None and right.items is not None and not left.keys:
            return left._replace(items=(left.items + right.items)[:40])
        found = mixed((left, right))
        return found._replace(columns=left.columns or right.columns, cut=False)

    def of_listcomp(self, node: ast.ListComp, frame: Frame) -> Value:
        """Bind the loop's names to what is walked, then take the element."""
        source: Value = NOTHING
        for loop in node.generators:
            source = self.value(loop.iter, frame)
            for item in self.each(source, loop.iter, frame)[:1]:
                self.assign(loop.target, item, frame)
        tests = mixed([self.value(test, frame) for loop in node.generators for test in loop.ifs])
        element = self.value(node.elt, frame)
        marks = [m for m in (*tests.marks, *source.marks) if m.learnt is Learnt.SELECTION]
        return element._replace(items=None, keys=(), constant=MISSING).marked(*marks)

    of_generatorexp = of_listcomp
    of_setcomp = of_listcomp

    def of_lambda(self, node: ast.Lambda, frame: Frame) -> Value:  # noqa: ARG002 - one form
        """A function without name holds nothing."""
        return NOTHING

    def of_starred(self, node: ast.Starred, frame: Frame) -> Value:
        """`*values`."""
        return self.value(node.value, frame)

    def of_namedexpr(self, node: ast.NamedExpr, frame: Frame) -> Value:
        """`name := value`."""
        value = self.value(node.value, frame)
        self.assign(node.target, value, frame)
        return value

    def of_call(self, node: ast.Call, frame: Frame) -> Value:
        """A call: of a library whose meaning is known, of the repository's code, or of neither."""
        attribute = isinstance(node.func, ast.Attribute)
        base = (
            self.value(node.func.value, frame) if isinstance(node.func, ast.Attribute) else NOTHING
        )
        function = NOTHING if attribute and not base.name else self.value(node.func, frame)
        method = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else function.name.rpartition(".")[2]
        )
        arguments = [self.value(item, frame) for item in node.args[:40]]
        keywords = {item.arg or "**": self.value(item.value, frame) for item in node.keywords[:40]}
        name = function.name if function.name != "unknown" else ""
        site = Site(self, node, frame, name, method, base, arguments, keywords)
        return called(site)

    def each(self, value: Value, node: ast.AST, frame: Frame) -> list[Value]:
        """Return what the rounds of a loop bind, two at most unless the items are known."""
        if value.rows and value.items is None and value.folds is Part.NONE:
            if value.part in (Part.VAL, Part.TEST):
                line = self.index.modules[frame.path].line(node)
                self.see("held", frame.path, line, f"walks {value.part.value}", sure=value.sure)
            item = value._replace(columns=None, items=None)
            return [item, item]
        if value.items is not None and not value.keys and value.items and not value.swept:
            return list(value.items[:6])
        return [value._replace(items=None, keys=(), constant=MISSING)] * 2


def column_choice(old: Columns | None, node: ast.expr) -> Columns | None:
    """Return the columns that the second part of `[rows, columns]` takes."""
    text = re.sub(r"\s", "", as_code(node)[:60])
    if text == ":":
        return old
    if text in {"-1", ":-1", "0:-1"}:
        last = frozenset({"#last"})
        return Columns(only=text == "-1", names=last)
    given = literal(node)
    if isinstance(given, str):
        return Columns(only=True, names=frozenset({given}))
    if isinstance(given, list) and all(isinstance(name, str) for name in given):
        return Columns(only=True, names=frozenset(given))
    return None
