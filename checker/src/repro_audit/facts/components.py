"""Random components of scikit-learn's kind, and where each of them gets its seed from."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit.facts.configs import Configs
from repro_audit.facts.estimators import (
    GLOBAL,
    STUDIES,
    STUDYING,
    arguments,
    component,
    draws,
    seed_argument,
    unpacks,
)
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.randomness import Hold, Path, Randomness
from repro_audit.facts.sources import GENERATORS
from repro_audit.facts.syntax import dotted
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository


def seed_value(node: ast.expr, call: Call, values: Values, depth: int = 0) -> Value:
    """Resolve a seed that may be a number or a generator made from one."""
    value = values.of(node, call.path, call.scope)
    module = values.index.modules[call.path]
    if isinstance(node, ast.Name) and value.state is not State.FIXED and depth == 0:
        made = [
            item.value
            for item in module.assignments
            if item.target == node.id and isinstance(item.value, ast.Call)
        ]
        if made and made[-1] is not None:
            return seed_value(made[-1], call, values, 1)
    if isinstance(node, ast.Call):
        head, dot, rest = dotted(node.func).partition(".")
        if matches(module.aliases.get(head, head) + dot + rest, GENERATORS):
            inner = node.args[0] if node.args else None
            inner = next((item.value for item in node.keywords if item.arg == "seed"), inner)
            return values.of(inner, call.path, call.scope)
    return value


@dataclass
class Components:
    """Components that are seeded, that are not, of which it is unclear, and that draw nothing."""

    seeded: list[Evidence] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    unclear: list[Evidence] = field(default_factory=list)
    quiet: list[Evidence] = field(default_factory=list)
    unreached: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Components:
        """Judge each component on the way of each entry point; the worst answer counts."""
        found = cls()
        values, index = repo.fact(Values), repo.fact(PythonIndex)
        later = any(
            item.arg is not None and item.arg.endswith("random_state")
            for call in index.calls("*.set_params")
            for item in call.node.keywords
        )
        calls = list(reached(repo))
        for path, position, call in calls:
            found.judge(call, path, position, values, later=later)
        found.from_configs(repo)
        seen = {id(call) for _, _, call in calls}
        found.unreached = [
            call.evidence(f"{call.name} is made where no entry point leads")
            for call in index.made.any_of(names=filter(component, index.made.by_name))
            if id(call) not in seen
        ]
        bad = {(item.path, item.line) for item in found.loose}
        found.seeded = [item for item in found.seeded if (item.path, item.line) not in bad]
        return found

    def judge(self, call: Call, path: Path, position: int, values: Values, *, later: bool) -> None:
        """Sort one component as one entry point reaches it."""
        if matches(call.name, STUDIES):
            if call.argument("sampler") is None:
                self.loose.append(call.evidence(f"{call.name} makes a sampler without a seed"))
            return
        given = seed_argument(call)
        answer = draws(call.name, arguments(call))
        if answer is False:
            self.quiet.append(call.evidence(f"{call.name} draws nothing as it is called here"))
            return
        value = seed_value(given, call, values) if given is not None else Value(State.ABSENT)
        if value.state is State.FIXED:
            self.seeded.append(call.evidence(f"{call.name} is given the seed {value.value}"))
        elif value.state is State.UNKNOWN:
            self.unclear.append(
                call.evidence(f"{call.name} is given a seed that reading cannot resolve")
            )
        elif value.state is State.VARYING:
            self.loose.append(call.evidence(f"{call.name} is given a seed that changes"))
        elif value.setting:
            said = f"{call.name} has a seed only if {value.setting} gives one"
            self.loose.append(call.evidence(said))
        elif answer is None or later or unpacks(call):
            self.unclear.append(call.evidence(f"{call.name} may draw, or get its seed elsewhere"))
        else:
            self.by_state(call, path, position)

    def by_state(self, call: Call, path: Path, position: int) -> None:
        """Sort a component without a seed of its own by NumPy's global state."""
        hold, seeding = path.hold_at("numpy", position)
        follows = matches(call.name, GLOBAL)
        if follows and hold is Hold.SEEDED and seeding is not None:
            self.seeded.append(call.evidence(f"{call.name} follows NumPy's state, seeded before"))
        elif follows and hold is Hold.UNRESOLVED:
            self.unclear.append(call.evidence(f"{call.name} follows NumPy's state, {hold.value}"))
        else:
            why = f"; NumPy's state is {hold.value}" if follows else ""
            self.loose.append(call.evidence(f"{call.name} gets no seed{why} (from {path.entry})"))

    def from_configs(self, repo: Repository) -> None:
        """Sort components that a configuration names under `_target_`."""
        for file in repo.fact(Configs).files.values():
            keys = {entry.key: entry for entry in file.entries}
            for entry in file.entries:
                prefix, _, last = entry.key.rpartition(".")
                name = str(entry.value)
                if last != "_target_" or not component(name):
                    continue
                joint = f"{prefix}." if prefix else ""
                given = {
                    key.removeprefix(joint): item.value
                    for key, item in keys.items()
                    if key.startswith(joint)
                }
                seed = given.get("random_state", given.get("seed"))
                if draws(name, given) is False:
                    self.quiet.append(entry.evidence(f"{name} draws nothing"))
                elif seed is not None:
                    self.seeded.append(entry.evidence(f"{name} is given the seed {seed}"))
                else:
                    self.unclear.append(entry.evidence(f"{name} is made without a seed here"))


def reached(repo: Repository) -> Iterator[tuple[Path, int, Call]]:
    """Yield the components on the paths that train, else on all paths, with their positions."""
    traces = repo.fact(Flow).traces
    paths = [path for path in repo.fact(Randomness).paths if uses(traces[path.entry].chance)]
    for path in [path for path in paths if path.trains] or paths:
        for position, call in enumerate(traces[path.entry].chance):
            if component(call.name) or matches(call.name, STUDIES):
                yield path, position, call


def uses(calls: Iterable[Call]) -> bool:
    """Say whether a component is among the calls."""
    return any(component(call.name) or matches(call.name, STUDYING) for call in calls)
