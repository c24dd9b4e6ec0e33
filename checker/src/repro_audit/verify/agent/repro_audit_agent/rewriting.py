"""Rewrites a module so that values which may differ between runs are seen as they appear.

A call `f(x)` becomes `__repro_value__(7, f(x))`: the call is made as before, in its own frame, and
its result passes through. Iterations go through `__repro_items__`. Seven is the number of the
place, which is noted with path, line and text.
"""

import ast

VALUE, ITEMS = "__repro_value__", "__repro_items__"
STAT = {
    "st_mtime", "st_ctime", "st_atime", "st_mtime_ns", "st_ctime_ns", "st_atime_ns", "st_ino",
}  # fmt: skip
GIVEN = {
    "time.tzname", "time.timezone", "time.altzone", "time.daylight", "sys.argv", "sys.executable",
    "tempfile.tempdir",
}  # fmt: skip
LONGEST = 120


class Rewriter(ast.NodeTransformer):
    """Puts a pass-through around calls, iterations and reads of the environment."""

    def __init__(self, path, source, note):
        self.path = path
        self.lines = source.splitlines()
        self.note = note

    def text(self, node):
        """Return the code of a node, on one line."""
        last = getattr(node, "end_lineno", None) or node.lineno
        lines = self.lines[node.lineno - 1 : last][:6]
        if len(lines) == 1 and node.end_col_offset is not None:
            raw = lines[0].encode("utf-8")
            return raw[node.col_offset : node.end_col_offset].decode("utf-8", "replace")[:LONGEST]
        return " ".join(line.strip() for line in lines)[:LONGEST]

    def wrapped(self, name, kind, original, node):
        """Return the node with a pass-through around it."""
        number = self.note(
            self.path, original.lineno, original.col_offset, kind, self.text(original)
        )
        call = ast.Call(
            func=ast.Name(id=name, ctx=ast.Load()),
            args=[ast.Constant(value=number), node],
            keywords=[],
        )
        return ast.fix_missing_locations(ast.copy_location(call, original))

    def visit_Call(self, node):
        kind = "call " + callee(node.func)
        return self.wrapped(VALUE, kind, node, self.generic_visit(node))

    def visit_Expr(self, node):
        # What a statement returns is thrown away; only that it was executed counts.
        if isinstance(node.value, ast.Call):
            kind = "done " + callee(node.value.func)
            inside = self.generic_visit(node.value)
            node.value = self.wrapped(VALUE, kind, node.value, inside)
            return node
        return self.generic_visit(node)

    def visit_Assign(self, node):
        before = node.value
        node = self.generic_visit(node)
        if isinstance(node.targets[0], (ast.Tuple, ast.List)):
            node.value = self.wrapped(ITEMS, "items", before, node.value)
        return node

    def visit_BinOp(self, node):
        done = self.generic_visit(node)
        if isinstance(node.op, ast.MatMult):
            return self.wrapped(VALUE, "product", node, done)
        return done

    def visit_Subscript(self, node):
        done = self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and callee(node.value).endswith("environ"):
            return self.wrapped(VALUE, "environment", node, done)
        return done

    def visit_Attribute(self, node):
        done = self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and node.attr in STAT:
            return self.wrapped(VALUE, "call stat." + node.attr, node, done)
        if isinstance(node.ctx, ast.Load) and callee(node) in GIVEN:
            return self.wrapped(VALUE, "given", node, done)
        return done

    def visit_Name(self, node):
        if node.id == "__file__" and isinstance(node.ctx, ast.Load):
            return self.wrapped(VALUE, "file", node, node)
        return node

    def visit_For(self, node):
        before = node.iter
        node = self.generic_visit(node)
        node.iter = self.wrapped(ITEMS, "items", before, node.iter)
        return node

    def visit_comprehension(self, node):
        before = node.iter
        node = self.generic_visit(node)
        if not node.is_async:
            node.iter = self.wrapped(ITEMS, "items", before, node.iter)
        return node

    def visit_Starred(self, node):
        before = node.value
        node = self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self.wrapped(ITEMS, "items", before, node.value)
        return node

    def visit_FormattedValue(self, node):
        before = node.value
        node = self.generic_visit(node)
        node.value = self.wrapped(VALUE, "shown", before, node.value)
        return node

    def visit_AnnAssign(self, node):
        # An annotation is a note, not a value.
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arguments(self, node):
        node.defaults = [self.visit(item) for item in node.defaults]
        node.kw_defaults = [item and self.visit(item) for item in node.kw_defaults]
        return node


def callee(node):
    """Return the dotted name of what is called, as far as it has one."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))


def rewritten(source, path, shown, note, main):
    """Return the code of a module with its pass-throughs; the main module is told who it is."""
    tree = ast.parse(source, path)
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    tree = Rewriter(shown, text, note).visit(tree)
    if main:
        # Run as a script and not as a module: there is no spec and no package.
        at = 0
        for at, statement in enumerate([*tree.body, None]):
            future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
            words = at == 0 and isinstance(statement, ast.Expr)
            if not (future or (words and isinstance(statement.value, ast.Constant))):
                break
        tree.body[at:at] = ast.parse("__spec__ = __package__ = None").body
    return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
