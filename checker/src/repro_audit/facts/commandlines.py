"""What makes a value one that a person can set: command lines of functions, fields, sections.

Sources: the documentation of click, typer, sacred, fire, tyro, jsonargparse, defopt and plac.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from repro_audit import lazyre as re

if TYPE_CHECKING:
    from repro_audit.facts.python import Place, PythonIndex

# Calls that hold the default of a field or a flag, and readers of a section's key in an INI file.
FIELDS = {
    *("dataclasses.field", "pydantic.Field", "attr.ib", "attrs.field"),
    *("typer.Option", "typer.Argument"),
}
SECTIONED = {"get", "getint", "getfloat", "getboolean"}
# Functions that make a command line of the function they are given.
COMMAND_LINES = {
    "fire.Fire",
    "typer.run",
    "defopt.run",
    "tyro.cli",
    "jsonargparse.CLI",
    "plac.call",
}
CONFIGURES = re.compile(
    r"(^|/)(config|conf|settings|h?params|hyperparameters|constants)(s?|_\w+)(/|\.py$)"
)
# Decorators by which click, typer and sacred take a function for a command.
REGISTERS = (".command", ".callback", ".automain")


def offered(place: Place, index: PythonIndex) -> bool:
    """Say whether a function is a command, so that its parameters are flags."""
    decorators = index.modules[place.path].functions[place.name].decorators
    return any(item.endswith(REGISTERS) for item in decorators) or any(
        isinstance(node, ast.Name) and index.locate(node.id, call.path) == place
        for call in index.calls(*COMMAND_LINES)
        for node in call.node.args[:1]
    )
