"""The expressions of one Python file, in the order in which they would be evaluated."""

from __future__ import annotations

import ast
from sys import intern
from typing import TYPE_CHECKING, Any, ClassVar

from repro_audit.facts.pieces import MADE, Pieces
from repro_audit.facts.syntax import LINES, MAIN, Call, Loop, Module, Reference, Text

if TYPE_CHECKING:
    from collections.abc import Callable

JOINS = {"join", "joinpath", "Path"}
# Fields that hold names, operators and the like, with nothing of interest inside.
BARE = frozenset(
    {"ctx", "op", "ops", "type_comment", "id", "attr", "arg", "name", "asname", "names", "rest"}
    | {"level", "kind", "conversion", "type_ignores", "simple", "module", "kwd_attrs"}
)
# What cannot be parsed without what stands around it, or loses its columns so.
ALONE = frozenset({ast.Starred, ast.Lambda})
NODES = [
    kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
]
FIELDS = {kind: tuple(name for name in kind._fields if name not in BARE) for kind in NODES}


def ways(node: ast.expr) -> tuple[ast.expr, ...]:
    """Return the values that an expression may take: both of a choice, else itself."""
    return (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)


class ExpressionWalker:
    """Notes names, calls, texts and loops of expressions.

    What runs for each node of each file is written out where it is used, not called: a large
    repository has millions of them.
    """

    handlers: ClassVar[dict[type, Callable[[Any, Any], None]]]

    def __init_subclass__(cls) -> None:
        """Look up once what visits nodes of each kind."""
        cls.handlers = {
            kind: getattr(cls, f"visit_{kind.__name__.lower()}", cls.generic_visit)
            for kind in NODES
        }

    def __init__(self, path: str, text: str, lines: list[int] | None = None) -> None:
        self.pieces = Pieces(text)
        self.module = Module(path, self.pieces, map=lines)
        self.nodes: list[ast.AST] = list(MADE.values())
        self.numbers = {id(node): number for number, node in MADE.items()}
        self.formatted = False
        # What is used, in the order of execution: calls, and what else may be a reference.
        self.used: list[Call | tuple[str, int, str, Call | None]] = []
        self.scope = ""
        self.conditions: tuple[int, ...] = ()
        self.guarded = False
        self.opening: ast.expr | None = None
        self.joined: set[int] = set()
        self.around: tuple[str, ...] = ()

    def visit(self, node: ast.AST) -> None:
        """Call what visits nodes of this kind."""
        self.handlers[node.__class__](self, node)

    def generic_visit(self, node: ast.AST) -> None:
        """Visit what stands inside a node, in its order; operators and contexts hold nothing."""
        handler = self.handlers.get
        for name in FIELDS[node.__class__]:
            value = getattr(node, name, None)
            for item in value if value.__class__ is list else (value,):
                visit = handler(item.__class__)
                if visit is not None:
                    visit(self, item)

    def line(self, node: ast.AST) -> int:
        """Return the line in the file; a notebook's code is mapped back to its JSON."""
        return self.module.line(node)

    def resolve(self, name: str) -> str:
        """Replace the first part of `name` by what it was imported as."""
        return self.module.resolve(name)

    def keep(self, node: Any) -> int:
        """Return the number by which a piece of the code can be asked for later."""
        nodes = self.nodes
        number = self.numbers.setdefault(id(node), len(nodes))
        if number == len(nodes):
            nodes.append(node)
            if self.formatted or node.__class__ in ALONE:
                self.pieces.kept[number] = node
        return number

    def runs_in(self) -> str:
        """Return the scope in which the present code runs: under a main guard, never on import."""
        return self.scope or (MAIN if self.guarded else "")

    def chain(self, node: ast.expr) -> tuple[str, str]:
        """Visit what a chain of attributes begins with, unless that is a name.

        Return the chain's resolved name, as `resolve` of `dotted` would, and its last part as it
        stands there.
        """
        parts: list[str] = []
        base = node
        while isinstance(base, ast.Attribute):
            parts.append(base.attr)
            base = base.value
        if isinstance(base, ast.Name):
            head = base.id
            name = self.module.aliases.get(head, head)
            if not parts:
                return name, head
        else:
            self.handlers[base.__class__](self, base)
            name = ""
            if not parts:
                return "", ""
        last = parts[0]
        parts.append(name)
        parts.reverse()
        return intern(".".join(parts)), last

    def visit_call(self, node: ast.Call) -> None:
        """Visit the arguments first, as Python does, then note the call."""
        name, said = self.chain(node.func)
        given = node.args
        joins = said in JOINS
        if joins:
            self.joined |= {id(part) for item in given for part in ways(item)}
        opening = given[0] if joins and len(given) > 1 else None
        before = self.around
        self.around = (name, *before)
        handlers = self.handlers
        for part in given:
            self.opening = opening
            handlers[part.__class__](self, part)
        for word in node.keywords:
            self.opening = opening
            handlers[word.value.__class__](self, word.value)
        self.around = before
        module, nodes = self.module, self.nodes
        number = self.numbers.setdefault(id(node), len(nodes))
        if number == len(nodes):
            nodes.append(node)
            if self.formatted:
                self.pieces.kept[number] = node
        line = LINES[node.lineno] if module.map is None else module.line(node)
        words = tuple([word.arg for word in node.keywords]) if node.keywords else ()
        call = Call(
            module.path,
            line,
            name,
            self.scope,
            self.pieces,
            number,
            len(given),
            words,
            self.conditions,
            before,
        )
        module.calls.append(call)
        apart = self.guarded and not self.scope
        self.used.append((name, line, MAIN, call) if apart else call)

    def within(self, name: str, node: ast.AST) -> None:
        """Visit `node`, whose value is handed to `name`."""
        before = self.around
        self.around = (name, *before)
        self.handlers[node.__class__](self, node)
        self.around = before

    def visit_compare(self, node: ast.Compare) -> None:
        """The right side of `in` is only asked for members."""
        self.visit(node.left)
        asked = any(isinstance(item, (ast.In, ast.NotIn)) for item in node.ops)
        for part in node.comparators:
            self.within("in" if asked else "compare", part)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """A comprehension is a loop inside an expression."""
        self.visit(node.target)
        self.within("each", node.iter)
        for condition in node.ifs:
            self.visit(condition)

    def visit_listcomp(self, node: ast.ListComp) -> None:
        """Remember a comprehension as the loop that it is."""
        first, last = node.elt.lineno, node.elt.end_lineno or node.elt.lineno
        for part in node.generators:
            self.note_loop(node, part, first, last)
        self.generic_visit(node)

    def note_loop(
        self,
        at: ast.AST,
        node: ast.For | ast.AsyncFor | ast.comprehension,
        first: int,
        last: int,
    ) -> None:
        """Keep one loop that stands at `at`."""
        variable, number = self.keep(node.target), self.keep(node.iter)
        self.module.loops.append(
            Loop(self.line(at), self.scope, first, last, self.pieces, variable, number)
        )

    def visit_attribute(self, node: ast.Attribute) -> None:
        """Note a used dotted name."""
        name, _ = self.chain(node)
        if isinstance(node.ctx, ast.Load):
            module = self.module
            line = LINES[node.lineno] if module.map is None else module.line(node)
            self.used.append((name, line, self.scope or self.runs_in(), None))

    def visit_name(self, node: ast.Name) -> None:
        """Note a used name."""
        if isinstance(node.ctx, ast.Load):
            module, name = self.module, node.id
            line = LINES[node.lineno] if module.map is None else module.line(node)
            self.used.append(
                (module.aliases.get(name, name), line, self.scope or self.runs_in(), None)
            )

    def note_references(self) -> None:
        """Keep what was used but for plain variables, which lead nowhere: most do not."""
        module = self.module
        known = {"globals", *module.tops, *module.tails}
        module.references = [
            item if isinstance(item, Call) else Reference(*item)
            for item in self.used
            if isinstance(item, Call) or item[3] or "." in item[0] or item[0] in known
        ]

    def visit_constant(self, node: ast.Constant) -> None:
        """Keep strings of live code."""
        if isinstance(node.value, str):
            opens, joined = node is self.opening, id(node) in self.joined
            self.module.texts.append(Text(node.value, self.line(node), self.scope, opens, joined))

    def visit_joinedstr(self, node: ast.JoinedStr) -> None:
        """An f-string may begin with a fixed text."""
        self.opening = node.values[0] if len(node.values) > 1 else None
        before, self.formatted = self.formatted, True
        self.generic_visit(node)
        self.formatted = before

    def visit_binop(self, node: ast.BinOp) -> None:
        """So may a sum, or a path joined by `/`."""
        self.opening = node.left if isinstance(node.op, (ast.Add, ast.Div)) else None
        if isinstance(node.op, ast.Div):
            self.joined |= {id(part) for part in ways(node.right)}
        self.visit(node.left)
        self.visit(node.right)

    def visit_lambda(self, node: ast.Lambda) -> None:
        """A lambda's body is taken to run where it is made."""
        self.visit(node.body)
