"""What the walk through one Python file leaves: imports, calls, assignments, functions, texts."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.facts.pieces import Pieces, Span


class Lines(dict[int, int]):
    """The numbers of lines; each would otherwise be an object of its own in what names it."""

    def __missing__(self, number: int) -> int:
        """Keep a number when it is first asked for."""
        self[number] = number
        return number


LINES = Lines()


class Import(NamedTuple):
    """`import module` or `from module import name`; relative modules keep their dots."""

    module: str
    name: str
    bound: str
    line: int
    optional: bool
    scope: str


class Call(NamedTuple):
    """A call with its qualified name (`numpy.random.seed`).

    `given` counts its positional arguments, `words` are its keywords, with None for `**options`.

    `around` names what its value is handed to in the same statement, innermost first: calls, `for`
    (a loop over it), `each` (a comprehension), `in` (a test of membership), `compare`, `=` and
    `unpack` (an assignment to one name, or to several).

    `tests` are the numbers of its conditions, inverted (`~`) where they must not hold.
    """

    path: str
    line: int
    name: str
    scope: str
    pieces: Pieces
    number: int
    given: int
    words: tuple[str | None, ...]
    tests: tuple[int, ...]
    around: tuple[str, ...] = ()

    @property
    def node(self) -> ast.Call:
        """The call itself."""
        found = self.pieces.expression(self.number)
        assert isinstance(found, ast.Call)  # noqa: S101 - by its number it is one
        return found

    @property
    def call(self) -> Call:
        """The call, as of a reference."""
        return self

    @property
    def text(self) -> str:
        """The call as it is written."""
        return self.pieces.excerpt(self.number)

    @property
    def conditions(self) -> tuple[ast.expr, ...]:
        """The conditions it stands under."""
        return tuple(
            self.pieces.expression(number)
            if number >= 0
            else ast.UnaryOp(ast.Not(), self.pieces.expression(~number))
            for number in self.tests
        )

    @property
    def span(self) -> Span:
        """Where it stands in the code."""
        return self.pieces.span(self.number)

    @property
    def method(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    def argument(self, keyword: str, position: int | None = None) -> ast.expr | None:
        """Return the argument given as `keyword`, else the one at `position`."""
        if keyword in self.words:
            return self.node.keywords[self.words.index(keyword)].value
        if position is not None and position < self.given:
            found = self.node.args[position]
            return None if isinstance(found, ast.Starred) else found
        return None

    def literal(self, keyword: str, position: int | None = None) -> object:
        """Return the literal value of an argument; None when absent or not a literal."""
        return literal(self.argument(keyword, position))

    def evidence(self, message: str) -> Evidence:
        """Point at this call."""
        return Evidence(self.path, self.line, message)


class Reference(NamedTuple):
    """A name that is used, and the call made of it where that stands in another scope.

    Any other call is its own reference.
    """

    name: str
    line: int
    scope: str
    call: Call | None = None


class Assignment(NamedTuple):
    """`target = value`, with the target's name resolved and the kind of node that the value is."""

    target: str
    kind: type[ast.expr] | None
    pieces: Pieces
    number: int
    line: int
    scope: str

    @property
    def value(self) -> ast.expr | None:
        """What is assigned; None where a name is only annotated."""
        return self.pieces.expression(self.number) if self.kind is not None else None

    @property
    def text(self) -> str:
        """The value as it is written."""
        return self.pieces.excerpt(self.number)

    @property
    def span(self) -> Span:
        """Where the value stands in the code."""
        return self.pieces.span(self.number)


class Function(NamedTuple):
    """A function or method; `qualname` is its scope's name, `keywords` are given by name only."""

    qualname: str
    line: int
    pieces: Pieces
    number: int
    decorators: tuple[str, ...]
    owner: str
    parameters: tuple[str, ...]
    keywords: tuple[str, ...]

    @property
    def node(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """The definition itself."""
        return self.pieces.function(self.number)

    @property
    def arguments(self) -> ast.arguments:
        """Its parameters with their defaults."""
        return self.pieces.header(self.number).args


class Class(NamedTuple):
    """A class with its resolved bases and decorators."""

    qualname: str
    line: int
    bases: tuple[str, ...]
    decorators: tuple[str, ...]


class Text(NamedTuple):
    """A string in live code (docstrings and bare strings are left out).

    `opens` marks one that begins a longer text of which the rest is computed, `joined` one that is
    a part of a path.
    """

    value: str
    line: int
    scope: str
    opens: bool = False
    joined: bool = False


class Check(NamedTuple):
    """A test that must hold for the run to go on."""

    line: int
    scope: str
    pieces: Pieces
    number: int

    @property
    def text(self) -> str:
        """The test as it is written."""
        return self.pieces.excerpt(self.number)

    @property
    def test(self) -> ast.expr:
        """The test itself."""
        return self.pieces.expression(self.number)


class Loop(NamedTuple):
    """A `for` loop or a comprehension: the span of its lines, its variable, what it runs over."""

    line: int
    scope: str
    first: int
    last: int
    pieces: Pieces
    variable: int
    number: int

    @property
    def target(self) -> ast.expr:
        """The variable, or several."""
        return self.pieces.expression(self.variable)

    @property
    def over(self) -> ast.expr:
        """What it runs over."""
        return self.pieces.expression(self.number)

    def holds(self, call: Call) -> bool:
        """Say whether a call of the same file stands in the body of this loop."""
        return self.first <= call.pieces.places[4 * call.number] <= self.last


# The scope of what stands under `if __name__ == "__main__":`, for the order of execution only.
MAIN = "<main>"


@dataclass
class Module:
    """Everything the walk found in one file."""

    path: str
    pieces: Pieces
    imports: list[Import] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    references: list[Reference | Call] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    runs_itself: bool = False
    aliases: dict[str, str] = field(default_factory=dict)
    map: list[int] | None = None

    @property
    def starred(self) -> bool:
        """Whether it imports names that only another module knows."""
        return any(item.name == "*" for item in self.imports)

    def moved(self, path: str) -> Module:
        """Return this module as it is called from another folder."""
        calls = {id(call): call._replace(path=path) for call in self.calls}
        references = [
            calls[id(item)]
            if isinstance(item, Call)
            else item._replace(call=calls[id(item.call)] if item.call else None)
            for item in self.references
        ]
        return replace(self, path=path, calls=list(calls.values()), references=references)

    @cached_property
    def by_scope(self) -> dict[str, list[Reference | Call]]:
        """The references by the scope in which they stand."""
        found: dict[str, list[Reference | Call]] = {}
        for item in self.references:
            found.setdefault(item.scope, []).append(item)
        return found

    @cached_property
    def tails(self) -> frozenset[str]:
        """The bare names of all functions and classes, inner ones too."""
        return frozenset(name.rpartition(".")[2] for name in (*self.functions, *self.classes))

    @cached_property
    def tops(self) -> frozenset[str]:
        """The first parts of all names that are imported."""
        names = (*self.aliases.values(), *(item.module for item in self.imports))
        return frozenset(name.partition(".")[0] for name in names)

    @cached_property
    def calls_in(self) -> dict[str, list[Call]]:
        """The calls by the scope in which they stand."""
        found: dict[str, list[Call]] = {}
        for item in self.calls:
            found.setdefault(item.scope, []).append(item)
        return found

    @cached_property
    def methods(self) -> frozenset[str]:
        """The last parts of the names of all calls."""
        return frozenset(name.rpartition(".")[2] for name in {call.name for call in self.calls})

    @cached_property
    def texts_in(self) -> dict[str, list[Text]]:
        """The texts by the scope in which they stand."""
        found: dict[str, list[Text]] = {}
        for item in self.texts:
            found.setdefault(item.scope, []).append(item)
        return found

    @cached_property
    def assigned_in(self) -> dict[str, list[Assignment]]:
        """The assignments by the scope in which they stand."""
        found: dict[str, list[Assignment]] = {}
        for item in self.assignments:
            found.setdefault(item.scope, []).append(item)
        return found

    @cached_property
    def guarded(self) -> frozenset[int]:
        """The calls that only a run of the file makes, not its import, by identity."""
        return frozenset(id(item.call) for item in self.by_scope.get(MAIN, ()) if item.call)

    @cached_property
    def made(self) -> dict[str, set[str]]:
        """The names of the calls whose value is assigned, by what it is assigned to."""
        names = {call.number: call.name for call in self.calls}
        found: dict[str, set[str]] = {}
        for item in self.assignments:
            if item.number in names:
                found.setdefault(item.target, set()).add(names[item.number])
        return found

    def resolve(self, name: str) -> str:
        """Replace the first part of `name` by what it was imported as."""
        head, dot, rest = name.partition(".")
        return self.aliases.get(head, head) + dot + rest

    def line(self, node: ast.AST) -> int:
        """Return a node's line in the file; a notebook's code is mapped back to its JSON."""
        number: int = getattr(node, "lineno", 1)
        return self.map[number - 1] if self.map and number <= len(self.map) else LINES[number]


# What never is a literal; nothing is raised and caught to say so.
NO_LITERALS = (ast.Name, ast.Attribute, ast.Subscript, ast.JoinedStr, ast.Compare, ast.IfExp)


def literal(node: ast.expr | None) -> object:
    """Return the value of a literal expression, or None."""
    if isinstance(node, ast.Constant):
        return node.value
    if node is None or isinstance(node, NO_LITERALS):
        return None
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a chain of names; a chain on something else starts with a dot."""
    if isinstance(node, ast.Name):
        return node.id
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))
