"""One Python file: parsed once, walked once, names resolved through its imports."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from repro_audit.facts import python2
from repro_audit.facts.code import TooMuchCodeError
from repro_audit.facts.syntax import (
    MAIN,
    Assignment,
    Call,
    Class,
    Function,
    Import,
    Loop,
    Module,
    Reference,
    Text,
    dotted,
    literal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# What a field of one node may hold that can have anything of interest inside.
INSIDE = (ast.expr, ast.stmt, ast.arguments, ast.arg, ast.keyword, ast.pattern)
JOINS = {"join", "joinpath", "Path"}
GUARDS = {"ImportError", "ModuleNotFoundError", "Exception"}


def own_name(test: ast.expr) -> bool:
    """Say whether a condition is `__name__ == "__main__"`."""
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


def ways(node: ast.expr) -> tuple[ast.expr, ...]:
    """Return the values that an expression may take: both of a choice, else itself."""
    return (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)


class Walker(ast.NodeVisitor):
    """Visits a tree in the order in which it would run, scope by scope."""

    def __init__(self, path: str, lines: list[int] | None = None) -> None:
        self.module = Module(path, map=lines)
        self.scope = ""
        self.owner = ""
        self.conditions: tuple[ast.expr, ...] = ()
        self.guarded = False
        self.optional = False
        self.opening: ast.expr | None = None
        self.joined: set[int] = set()
        self.around: tuple[str, ...] = ()

    def visit(self, node: ast.AST) -> None:
        """Call what visits nodes of this kind; looked up once for each kind, not for each node."""
        kind = type(node)
        if kind not in HANDLERS:
            HANDLERS[kind] = getattr(Walker, f"visit_{kind.__name__}", Walker.generic_visit)
        HANDLERS[kind](self, node)

    def generic_visit(self, node: ast.AST) -> None:
        """Visit what stands inside a node, in its order; operators and contexts hold nothing."""
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, INSIDE):
                self.visit(value)

    def line(self, node: ast.AST) -> int:
        """Return the line in the file; a notebook's code is mapped back to its JSON."""
        return self.module.line(node)

    def resolve(self, name: str) -> str:
        """Replace the first part of `name` by what it was imported as."""
        head, dot, rest = name.partition(".")
        return self.module.aliases.get(head, head) + dot + rest

    def visit_Import(self, node: ast.Import) -> None:
        """Note `import a.b as c`."""
        for item in node.names:
            bound = item.asname or item.name.partition(".")[0]
            self.module.aliases[bound] = item.name if item.asname else bound
            self.note_import(item.name, "", bound, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Note `from a import b as c`."""
        module = "." * node.level + (node.module or "")
        for item in node.names:
            bound = item.asname or item.name
            joint = "" if not module or module.endswith(".") else "."
            self.module.aliases[bound] = module + joint + item.name
            self.note_import(module, item.name, bound, node)

    def note_import(self, module: str, name: str, bound: str, node: ast.stmt) -> None:
        """Keep one imported name."""
        self.module.imports.append(
            Import(module, name, bound, self.line(node), self.optional, self.scope)
        )

    def visit_Call(self, node: ast.Call) -> None:
        """Visit the arguments first, as Python does, then note the call."""
        func = node.func
        if isinstance(func, ast.Attribute):
            if isinstance(func.value, (ast.Name, ast.Attribute)):
                self.inner_calls(func.value)
            else:
                self.visit(func.value)
        elif not isinstance(func, ast.Name):
            self.visit(func)
        said = dotted(func)
        joins = said.rpartition(".")[2] in JOINS
        if joins:
            self.joined |= {id(part) for given in node.args for part in ways(given)}
        name = self.resolve(said) if not isinstance(func, ast.Call) else ""
        for part in (*node.args, *node.keywords):
            self.opening = node.args[0] if joins and len(node.args) > 1 else None
            self.within(name, part)
        line = self.line(node)
        call = Call(self.module.path, line, name, self.scope, node, self.conditions, self.around)
        self.module.calls.append(call)
        self.module.references.append(Reference(name, line, self.runs_in(), call))

    def within(self, name: str, node: ast.AST) -> None:
        """Visit `node`, whose value is handed to `name`."""
        before = self.around
        self.around = (name, *before)
        self.visit(node)
        self.around = before

    def visit_Compare(self, node: ast.Compare) -> None:
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

    def inner_calls(self, node: ast.expr) -> None:
        """Visit calls inside a chain such as `a().b`."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            self.visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Note a used dotted name."""
        self.inner_calls(node)
        if isinstance(node.ctx, ast.Load):
            self.refer(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Note a used name."""
        if isinstance(node.ctx, ast.Load):
            self.refer(node)

    def refer(self, node: ast.expr) -> None:
        """Keep one reference."""
        name = self.resolve(dotted(node))
        self.module.references.append(Reference(name, self.line(node), self.runs_in()))

    def visit_Constant(self, node: ast.Constant) -> None:
        """Keep strings of live code."""
        if isinstance(node.value, str):
            opens, joined = node is self.opening, id(node) in self.joined
            self.module.texts.append(Text(node.value, self.line(node), self.scope, opens, joined))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """An f-string may begin with a fixed text."""
        self.opening = node.values[0] if len(node.values) > 1 else None
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """So may a sum, or a path joined by `/`."""
        self.opening = node.left if isinstance(node.op, (ast.Add, ast.Div)) else None
        if isinstance(node.op, ast.Div):
            self.joined |= {id(part) for part in ways(node.right)}
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Leave out docstrings and bare strings."""
        if not isinstance(node.value, ast.Constant):
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Note assignments to names, attributes and items with a literal key."""
        several = any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets)
        apart = several and not isinstance(node.value, (ast.Tuple, ast.List))
        self.within("unpack" if apart else "=", node.value)
        for target in node.targets:
            self.assign(target, node.value, node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Note annotated fields, such as those of a dataclass."""
        if node.value is not None:
            self.visit(node.value)
        self.assign(node.target, node.value, node)

    def assign(self, target: ast.expr, value: ast.expr | None, node: ast.stmt) -> None:
        """Keep one assignment; tuples of equal length are taken apart."""
        if isinstance(target, (ast.Tuple, ast.List)):
            values: list[ast.expr | None] = [value] * len(target.elts)
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                values = list(value.elts)
            for part, given in zip(target.elts, values, strict=True):
                self.assign(part, given, node)
            return
        if isinstance(target, ast.Subscript):
            key = literal(target.slice)
            name = self.resolve(dotted(target.value))
            name = f"{name}[{key}]" if isinstance(key, str) else f"{name}[]"
        else:
            name = self.resolve(dotted(target))
        prefix = f"{self.owner}:" if self.owner and not self.scope.startswith(self.owner) else ""
        self.module.assignments.append(
            Assignment(prefix + name, value, self.line(node), self.scope)
        )

    def visit_Assert(self, node: ast.Assert) -> None:
        """Keep what is asserted."""
        self.module.checks.append((self.line(node), self.scope, node.test))
        self.generic_visit(node)

    def runs_in(self) -> str:
        """Return the scope in which the present code runs: under a main guard, never on import."""
        return MAIN if self.guarded and not self.scope else self.scope

    def visit_If(self, node: ast.If) -> None:
        """Remember conditions; a main guard is no condition but the mark of a script."""
        if isinstance(node.test, ast.Constant) and not node.test.value:
            # What stands under `if False:` is as dead as a comment.
            for statement in node.orelse:
                self.visit(statement)
            return
        if not self.scope and own_name(node.test):
            self.module.runs_itself = True
            outside, self.guarded = self.guarded, True
            for statement in node.body:
                self.visit(statement)
            self.guarded = outside
            return
        self.visit(node.test)
        if any(isinstance(statement, ast.Raise) for statement in node.body):
            self.module.checks.append((self.line(node), self.scope, node.test))
        before, optional = self.conditions, self.optional
        self.optional = optional or "TYPE_CHECKING" in dotted(node.test)
        self.conditions = (*before, node.test)
        for statement in node.body:
            self.visit(statement)
        self.conditions = (*before, ast.UnaryOp(ast.Not(), node.test))
        for statement in node.orelse:
            self.visit(statement)
        self.conditions, self.optional = before, optional

    def visit_For(self, node: ast.For) -> None:
        """Remember a loop; its variable is worth the first thing that the loop takes."""
        first = node.iter
        if isinstance(first, (ast.List, ast.Tuple)) and first.elts:
            first = first.elts[0]
        elif isinstance(first, ast.Call) and dotted(first.func) == "range":
            first = first.args[0] if len(first.args) > 1 else ast.Constant(value=0)
        self.assign(node.target, first, node)
        self.loop(node, node.body)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        """As for a plain loop."""
        self.loop(node, node.body)

    def visit_While(self, node: ast.While) -> None:
        """Remember a loop."""
        self.loop(node, node.body)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, body: list[ast.stmt]) -> None:
        """Keep one loop, and visit it."""
        first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
        self.module.loops.append(Loop(self.line(node), self.scope, node, first, last))
        if isinstance(node, ast.While):
            self.visit(node.test)
        else:
            self.visit(node.target)
            self.within("for", node.iter)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        """Remember a comprehension as the loop that it is."""
        first, last = node.elt.lineno, node.elt.end_lineno or node.elt.lineno
        for part in node.generators:
            self.module.loops.append(Loop(self.line(node), self.scope, part, first, last))
        self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        """An import whose failure is caught is optional."""
        caught = {
            name.id
            for handler in node.handlers
            if handler.type is not None
            for name in ast.walk(handler.type)
            if isinstance(name, ast.Name)
        }
        before = self.optional
        everything = any(handler.type is None for handler in node.handlers)
        self.optional = before or bool(caught & GUARDS) or everything
        self.generic_visit(node)
        self.optional = before

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A class body runs where it stands; its methods are scopes of their own."""
        # A base that is only named is not made here, but where the class is.
        made = (part for part in node.bases if not isinstance(part, (ast.Name, ast.Attribute)))
        for part in (*node.decorator_list, *made, *node.keywords):
            self.visit(part)
        name = f"{self.scope}.{node.name}".lstrip(".")
        self.module.classes[name] = Class(
            name,
            self.line(node),
            tuple(self.resolve(dotted(base)) for base in node.bases),
            tuple(self.decorator(part) for part in node.decorator_list),
        )
        before = self.owner
        self.owner = name
        for statement in node.body:
            self.visit(statement)
        self.owner = before

    def decorator(self, node: ast.expr) -> str:
        """Return the resolved name of a decorator, called or not."""
        return self.resolve(dotted(node.func if isinstance(node, ast.Call) else node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Decorators and defaults run where they stand; the body is a scope."""
        self.function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """As for a plain function."""
        self.function(node)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Note a function and visit its body in its own scope."""
        outside = (*node.decorator_list, *node.args.defaults)
        for part in (*outside, *(default for default in node.args.kw_defaults if default)):
            self.visit(part)
        base = self.owner or self.scope
        name = f"{base}.{node.name}".lstrip(".")
        decorators = tuple(self.decorator(part) for part in node.decorator_list)
        self.module.functions[name] = Function(name, self.line(node), node, decorators, self.owner)
        before = self.scope, self.owner, self.conditions
        self.scope, self.owner, self.conditions = name, "", ()
        for statement in node.body:
            self.visit(statement)
        self.scope, self.owner, self.conditions = before

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A lambda's body is taken to run where it is made."""
        self.visit(node.body)


HANDLERS: dict[type[ast.AST], Callable[[Walker, Any], None]] = {}


def read_module(
    path: str,
    source: str,
    lines: list[int] | None = None,
    bound: dict[str, str] | None = None,
) -> Module:
    """Parse and walk `source`; `bound` are names that star imports bring.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: when Python cannot parse it.
    """
    walker = Walker(path, lines)
    walker.module.aliases.update(bound or {})
    tree = python2.parse(source)
    walker.module.body = tree.body
    try:
        walker.visit(tree)
    except RecursionError as problem:
        raise TooMuchCodeError("nested deeper than it is read") from problem
    return walker.module
