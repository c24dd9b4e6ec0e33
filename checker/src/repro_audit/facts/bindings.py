"""Binds names, attributes, columns and keys to values, and lets a name say what it holds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repro_audit.facts.expressions import Expressions
from repro_audit.facts.ground import with_column
from repro_audit.facts.rows import (
    NOTHING,
    Learnt,
    Part,
    Value,
    part_named,
)
from repro_audit.facts.syntax import literal

if TYPE_CHECKING:
    from repro_audit.facts.frames import Frame


class Bindings(Expressions):
    """Assigns what expressions give."""

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a target; what is written into a column or an attribute goes into its owner."""
        if isinstance(target, ast.Name):
            frame.put(target.id, self.named(target.id, value, target, frame))
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.unpack(target.elts, value, frame)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value._replace(items=None), frame)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, frame)
            if owner.instance is not None:
                named = self.named(target.attr, value, target, frame)
                owner.instance.attributes[target.attr] = named
        elif isinstance(target, ast.Subscript):
            self.write(target, value, frame)

    def write(self, target: ast.Subscript, value: Value, frame: Frame) -> None:
        """Write into a column of rows, or under a key of a dictionary."""
        base: ast.expr = target.value
        if isinstance(base, ast.Attribute) and base.attr in {"loc", "iloc", "at", "iat"}:
            base = base.value
        old = self.value(base, frame)
        key = literal(target.slice)
        if old.rows and old.keys == ():
            kept = {m for m in value.marks if m.learnt is not Learnt.CORRELATION}
            columns = old.columns
            if columns is not None and isinstance(key, str):
                columns = with_column(columns, key)
            self.rebind(base, old.marked(*kept)._replace(columns=columns), frame)
        elif isinstance(key, str) and not old.rows:
            pairs = dict(zip(old.keys, old.items or (), strict=False))
            told = value.cut and part_named(key) is not Part.NONE
            pairs[key] = value._replace(part=part_named(key), cut=False) if told else value
            items = NOTHING._replace(items=tuple(pairs.values()), keys=tuple(pairs))
            self.rebind(base, items, frame)
        elif frame.loops and not old.rows and value.part in (Part.VAL, Part.TEST):
            # `scores[name] = score`, once for each candidate.
            self.rebind(base, value._replace(swept=True, items=None, keys=()), frame)

    def rebind(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Bind a name or an attribute again, whatever it is called."""
        if isinstance(target, ast.Name):
            frame.put(target.id, value)
        elif isinstance(target, ast.Attribute):
            self.assign(target, value, frame)
        elif isinstance(target, ast.Subscript):
            self.write(target, value, frame)

    def unpack(self, targets: list[ast.expr], value: Value, frame: Frame) -> None:
        """Bind the names of a tuple."""
        for position, target in enumerate(targets):
            item = value.item(position)
            if item is None:
                item = value._replace(items=None, keys=(), columns=None)
                if value.name == "unknown" and isinstance(target, ast.Name):
                    item = self.unseen(target.id, value)
            self.assign(target, item, frame)

    def unseen(self, name: str, value: Value) -> Value:
        """Judge a name that comes out of code which is not there by the name alone."""
        part = part_named(name)
        if part is Part.NONE:
            return value
        return value._replace(part=part, sure=False, name="", columns=None)

    def named(self, name: str, value: Value, node: ast.expr, frame: Frame) -> Value:
        """Let a name say which part rows are that were cut out of others."""
        if not value.cut or not value.rows:
            return self.unseen(name, value) if value.name == "unknown" else value
        part = part_named(name)
        if part is Part.NONE or (value.part is Part.TRAIN and part is Part.TEST):
            return value
        if value.part is Part.TEST and part is Part.TRAIN:
            return value
        if value.part is Part.ALL:
            line = self.index.modules[frame.path].line(node)
            self.parted((value,), frame.path, line, f"{name} is cut out", "cut")
        return value._replace(part=part, cut=False, marks=frozenset())
