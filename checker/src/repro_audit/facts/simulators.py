"""Environments and simulators that are stepped through, and whether they are seeded and pinned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit.facts.components import seed_value
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State, Value
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

PACKAGES = (
    *("gym", "gymnasium", "stable_baselines3", "pettingzoo", "dm_control", "minigrid"),
    *("procgen", "pybullet", "pybullet_envs", "mujoco", "brax", "ale_py", "sb3_contrib"),
)
MAKES = (
    *("gym.make*", "gymnasium.make*", "*.make_vec_env", "*.make_atari_env", "procgen.*"),
    *("dm_control.suite.load", "pettingzoo.*.env", "pettingzoo.*.parallel_env"),
)
LEARNERS = ("stable_baselines3.PPO", "stable_baselines3.*", "sb3_contrib.*")
NOT_LEARNERS = ("stable_baselines3.common.*",)


@dataclass
class Simulators:
    """Imports, environments, and the seeds that they are given."""

    imports: list[Evidence] = field(default_factory=list)
    made: list[Evidence] = field(default_factory=list)
    seeded: list[Evidence] = field(default_factory=list)
    optional: list[Evidence] = field(default_factory=list)
    unclear: list[Evidence] = field(default_factory=list)
    sampled: list[Evidence] = field(default_factory=list)
    floating: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Simulators:
        """Read what entry points make and reset."""
        found = cls()
        tops: set[str] = set()
        for path, line, top in repo.fact(PythonIndex).imported(*PACKAGES):
            if top not in tops:
                tops.add(top)
                found.imports.append(Evidence(path, line, f"{top} is imported"))
        if not tops:
            return found
        values = repo.fact(Values)
        made = repo.fact(Flow).calls
        for call in made.any_of(
            names=(*MAKES, "*action_space.sample"), methods=("seed",), keywords=("seed",)
        ):
            found.judge(call, values)
        locked = {
            item.name
            for lock in repo.fact(Dependencies).locks
            if not lock.problem
            for item in lock.packages
        }
        for item in repo.fact(Dependencies).sources():
            named = item.name.replace("-", "_") in tops
            if named and not item.exact and item.name not in locked:
                found.floating.append(item.evidence(f"{item.name} has no exact version"))
        return found

    def judge(self, call: Call, values: Values) -> None:
        """Sort a call that makes, seeds or resets an environment, or learns in one."""
        learner = matches(call.name, LEARNERS) and not matches(call.name, NOT_LEARNERS)
        if matches(call.name, MAKES):
            self.made.append(call.evidence(f"{call.method} makes an environment"))
            if call.argument("seed") is not None:
                self.put(call, seed_value_of(call, values))
        elif call.method == "reset" and call.argument("seed") is not None:
            self.put(call, seed_value_of(call, values))
        elif call.method == "seed" and "env" in call.name.lower():
            self.put(call, values.of(call.argument("seed", 0), call.path, call.scope))
        elif learner and call.argument("seed") is not None:
            self.put(call, seed_value_of(call, values))
        elif call.name.endswith("action_space.sample"):
            self.sampled.append(call.evidence("actions are sampled from the space's own source"))

    def put(self, call: Call, value: Value) -> None:
        """Sort one seed."""
        seen = call.evidence(f"{call.name or call.method} is given a seed")
        kinds = {State.FIXED: self.seeded, State.UNKNOWN: self.unclear}
        kinds.get(value.state, self.optional).append(seen)


def seed_value_of(call: Call, values: Values) -> Value:
    """Resolve the seed that a call is given by name."""
    node = call.argument("seed")
    return seed_value(node, call, values) if node is not None else Value(State.ABSENT)
