"""Pieces of code: what is parsed when somebody asks is what stood there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import repro_audit
from repro_audit.facts import python2
from repro_audit.facts.pieces import MADE
from repro_audit.facts.walker import Walker, read_module

ODD = '''\
x = (1 +
     f(2)) \\
    .real; y, *z = g(1), *h(2)
if (a :=
        b(ä, "ö")) and not c(f"{d(1)} {[e(i) for i in range(3)]}"):
    k = lambda v: \\
        v(1)
    def outer(p, *, q=f(1)): return p
else:
\tfor i in range(9): u["ß"] = w(i)
@decorated(
    1)
class C(Base, meta=m()):
    """Text.

  less indented
"""
    @(
        odd
    )
    async def method(self, *a: int, b=(yield_ := 1), **c):
        @inner
        def first(): pass
        assert self.q(\'''
    \'''), (
            "x")
        return (yield), await s(lambda: t(1))
@(
    odd)
def last(): pass; pass
(
    print(1),
    o()
    .p(),
)
'''


def walked(text: str) -> Walker:
    """Walk through a text as the audit does."""
    tree, read = python2.parse(text)
    walker = Walker("a.py", read)
    walker.visit(tree)
    walker.pieces.place(walker.nodes[len(MADE) :])
    return walker


def shape(node: ast.AST) -> tuple[object, int | None]:
    """Return what a node says, and on which line."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    kept = list(decorators)
    decorators.clear()
    # A target that stands alone is read as a value.
    said = ast.dump(node).replace("Store()", "Load()")
    decorators.extend(kept)
    return said, getattr(node, "lineno", None)


@pytest.mark.parametrize(
    "text",
    [ODD, ODD.replace("\n", "\r"), ODD.replace("\n", "\r\n"), "\f" + ODD, "print 'a', f(1)\n"],
)
def test_a_piece_is_what_stood_there(text: str) -> None:
    same(text)


def test_pieces_of_own_code_are_what_stood_there() -> None:
    for path in Path(repro_audit.__file__).parent.glob("facts/*.py"):
        same(path.read_text("utf-8"))


def same(text: str) -> None:
    """Compare each piece of a text, parsed alone, with the node that the walk met."""
    walker = walked(text)
    bodies = set()
    for number, node in enumerate(walker.nodes):
        if id(node) in bodies:
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            bodies.add(id(node.body[0]))
            assert shape(walker.pieces.function(number)) == shape(node)
            assert ast.dump(walker.pieces.header(number).args) == ast.dump(node.args)
        elif isinstance(node, ast.expr):
            assert shape(walker.pieces.expression(number)) == shape(node)
    tree, _ = python2.parse(text)
    for found, stood in zip(walker.pieces.body(), tree.body, strict=True):
        apart = isinstance(stood, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        assert (isinstance(found, ast.Pass) and apart) or shape(found) == shape(stood)


def test_to_ask_for_everything_costs_no_more_than_some_readings() -> None:
    chain = "x" + ".add(1)" * 250
    text = "\n".join(["", *[chain] * 60, "def f(a=g(1)): pass", ""])
    module = read_module("a.py", text)
    for _ in range(3):
        assert all(call.given == len(call.node.args) for call in module.calls)
    assert module.functions["f"].node.name == "f"
    assert len(module.pieces.kept) > len(module.calls)


def test_a_piece_far_down_has_its_line() -> None:
    module = read_module("a.py", "\n" * 5_000 + "if 1:\n    def f(a=g(1)): h(2)\n")
    assert [call.node.lineno for call in module.calls] == [5_002, 5_002]
    assert module.functions["f"].node.body[0].lineno == 5_002
