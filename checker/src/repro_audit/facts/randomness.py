"""Where random numbers are drawn and where their sources are seeded, per entry point."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts.code import as_code
from repro_audit.facts.flow import Flow, Trace
from repro_audit.facts.kind import training_calls
from repro_audit.facts.mains import Mains
from repro_audit.facts.pieces import FAILED
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.sources import (
    CLIS,
    GENERATORS,
    KNOWN_TO_DRAW,
    LIGHTNING,
    TRAINERS,
    drawn_by,
    seeded_by,
)
from repro_audit.facts.values import Values, is_none
from repro_audit.facts.worth import UNKNOWN, State, Value
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository


# Without a seed these take one from the operating system.
FROM_THE_SYSTEM = {"random.seed", "numpy.random.seed"}


class Hold(Enum):
    """How firmly a source is seeded."""

    SEEDED = "seeded"
    LATE = "seeded only after it was used"
    OPTIONAL = "seeded only when a seed is given"
    UNRESOLVED = "seeded with a value that reading cannot resolve"
    VARYING = "seeded with a value that changes from run to run"
    NONE = "never seeded"


class Seeding(NamedTuple):
    """One seeding call on the way of an entry point."""

    call: Call
    libraries: tuple[str, ...]
    value: Value
    position: int


@dataclass
class Path:
    """The randomness of one entry point."""

    entry: str
    trains: bool
    draws: dict[str, tuple[int, Evidence]] = field(default_factory=dict)
    seedings: list[Seeding] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    own: list[tuple[Call, Value]] = field(default_factory=list)

    def hold(self, library: str) -> tuple[Hold, Seeding | None]:
        """Return how the source of `library` is seeded on this path, and by which call."""
        return self.hold_at(library, self.draws[library][0] if library in self.draws else None)

    def hold_at(self, library: str, drawn: int | None) -> tuple[Hold, Seeding | None]:
        """Return how `library` is seeded for a draw at the position `drawn` of the trace."""
        best: tuple[Hold, Seeding | None] = (Hold.NONE, None)
        order = list(Hold)
        for seeding in self.seedings:
            if library not in seeding.libraries:
                continue
            # JAX has no global source: what draws was given a key, so the key was made before.
            late = drawn is not None and seeding.position > drawn and library != "jax"
            state = seeding.value.state
            hold = (
                (Hold.LATE if late else Hold.SEEDED)
                if state is State.FIXED
                else {State.ABSENT: Hold.OPTIONAL, State.VARYING: Hold.VARYING}.get(
                    state, Hold.UNRESOLVED
                )
            )
            if order.index(hold) < order.index(best[0]):
                best = (hold, seeding)
        return best


def parts(conditions: tuple[ast.expr, ...]) -> Iterator[ast.expr]:
    """Yield the tests that must all hold: `if a and b:` takes both."""
    for condition in conditions:
        both = isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.And)
        yield from condition.values if both and isinstance(condition, ast.BoolOp) else (condition,)


def skipped_by_default(call: Call, values: Values) -> Value | None:
    """Return the setting that leaves a call out by default, when a condition around it says so."""
    for test in parts(call.conditions):
        denied = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        compared = test.operand if isinstance(test, ast.UnaryOp) and denied else test
        if isinstance(compared, ast.Compare):
            unlike = (ast.Is, ast.Eq) if denied else (ast.IsNot, ast.NotEq)
            if not (isinstance(compared.ops[0], unlike) and is_none(compared.comparators[0])):
                continue  # nothing given differs from whatever it is compared with
            found = values.of(compared.left, call.path, call.scope)
            if found.state is State.ABSENT:
                return found
        elif isinstance(test, (ast.Name, ast.Attribute, ast.Call, ast.UnaryOp, ast.Subscript)):
            found = values.of(test, call.path, call.scope)
            # `if seed:` leaves the seed 0 out too.
            off = found.state is State.FIXED and not found.value
            if off or (found.state is State.ABSENT and found.setting):
                return found
    return None


def only_without_seed(call: Call, values: Values) -> bool:
    """Say whether a call stands under `if seed < 0:` or `if seed is None:` and the seed is set."""
    for condition in call.conditions:
        if not (isinstance(condition, ast.Compare) and len(condition.ops) == 1):
            continue
        if "seed" not in as_code(condition.left).lower():
            continue
        found = values.of(condition.left, call.path, call.scope)
        given = isinstance(found.value, (int, str)) and found.state is State.FIXED
        limit = condition.comparators[0]
        none = isinstance(limit, ast.Constant) and limit.value is None
        below = isinstance(condition.ops[0], (ast.Lt, ast.LtE)) and isinstance(found.value, int)
        if given and ((none and isinstance(condition.ops[0], (ast.Is, ast.Eq))) or below):
            return True
    return False


@dataclass
class Effect:
    """What one call does to the sources of random numbers, on whichever path it is met."""

    seeds: tuple[str, ...] = ()
    value: Value = field(default_factory=lambda: Value(State.ABSENT))
    draws: str | None = None
    loose: list[Evidence] = field(default_factory=list)
    own: list[tuple[Call, Value]] = field(default_factory=list)


def effect_of(call: Call, values: Values) -> Effect | None:
    """Return what a call does; None for the many that do nothing."""
    libraries = seeded_by(call.name)
    if libraries and FAILED in call.tests:
        return None
    if libraries:
        given = call.argument("seed", 0) or call.argument("a") or call.argument("worker_seed")
        value = values.of(given, call.path, call.scope)
        if call.name in FROM_THE_SYSTEM and (given is None or is_none(given)):
            value = Value(State.VARYING)
        off = skipped_by_default(call, values)
        if off is not None and value.state is not State.VARYING:
            value = Value(State.ABSENT, off.value, value.setting or off.setting, off.path, off.line)
        return Effect(libraries, value)
    # A Trainer of transformers seeds when it is made, and draws when it trains.
    if matches(call.name, TRAINERS):
        return Effect(LIGHTNING, trainer_seed(call, values), "torch")
    if matches(call.name, CLIS):
        return Effect(LIGHTNING, cli_seed(call, values))
    drawn = drawn_by(call)
    effect = Effect(draws=None if drawn and only_without_seed(call, values) else drawn)
    own_seed(call, values, effect)
    return effect if effect.draws or effect.loose or effect.own else None


def trainer_seed(call: Call, values: Values) -> Value:
    """Return the seed with which a Trainer of transformers seeds everything: by default 42."""
    given = [
        node
        for item in values.index.modules[call.path].calls
        if item.method.endswith(("TrainingArguments", "Config"))
        and (node := item.argument("seed")) is not None
    ]
    if given:
        return values.of(given[0], call.path, call.scope)
    flag = values.flags.nearest("seed", call.path)
    told = flag is not None and flag.path == call.path
    return (
        Value(State.FIXED, 42, flag.spelled, flag.path, flag.line)
        if flag is not None and told
        else Value(State.FIXED, 42)
    )


def cli_seed(call: Call, values: Values) -> Value:
    """Return the seed of a LightningCLI: its configuration's, else that of its default.

    Told nothing, some versions of Lightning take 0 and others a number of their own.
    """
    default = call.argument("seed_everything_default")
    for entry in values.configs.entries("seed_everything"):
        if entry.value is not None and entry.value is not False:
            at = (entry.key, entry.path, entry.line)
            return UNKNOWN if entry.value is True else Value(State.FIXED, entry.value, *at)
    told = values.of(default, call.path, call.scope)
    if told.value is False:
        return Value(State.ABSENT)
    return UNKNOWN if default is None or told.value is True else told


def follow(trace: Trace, effects: dict[int, Effect], trains: bool) -> Path:
    """Walk one trace and note draws and seedings in their order."""
    path = Path(trace.entry, trains)
    for position, call in enumerate(trace.chance):
        effect = effects.get(id(call))
        if effect is None:
            continue
        if effect.seeds:
            path.seedings.append(Seeding(call, effect.seeds, effect.value, position))
        path.loose += effect.loose
        path.own += effect.own
        library = effect.draws
        if library is not None and library not in path.draws:
            message = f"{call.name} draws from {library}'s global source"
            path.draws[library] = (position, call.evidence(message))
    return path


def own_seed(call: Call, values: Values, path: Effect) -> None:
    """Note generators and functions that carry a seed of their own."""
    if matches(call.name, GENERATORS):
        value = values.of(call.argument("seed", 0), call.path, call.scope)
        if value.state is State.ABSENT:
            value = seeded_next(call, values)
        if value.state not in {State.ABSENT, State.VARYING}:
            path.own.append((call, value))
        else:
            path.loose.append(call.evidence(f"{call.name} makes a generator without a fixed seed"))
        return
    method = call.method in {"manual_seed", "manual_seed_all"} and not seeded_by(call.name)
    given = call.argument("random_state") or (call.argument("seed", 0) if method else None)
    value = values.of(given, call.path, call.scope)
    if given is None or value.state is State.ABSENT:
        return
    if value.state is State.VARYING:
        path.loose.append(call.evidence(f"{call.name} is given a seed that changes"))
        return
    path.own.append((call, value))


def seeded_next(call: Call, values: Values) -> Value:
    """Return the seed that a generator made without one gets by `.seed(...)` where it is made."""
    given = [
        item.node.args[0]
        for item in values.index.modules[call.path].calls
        if item.method == "seed"
        and item.scope == call.scope
        and item.node.args
        and not seeded_by(item.name)
    ]
    return values.of(given[0] if given else None, call.path, call.scope)


class Randomness(NamedTuple):
    """The paths that draw; `hidden` names packages that draw where reading cannot see it."""

    paths: tuple[Path, ...]
    hidden: tuple[Evidence, ...]
    mains: frozenset[str] = frozenset()

    @classmethod
    def collect(cls, repo: Repository) -> Randomness:
        """Follow every entry point."""
        values = repo.fact(Values)
        flow = repo.fact(Flow)
        training = flow.entries(training_calls(repo))
        chance = {id(call): call for trace in flow.traces.values() for call in trace.chance}
        found = ((key, effect_of(call, values)) for key, call in chance.items())
        effects = {key: effect for key, effect in found if effect is not None}
        paths = tuple(
            follow(trace, effects, entry in training) for entry, trace in flow.traces.items()
        )
        imports = {
            top: (path, line) for path, line, top in repo.fact(PythonIndex).imported(*KNOWN_TO_DRAW)
        }
        hidden = tuple(
            Evidence(path, line, f"{top} is imported here and draws random numbers inside")
            for top, (path, line) in sorted(imports.items())
        )
        return cls(paths, hidden, frozenset(repo.fact(Mains).entries))

    def main(self) -> list[Path]:
        """Return the paths that count: those that train and draw, else all that draw."""
        drawing = [path for path in self.paths if path.draws or path.loose or path.own]
        training = [path for path in drawing if path.trains]
        central = [path for path in training if path.entry in self.mains]
        return central or training or drawing

    def seedings(self) -> Iterator[Seeding]:
        """Yield the seeding calls of the paths that count."""
        for path in self.main():
            yield from path.seedings
