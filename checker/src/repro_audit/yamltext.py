"""YAML within bounds: no objects but plain ones, no depth that breaks the parser, no bombs.

libyaml keeps no count of depth, so that nested brackets overflow the stack of the whole program;
an alias stands for as much as its anchor, so that thirty short lines can mean 9^30 values. Both
are told from the text, or from the nodes before anything is made of them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from repro_audit import lazyre as re

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 100
MOST_NODES = 400_000
LONGEST_SCALAR = 1_000
# What PyYAML raises for a value that is none of its tag, such as `!!bool x`.
NOT_OF_ITS_TAG = (ValueError, TypeError, AttributeError, KeyError, OverflowError)
TEXT = "tag:yaml.org,2002:str"
BRACKET = re.compile(r"[\[\]{}]")
# What opens blocks on one line: indentation, then marks of lists and keys.
OPENING = re.compile(r"( *)((?:[-?:] +)*)")


@cache
def loader() -> Any:
    """Return the safe loader, in C where there is one; imported when there is something to read."""
    import yaml  # noqa: PLC0415 - it takes as long as a tenth of a small audit

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def deep(text: str) -> bool:
    """Say whether brackets or blocks are nested deeper than any file for people is."""
    depth = 0
    for found in BRACKET.finditer(text) if text.count("[") + text.count("{") > DEEPEST else ():
        depth = depth + 1 if found.group() in "[{" else max(depth - 1, 0)
        if depth > DEEPEST:
            return True
    indents: list[int] = []
    for line in text.splitlines():
        start = OPENING.match(line)
        width = len(start.group(1)) if start else 0
        while indents and indents[-1] >= width:
            indents.pop()
        indents.append(width)
        marks = len(start.group(2).replace(" ", "")) if start else 0
        if len(indents) + marks > DEEPEST:
            return True
    return False


def inner(node: Any) -> Iterator[Any]:
    """Yield the nodes directly inside one."""
    if node.id == "mapping":
        for key, value in node.value:
            yield key
            yield value
    elif node.id == "sequence":
        yield from node.value


def meant(node: Any, sizes: dict[int, int]) -> int:
    """Count the nodes that one stands for when all aliases are followed.

    Raises:
        ValueError: when it contains itself, or stands for too many.
    """
    known = sizes.get(id(node))
    if known is not None:
        if not known:
            raise ValueError("a value that contains itself")
        return known
    sizes[id(node)] = 0
    size = 1
    if node.id == "scalar" and len(node.value) > LONGEST_SCALAR:
        # No number or date is that long; `59:59:59` and so on would be worked out as one.
        node.tag = TEXT
    for child in inner(node):
        size += meant(child, sizes)
        if size > MOST_NODES:
            raise ValueError("aliases that stand for too much")
    sizes[id(node)] = size
    return size


def compose(text: str) -> Any:
    """Return the nodes of a document, with lines and without any object made.

    Raises:
        ValueError, RecursionError: when it is no YAML, or too much of it.
    """
    import yaml  # noqa: PLC0415 - see loader

    if deep(text):
        raise ValueError("nested too deeply")
    try:
        node = yaml.compose(text, Loader=loader())
    except yaml.YAMLError as problem:
        raise ValueError(str(problem)) from problem
    if node is not None:
        meant(node, {})
    return node


def load(text: str) -> Any:
    """Return the plain values of a document.

    Raises:
        ValueError, RecursionError: when it is no YAML, or too much of it.
    """
    import yaml  # noqa: PLC0415 - see loader

    node = compose(text)
    if node is None:
        return None
    maker = loader()("")
    try:
        return maker.construct_document(node)
    except (yaml.YAMLError, TypeError, AttributeError, KeyError, OverflowError) as problem:
        # What a tag or a key that is no plain value makes of the loader.
        raise ValueError(str(problem)) from problem
    finally:
        maker.dispose()


def scalar(node: Any) -> object:
    """Return the value that YAML gives to a plain scalar."""
    import yaml  # noqa: PLC0415 - see loader

    if len(node.value) > LONGEST_SCALAR:
        return node.value
    constructor = yaml.SafeLoader("")
    try:
        return constructor.construct_object(node)
    except (yaml.YAMLError, *NOT_OF_ITS_TAG):
        return node.value
    finally:
        constructor.dispose()
