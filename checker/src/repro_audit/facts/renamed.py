"""Calls of a thing under another name: bound first, or chosen by name from a module or mapping."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repro_audit.facts.python import matches
from repro_audit.facts.syntax import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Assignment, Call, Module


def renamed(module: Module, wanted: tuple[str, ...]) -> Iterator[Call]:
    """Yield the calls that reach one of these names in a roundabout way, under that name."""
    tops = {name.partition(".")[0] for name in wanted}
    if not any(source.partition(".")[0] in tops for source in module.aliases.values()):
        return
    bound: dict[str, list[Assignment]] = {}
    for item in module.assignments:
        if item.kind is not None:
            bound.setdefault(item.target, []).append(item)
    for call in module.calls:
        if call.name and call.name not in bound:
            continue
        for given in meant(call.node.func, bound):
            name = module.resolve(given)
            if matches(name, wanted):
                yield call._replace(name=name)
                break


def meant(node: ast.expr, bound: dict[str, list[Assignment]], depth: int = 0) -> Iterator[str]:
    """Yield what a called expression may be; `module.*` is any member of a module."""
    if isinstance(node, ast.Name) and node.id in bound and depth < 3:  # noqa: PLR2004 - no circles
        for value in (item.value for item in bound[node.id]):
            yield from meant(value, bound, depth + 1) if value is not None else ()
    elif isinstance(node, (ast.Name, ast.Attribute)) and depth:
        yield dotted(node)
    elif isinstance(node, ast.Call) and dotted(node.func) == "getattr" and node.args:
        yield f"{dotted(node.args[0])}.*"
    elif isinstance(node, ast.Subscript):
        of = dotted(node.value)
        if of.endswith(".__dict__"):
            yield of.removesuffix("__dict__") + "*"
        for value in (item.value for item in bound.get(of, ())):
            for choice in value.values if isinstance(value, ast.Dict) else ():
                yield from meant(choice, bound, depth + 1)
