"""What the walk through one Python file leaves: imports, calls, assignments, functions, texts."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable


class Import(NamedTuple):
    """`import module` or `from module import name`; relative modules keep their dots."""

    module: str
    name: str
    bound: str
    line: int
    optional: bool
    scope: str


class Nodes:
    """What the walk through one file keeps of its tree, each kind in the order of the walk."""

    __slots__ = ("body", "calls", "conditions", "functions", "loops", "values")

    def __init__(self) -> None:
        self.body: list[ast.stmt] = []
        self.calls: list[ast.Call] = []
        self.conditions: list[tuple[ast.expr, ...]] = []
        self.values: list[ast.expr | None] = []
        self.functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.loops: list[ast.For | ast.AsyncFor | ast.While | ast.comprehension] = []


class Tree:
    """The nodes of one file: kept, or forgotten and read again when they are asked for.

    They take ten times the room of all else that is known of a file, and of most tests nobody
    asks for them.
    """

    __slots__ = ("again", "kept")

    def __init__(self) -> None:
        self.kept: Nodes | None = Nodes()
        self.again: Callable[[], Nodes] = Nodes

    @property
    def nodes(self) -> Nodes:
        """The nodes; once read again they stay, so that each keeps its identity."""
        if self.kept is None:
            self.kept = self.again()
        return self.kept


class Call(NamedTuple):
    """A call with its qualified name (`numpy.random.seed`).

    `given` counts its positional arguments, `words` are its keywords, with None for `**options`.

    `around` names what its value is handed to in the same statement, innermost first: calls, `for`
    (a loop over it), `each` (a comprehension), `in` (a test of membership), `compare`, `=` and
    `unpack` (an assignment to one name, or to several).
    """

    path: str
    line: int
    name: str
    scope: str
    tree: Tree
    number: int
    given: int
    words: tuple[str | None, ...]
    conditional: bool
    around: tuple[str, ...] = ()

    @property
    def node(self) -> ast.Call:
        """The call itself."""
        return self.tree.nodes.calls[self.number]

    @property
    def conditions(self) -> tuple[ast.expr, ...]:
        """The conditions it stands under."""
        return self.tree.nodes.conditions[self.number] if self.conditional else ()

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
    """A name that is used, and the call made of it, in the order of execution."""

    name: str
    line: int
    scope: str
    call: Call | None = None


class Assignment(NamedTuple):
    """`target = value`, with the target's name resolved and the kind of node that the value is."""

    target: str
    kind: type[ast.expr] | None
    tree: Tree
    number: int
    line: int
    scope: str

    @property
    def value(self) -> ast.expr | None:
        """What is assigned; None where a name is only annotated."""
        return self.tree.nodes.values[self.number] if self.kind is not None else None


class Function(NamedTuple):
    """A function or method; `qualname` is its scope's name, `keywords` are given by name only."""

    qualname: str
    line: int
    tree: Tree
    number: int
    decorators: tuple[str, ...]
    owner: str
    parameters: tuple[str, ...]
    keywords: tuple[str, ...]

    @property
    def node(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """The definition itself."""
        return self.tree.nodes.functions[self.number]


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


class Loop(NamedTuple):
    """A loop or comprehension: what it runs over, and the span of its lines."""

    line: int
    scope: str
    tree: Tree
    number: int
    first: int
    last: int

    @property
    def node(self) -> ast.For | ast.AsyncFor | ast.While | ast.comprehension:
        """The loop itself."""
        return self.tree.nodes.loops[self.number]

    def holds(self, node: ast.AST) -> bool:
        """Say whether `node` of the same file stands in the body of this loop."""
        return self.first <= getattr(node, "lineno", 0) <= self.last


# The scope of what stands under `if __name__ == "__main__":`, for the order of execution only.
MAIN = "<main>"


@dataclass
class Module:
    """Everything the walk found in one file."""

    path: str
    imports: list[Import] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    checks: list[tuple[int, str, ast.expr]] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    runs_itself: bool = False
    aliases: dict[str, str] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)
    map: list[int] | None = None

    @cached_property
    def by_scope(self) -> dict[str, list[Reference]]:
        """The references by the scope in which they stand."""
        found: dict[str, list[Reference]] = {}
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

    def leave_variables(self) -> None:
        """Forget the references to plain variables, which lead nowhere: most are."""
        known = {"globals", *self.tops, *self.tails}
        self.references = [
            item for item in self.references if item.call or "." in item.name or item.name in known
        ]

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
        names = {id(call.node): call.name for call in self.calls}
        found: dict[str, set[str]] = {}
        for item in self.assignments:
            if id(item.value) in names:
                found.setdefault(item.target, set()).add(names[id(item.value)])
        return found

    def resolve(self, name: str) -> str:
        """Replace the first part of `name` by what it was imported as."""
        head, dot, rest = name.partition(".")
        return self.aliases.get(head, head) + dot + rest

    def line(self, node: ast.AST) -> int:
        """Return a node's line in the file; a notebook's code is mapped back to its JSON."""
        number: int = getattr(node, "lineno", 1)
        return self.map[number - 1] if self.map and number <= len(self.map) else number


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
