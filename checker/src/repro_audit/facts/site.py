"""One call on the way: what it is called on, with what, and where."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts.pieces import Span
from repro_audit.facts.rows import MISSING, Learnt, Mark, Part, Value
from repro_audit.facts.syntax import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.expressions import Expressions
    from repro_audit.facts.frames import Frame


class Site(NamedTuple):
    """A call with its evaluated receiver and arguments."""

    run: Expressions
    node: ast.Call
    frame: Frame
    name: str
    method: str
    base: Value
    arguments: list[Value]
    keywords: dict[str, Value]

    @property
    def line(self) -> int:
        """The line in the file."""
        return self.run.index.modules[self.frame.path].line(self.node)

    @property
    def file(self) -> str:
        """The file that is read or written here, as far as it is known."""
        return self.run.files.get((self.frame.path, Span.of(self.node)), "")

    def values(self) -> list[Value]:
        """All arguments."""
        return [*self.arguments, *self.keywords.values()]

    def given(self) -> dict[str, Value]:
        """Arguments by keyword, and by `#position`."""
        found = {f"#{number}": value for number, value in enumerate(self.arguments)}
        return found | self.keywords

    def argument(self, keyword: str, position: int | None = None) -> Value | None:
        """Return one argument."""
        if keyword in self.keywords:
            return self.keywords[keyword]
        fits = position is not None and position < len(self.arguments)
        return self.arguments[position] if fits and position is not None else None

    def literal(self, keyword: str, position: int | None = None) -> object:
        """Return the constant worth of an argument; MISSING when it has none."""
        value = self.argument(keyword, position)
        return MISSING if value is None else value.constant

    def node_of(self, keyword: str, position: int) -> ast.expr | None:
        """Return the expression of an argument."""
        for item in self.node.keywords:
            if item.arg == keyword:
                return item.value
        return self.node.args[position] if position < len(self.node.args) else None

    def names_given(self) -> Iterator[str]:
        """Yield the strings among the literal arguments, also inside lists."""
        for node in (*self.node.args, *(item.value for item in self.node.keywords)):
            found = literal(node)
            for item in found if isinstance(found, (list, tuple)) else (found,):
                if isinstance(item, str):
                    yield item

    def words(self) -> Iterator[str]:
        """Yield every string that stands in the arguments or that they are known to hold."""
        budget = 60
        for part in (*self.node.args, *(item.value for item in self.node.keywords)):
            for node in ast.walk(part):
                budget -= 1
                if budget < 0:
                    return
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
        for value in self.values():
            if isinstance(value.constant, str):
                yield value.constant

    def mark_rows(self, value: Value, learnt: Learnt, what: str) -> Value:
        """Mark rows by what is done to them here, when they are all rows."""
        if value.part is not Part.ALL:
            if learnt is Learnt.COPIES and value.part is Part.TRAIN:
                message = f"{what}, of the training part only"
                self.run.see(
                    "resampled-train", self.frame.path, self.line, message, sure=value.sure
                )
            return value._replace(items=None, cut=False)
        mark = Mark(learnt, self.frame.path, self.line, what)
        return value.marked(mark)._replace(items=None, cut=False)

    def see(self, kind: str, message: str, *, sure: bool = True) -> None:
        """Note something at this call."""
        self.run.see(kind, self.frame.path, self.line, message, sure=sure)
