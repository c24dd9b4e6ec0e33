"""Generators and keys that code makes for itself: seeded, left open, made again, used twice."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.components import seed_value
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.sources import GENERATORS
from repro_audit.facts.syntax import dotted
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call, Module
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository

KEYS = ("jax.random.PRNGKey", "jax.random.key")
MAKERS = (*GENERATORS, *KEYS)
TORCH = ("*.manual_seed",)
GLOBAL = ("torch.manual_seed", "torch.random.manual_seed", "numpy.random.seed", "random.seed")
# What takes a key without using it up, or makes new ones of it.
DERIVES = {"split", "fold_in", "PRNGKey", "key", "key_data", "wrap_key_data", "clone"}
STEPS = re.compile(r"^(epoch|step|batch|iteration|iter|it|itr|t)(_?\w{0,6})?$", re.IGNORECASE)


@dataclass
class LocalGenerators:
    """Generators by what was found of them."""

    seeded: list[Evidence] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    repeated: list[Evidence] = field(default_factory=list)
    unclear: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> LocalGenerators:
        """Judge every generator and key of code that is reached."""
        found = cls()
        index, values = repo.fact(PythonIndex), repo.fact(Values)
        scopes: set[tuple[str, str]] = set()
        reached = repo.fact(Flow).calls
        for call in reached.any_of(
            names=(*GLOBAL, *MAKERS, "jax.random.*"), methods=("manual_seed",)
        ):
            module = index.modules[call.path]
            if matches(call.name, GLOBAL):
                if renewed(call, module):
                    found.repeated.append(
                        call.evidence(f"{call.name} gives each step the same numbers again")
                    )
                continue
            made = matches(call.name, MAKERS)
            own = call.method == "manual_seed" and "torch" in {
                item.module.partition(".")[0] for item in module.imports
            }
            if made or (own and "cuda" not in call.name):
                found.judge(call, module, values)
            if call.name.startswith("jax.random."):
                scopes.add((call.path, call.scope))
        for path, scope in sorted(scopes):
            found.repeated += reused(index.modules[path], scope)
        return found

    def judge(self, call: Call, module: Module, values: Values) -> None:
        """Sort one generator by its seed and by whether a loop makes it again."""
        given = call.argument("seed", 0)
        value = values.of(given, call.path, call.scope)
        if given is not None and value.state is State.UNKNOWN:
            value = seed_value(given, call, values)
        if renewed(call, module):
            self.repeated.append(call.evidence(f"{call.name} is made again at each step"))
        elif value.state is State.FIXED:
            self.seeded.append(call.evidence(f"{call.name} is made from the seed {value.value}"))
        elif value.state is State.UNKNOWN:
            self.unclear.append(call.evidence(f"the seed of {call.name} cannot be resolved"))
        else:
            self.loose.append(call.evidence(f"{call.name} is made without a fixed seed"))


def renewed(call: Call, module: Module) -> bool:
    """Say whether a loop over steps gives the same seed at each turn."""
    given = call.argument("seed", 0)
    if given is None:
        return False
    used = {node.id for node in ast.walk(given) if isinstance(node, ast.Name)}
    for loop in module.loops:
        if loop.scope != call.scope or not loop.holds(call):
            continue
        targets = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        if any(STEPS.match(name) for name in targets) and not targets & used:
            return isinstance(given, (ast.Constant, ast.Name, ast.Attribute))
    return False


def reused(module: Module, scope: str) -> list[Evidence]:
    """Return the draws that take a key which an earlier draw of the same scope used up."""
    spent: dict[str, Call] = {}
    found: list[Evidence] = []
    changes: dict[str, list[int]] = {}
    for item in module.assignments:
        if item.scope == scope:
            changes.setdefault(item.target, []).append(item.line)
    for call in module.calls:
        draws = call.name.startswith("jax.random.") and call.method not in DERIVES
        if call.scope != scope or not draws or not call.given:
            continue
        key = dotted(call.node.args[0])
        before = spent.get(key)
        # A new value on the same line is given after the draw, on a later line before the next.
        renewed_between = before is not None and any(
            before.line <= line < call.line for line in changes.get(key, ())
        )
        if key and before is not None and not renewed_between and before.tests == call.tests:
            found.append(call.evidence(f"the key {key} was used up on line {before.line}"))
        if key:
            spent[key] = call
    return found
