"""One Python file: parsed once, walked once, names resolved through its imports."""

from __future__ import annotations

import ast
from functools import partial
from sys import intern

from repro_audit.facts import python2
from repro_audit.facts.code import TooMuchCodeError
from repro_audit.facts.expressionwalk import ExpressionWalker
from repro_audit.facts.pieces import FAILED, MADE, NOWHERE, ZERO, AnyFunction, as_function, deeper
from repro_audit.facts.syntax import (
    Assignment,
    Check,
    Class,
    Function,
    Import,
    Module,
    dotted,
    literal,
)

GUARDS = {"ImportError", "ModuleNotFoundError", "Exception"}
LEAVES = {ast.Return, ast.Raise, ast.Continue, ast.Break}
EXITS = {"sys.exit", "os._exit", "exit", "quit"}


def own_name(test: ast.expr) -> bool:
    """Say whether a condition is `__name__ == "__main__"`."""
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


class Walker(ExpressionWalker):
    """Visits a tree in the order in which it would run, scope by scope."""

    def __init__(self, path: str, text: str, lines: list[int] | None = None) -> None:
        super().__init__(path, text, lines)
        self.owner = ""
        self.optional = False

    def block(self, statements: list[ast.stmt]) -> None:
        """Visit statements in their order; what stands behind the way out is dead."""
        for statement in statements:
            kind = statement.__class__
            self.handlers[kind](self, statement)
            if kind in LEAVES or (isinstance(statement, ast.Expr) and self.exits(statement.value)):
                return

    def exits(self, call: ast.expr) -> bool:
        """Say whether an expression ends the program."""
        return isinstance(call, ast.Call) and self.resolve(dotted(call.func)) in EXITS

    def visit_module(self, node: ast.Module) -> None:
        """The code of a module is a block."""
        for part in node.body:
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                first = min([part.lineno, *(item.lineno for item in part.decorator_list)])
                self.pieces.apart.extend((first, part.end_lineno or first))
        self.block(node.body)

    def visit_import(self, node: ast.Import) -> None:
        """Note `import a.b as c`."""
        for item in node.names:
            bound = item.asname or item.name.partition(".")[0]
            self.module.aliases[bound] = item.name if item.asname else bound
            self.note_import(item.name, "", bound, node)

    def visit_importfrom(self, node: ast.ImportFrom) -> None:
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

    def visit_expr(self, node: ast.Expr) -> None:
        """Leave out docstrings and bare strings."""
        if not isinstance(node.value, ast.Constant):
            self.visit(node.value)

    def visit_assign(self, node: ast.Assign) -> None:
        """Note assignments to names, attributes and items with a literal key."""
        several = any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets)
        apart = several and not isinstance(node.value, (ast.Tuple, ast.List))
        if isinstance(node.value, ast.Lambda) and isinstance(node.targets[0], ast.Name):
            self.function(as_function(node.targets[0].id, node.value), self.keep(node.value))
        else:
            self.within("unpack" if apart else "=", node.value)
        for target in node.targets:
            self.assign(target, node.value, node)

    def visit_annassign(self, node: ast.AnnAssign) -> None:
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
        kind, number = (None, 0) if value is None else (value.__class__, self.keep(value))
        self.module.assignments.append(
            Assignment(
                intern(prefix + name), kind, self.pieces, number, self.line(node), self.scope
            )
        )

    def visit_assert(self, node: ast.Assert) -> None:
        """Keep what is asserted."""
        self.note_check(node)
        self.generic_visit(node)

    def note_check(self, node: ast.Assert | ast.If) -> None:
        """Keep what must hold for the run to go on."""
        number = self.keep(node.test)
        self.module.checks.append(Check(self.line(node), self.scope, self.pieces, number))

    def visit_if(self, node: ast.If) -> None:
        """Remember conditions; a main guard is no condition but the mark of a script."""
        if isinstance(node.test, ast.Constant) and not node.test.value:
            # What stands under `if False:` is as dead as a comment.
            self.block(node.orelse)
            return
        if not self.scope and own_name(node.test):
            self.module.runs_itself = True
            outside, self.guarded = self.guarded, True
            self.block(node.body)
            self.guarded = outside
            return
        self.visit(node.test)
        if any(isinstance(statement, ast.Raise) for statement in node.body):
            self.note_check(node)
        before, optional = self.conditions, self.optional
        self.optional = optional or "TYPE_CHECKING" in dotted(node.test)
        number = self.keep(node.test)
        self.conditions = (*before, number)
        self.block(node.body)
        self.conditions = (*before, ~number)
        self.block(node.orelse)
        self.conditions, self.optional = before, optional

    def visit_for(self, node: ast.For) -> None:
        """Remember a loop; its variable is worth the first thing that the loop takes."""
        first = node.iter
        if isinstance(first, (ast.List, ast.Tuple)) and first.elts:
            first = first.elts[0]
        elif isinstance(first, ast.Call) and dotted(first.func) == "range":
            first = first.args[0] if len(first.args) > 1 else MADE[ZERO]
        self.assign(node.target, first, node)
        self.loop(node, node.body)

    def visit_asyncfor(self, node: ast.AsyncFor) -> None:
        """As for a plain loop."""
        self.loop(node, node.body)

    def visit_while(self, node: ast.While) -> None:
        """Remember a loop."""
        self.loop(node, node.body)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, body: list[ast.stmt]) -> None:
        """Keep one loop, and visit it."""
        if isinstance(node, ast.While):
            self.visit(node.test)
        else:
            first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
            self.note_loop(node, node, first, last)
            self.visit(node.target)
            self.within("for", node.iter)
        self.block(node.body)
        self.block(node.orelse)

    def visit_try(self, node: ast.Try) -> None:
        """An import whose failure is caught is optional; a handler runs only after a failure."""
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
        self.block(node.body)
        conditions = self.conditions
        self.conditions = (*conditions, FAILED)
        for handler in node.handlers:
            self.block(handler.body)
        self.conditions = conditions
        self.block(node.orelse)
        self.block(node.finalbody)
        self.optional = before

    def visit_classdef(self, node: ast.ClassDef) -> None:
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

    def visit_functiondef(self, node: AnyFunction) -> None:
        """Decorators and defaults run where they stand; the body is a scope."""
        number = self.keep(node)
        # Next to it where its body begins.
        self.nodes.append(node.body[0])
        self.function(node, number)

    visit_asyncfunctiondef = visit_functiondef

    def function(self, node: AnyFunction, number: int) -> None:
        """Note a function, a piece of this number, and visit its body in its own scope."""
        outside = (*node.decorator_list, *node.args.defaults)
        for part in (*outside, *(default for default in node.args.kw_defaults if default)):
            self.visit(part)
        base = self.owner or self.scope
        name = f"{base}.{node.name}".lstrip(".")
        decorators = tuple(self.decorator(part) for part in node.decorator_list)
        self.module.functions[name] = Function(
            name,
            self.line(node),
            self.pieces,
            number,
            decorators,
            self.owner,
            tuple(item.arg for item in (*node.args.posonlyargs, *node.args.args)),
            tuple(item.arg for item in node.args.kwonlyargs),
        )
        before = self.scope, self.owner, self.conditions
        self.scope, self.owner, self.conditions = name, "", ()
        self.block(node.body)
        self.scope, self.owner, self.conditions = before


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
    tree, text = python2.parse(source)
    walker = walked(Walker(path, text, lines), tree, bound or {})
    walker.pieces.place(walker.nodes[len(MADE) :])
    walker.note_references()
    walker.pieces.again = partial(nodes_of, bound or {})
    return walker.module


def walked(walker: Walker, tree: ast.Module, bound: dict[str, str]) -> Walker:
    """Walk through a tree."""
    walker.module.aliases.update(bound)
    try:
        walker.visit(tree)
    except RecursionError as problem:
        raise TooMuchCodeError("nested deeper than it is read") from problem
    return walker


def nodes_of(bound: dict[str, str], text: str) -> list[ast.AST]:
    """Return the nodes of a text that was read before, in the order of their numbers."""
    with deeper():
        return walked(Walker("", text), ast.parse(text, NOWHERE), bound).nodes
