"""All regular expressions of the package."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from importlib.resources import files
from pathlib import Path

import repro_audit
from repro_audit.lazyre import Expression


def patterns() -> dict[str, re.Pattern[str]]:
    """Return every expression that stands in a module of the package, by where it stands."""
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(repro_audit.__path__, "repro_audit."):
        if "agent" in module.name or module.name.endswith("__main__"):
            continue
        held = vars(importlib.import_module(module.name))
        waiting = [(name, value, 0) for name, value in held.items() if not name.startswith("__")]
        while waiting:
            name, value, depth = waiting.pop()
            if isinstance(value, (re.Pattern, Expression)) and isinstance(value.pattern, str):
                found.setdefault(value.pattern, re.compile(value.pattern, value.flags))
            elif isinstance(value, (tuple, list, frozenset, set)) and depth < 4:
                waiting += [(name, item, depth + 1) for item in value]
            elif isinstance(value, dict) and depth < 4:
                waiting += [(name, item, depth + 1) for item in (*value, *value.values())]
    return found | inline()


def inline() -> dict[str, re.Pattern[str]]:
    """Return the expressions that are written where they are used."""
    found: dict[str, re.Pattern[str]] = {}
    for path in sorted(Path(str(files("repro_audit"))).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).startswith("re.")
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                flags: int = re.IGNORECASE if "IGNORECASE" in ast.unparse(node) else 0
                flags |= re.MULTILINE if "MULTILINE" in ast.unparse(node) else 0
                flags |= re.DOTALL if "DOTALL" in ast.unparse(node) else 0
                with_flags = re.compile(node.args[0].value, flags)
                found.setdefault(with_flags.pattern, with_flags)
    return found
