"""Shuffling, sampling, augmentation and loader workers, and which seed each of them follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from repro_audit.facts.chance import (
    ALL,
    DISTRIBUTED,
    LOADERS,
    OWN,
    SAMPLERS,
    SEEDED_BY_DEFAULT,
    TRANSFORMS,
    orders,
)
from repro_audit.facts.components import seed_value
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.randomness import Hold, Path, Randomness
from repro_audit.facts.splits import generator_seed
from repro_audit.facts.values import Values
from repro_audit.facts.worth import State

if TYPE_CHECKING:
    from repro_audit.facts.syntax import Call
    from repro_audit.model import Evidence
    from repro_audit.repository import Repository


class Way(NamedTuple):
    """Where a call is met: on which path, where on it, and what stands around it there."""

    path: Path
    position: int
    epochs: bool
    framed: bool


@dataclass
class Ordering:
    """What decides order and augmentation: seeded, loose, and of unclear state."""

    seeded: list[Evidence] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    optional: list[Evidence] = field(default_factory=list)
    unclear: list[Evidence] = field(default_factory=list)
    unreached: list[Evidence] = field(default_factory=list)

    @classmethod
    def collect(cls, repo: Repository) -> Ordering:
        """Judge each of them on the paths that train and count, else on all."""
        found = cls()
        values, flow = repo.fact(Values), repo.fact(Flow)
        frames = {path for path, _, _ in repo.fact(PythonIndex).imported("tensorflow", "datasets")}
        chance = repo.fact(Randomness)
        paths = chance.paths
        trained = [path for path in paths if path.trains]
        central = [path for path in trained if path.entry in chance.mains]
        stepping = flow.entries(flow.calls.any_of(methods=("set_epoch",)))
        for path in central or trained or paths:
            epochs = path.entry in stepping
            for position, call in enumerate(flow.traces[path.entry].chance):
                if not orders(call.name):
                    continue
                way = Way(path, position, epochs, call.path in frames)
                found.judge(call, way, values)
        reached = {id(call) for call in flow.live}
        found.unreached = [
            call.evidence(f"{call.method} stands where no entry point leads")
            for call in repo.fact(PythonIndex).made.any_of(names=ALL, methods=("shuffle",))
            if orders(call.name) and id(call) not in reached and source(call, values) is not None
        ]
        return found

    def judge(self, call: Call, way: Way, values: Values) -> None:
        """Sort one call as one entry point reaches it."""
        if matches(call.name, SEEDED_BY_DEFAULT):
            self.seeded.append(call.evidence(f"{call.name} has a default seed of 42"))
        elif matches(call.name, DISTRIBUTED):
            kept = way.epochs or call.literal("shuffle") is False
            message = "has a default seed" if kept else "shuffles, and set_epoch is never called"
            seen = call.evidence(f"{call.method} {message}")
            (self.seeded if kept else self.optional).append(seen)
        elif matches(call.name, OWN):
            seeded = call.argument("seed") is not None
            message = "is given a seed" if seeded else "keeps a random source of its own"
            (self.seeded if seeded else self.unclear).append(
                call.evidence(f"{call.name} {message}")
            )
        elif call.method == "shuffle" and "." in call.name and way.framed:
            self.pipeline(call, way, values)
        elif (library := source(call, values)) is not None:
            self.follow(call, library, way, values)

    def pipeline(self, call: Call, way: Way, values: Values) -> None:
        """Sort `dataset.shuffle()` of tf.data (follows TensorFlow) or datasets (NumPy)."""
        given = call.argument("seed", 1 if call.given else None)
        if given is not None and seed_value(given, call, values).state is State.FIXED:
            self.seeded.append(call.evidence("shuffle is given a seed"))
            return
        holds = {
            way.path.hold_at(name, way.position)[0] for name in ("tensorflow", "numpy", "random")
        }
        seen = call.evidence(f"{call.name} follows a global state")
        (self.seeded if Hold.SEEDED in holds else self.loose).append(seen)

    def follow(self, call: Call, library: str, way: Way, values: Values) -> None:
        """Sort a call that has a generator, or follows the global state of a library."""
        own = call.argument("generator")
        if own is not None:
            value = seed_value(own, call, values)
            value = generator_seed(call, values) if value.state is not State.FIXED else value
            seen = call.evidence(f"{call.method} is given a generator")
            kinds = {State.FIXED: self.seeded, State.UNKNOWN: self.unclear}
            kinds.get(value.state, self.loose).append(seen)
            return
        hold, _ = way.path.hold_at(library, way.position)
        message = f"{call.method} follows {library}, {hold.value} (from {way.path.entry})"
        if hold is Hold.SEEDED:
            self.seeded.append(call.evidence(message))
        elif hold is Hold.UNRESOLVED:
            self.unclear.append(call.evidence(message))
        elif hold in {Hold.OPTIONAL, Hold.LATE}:
            self.optional.append(call.evidence(message))
        else:
            self.loose.append(call.evidence(message))


def source(call: Call, values: Values) -> str | None:
    """Return the library whose state decides an order or an augmentation."""
    if matches(call.name, SAMPLERS):
        return "torch"
    if matches(call.name, LOADERS) and "Data" in call.method:
        node = call.argument("shuffle", 2)
        value = values.of(node, call.path, call.scope)
        off = node is None or (value.state is State.FIXED and not value.value)
        return None if off else "torch"
    return next((name for patterns, name in TRANSFORMS if matches(call.name, patterns)), None)
