"""Where random numbers are drawn and where their sources are seeded, per entry point."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from repro_audit.facts.flow import Flow, Trace
from repro_audit.facts.kind import training_calls
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.values import State, Value, Values
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

# What each call seeds. Lightning: random, numpy and torch; Keras: random, numpy and its backend;
# torch.manual_seed covers every device, so torch.cuda.manual_seed_all adds nothing.
LIGHTNING = ("random", "numpy", "torch")
EVERYTHING = ("random", "numpy", "torch", "tensorflow")
SEEDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("random.seed",), ("random",)),
    (("numpy.random.seed",), ("numpy",)),
    (("torch.manual_seed", "torch.random.manual_seed", "torch.seed"), ("torch",)),
    (
        (
            "tensorflow.random.set_seed",
            "tensorflow.set_random_seed",
            "tensorflow.compat.v1.set_random_seed",
        ),
        ("tensorflow",),
    ),
    (("keras.utils.set_random_seed", "tensorflow.keras.utils.set_random_seed"), EVERYTHING),
    (
        (
            "pytorch_lightning.seed_everything",
            "lightning.seed_everything",
            "lightning.*.seed_everything",
            "lightning_fabric.*seed_everything",
            "pytorch_lightning.*.seed_everything",
            "lightning_lite.*seed_everything",
        ),
        LIGHTNING,
    ),
    (
        (
            "transformers.set_seed",
            "transformers.trainer_utils.set_seed",
            "transformers.*full_determinism",
            "accelerate.utils.set_seed",
            "accelerate.*.set_seed",
            "diffusers.training_utils.set_seed",
        ),
        EVERYTHING,
    ),
    (
        (
            "fastai.*.set_seed",
            "composer.*.seed_all",
            "ignite.utils.manual_seed",
            "monai.utils.set_determinism",
            "mmengine.runner.set_random_seed",
            "mmcv.runner.set_random_seed",
            "detectron2.utils.env.seed_all_rng",
            "stable_baselines3.common.utils.set_random_seed",
        ),
        LIGHTNING,
    ),
    (("jax.random.PRNGKey", "jax.random.key"), ("jax",)),
    (("paddle.seed",), ("paddle",)),
    (("cupy.random.seed",), ("cupy",)),
)
DRAWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "random",
        (
            "random.random",
            "random.randint",
            "random.choice",
            "random.choices",
            "random.shuffle",
            "random.sample",
            "random.uniform",
            "random.gauss",
            "random.randrange",
            "random.betavariate",
        ),
    ),
    ("numpy", ("numpy.random.*",)),
    (
        "torch",
        (
            "torch.rand",
            "torch.randn",
            "torch.randint",
            "torch.randperm",
            "torch.rand_like",
            "torch.randn_like",
            "torch.normal",
            "torch.bernoulli",
            "torch.multinomial",
            "torch.nn.init.*",
            "torch.utils.data.random_split",
            "torch.utils.data.RandomSampler",
            "torch.nn.Linear",
            "torch.nn.Conv*",
            "torch.nn.LSTM",
            "torch.nn.GRU",
            "torch.nn.RNN",
            "torch.nn.Embedding",
            "torch.nn.Transformer*",
            "torch.nn.Dropout*",
            "torch.nn.LazyLinear",
            "torch.nn.MultiheadAttention",
            "torch.nn.functional.dropout",
        ),
    ),
    ("tensorflow", ("tensorflow.random.*", "tensorflow.keras.layers.*", "keras.layers.*")),
    ("jax", ("jax.random.*",)),
)
NO_DRAW = {
    "seed",
    "get_state",
    "set_state",
    "SeedSequence",
    "Generator",
    "PCG64",
    "Philox",
    "set_seed",
    "PRNGKey",
    "key",
    "getstate",
    "setstate",
    "default_rng",
    "RandomState",
    "calculate_gain",
}
GENERATORS = (
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "random.Random",
    "numpy.random.Generator",
    "tensorflow.random.Generator.from_seed",
)
SKLEARN = (
    "train_test_split",
    "ShuffleSplit",
    "StratifiedShuffleSplit",
    "GroupShuffleSplit",
    "KMeans",
    "MiniBatchKMeans",
    "TSNE",
    "resample",
    "RandomizedSearchCV",
    "BayesianGaussianMixture",
    "GaussianMixture",
    "make_blobs",
    "make_classification",
    "make_moons",
    "make_regression",
)
SKLEARN_FAMILIES = (
    "RandomForest",
    "ExtraTree",
    "GradientBoosting",
    "MLP",
    "SGD",
    "Bagging",
    "AdaBoost",
)
KNOWN_TO_DRAW = (
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "sklearn",
    "lightning",
    "pytorch_lightning",
    "xgboost",
    "lightgbm",
    "catboost",
    "transformers",
    "flax",
)


class Hold(Enum):
    """How firmly a source is seeded."""

    SEEDED = "seeded"
    LATE = "seeded only after it was used"
    OPTIONAL = "seeded only when a seed is given"
    UNRESOLVED = "seeded with a value that reading cannot resolve"
    VARYING = "seeded with a value that changes from run to run"
    NONE = "never seeded"


@dataclass(frozen=True)
class Seeding:
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
        best: tuple[Hold, Seeding | None] = (Hold.NONE, None)
        order = list(Hold)
        for seeding in self.seedings:
            if library not in seeding.libraries:
                continue
            late = seeding.position > self.draws[library][0] if library in self.draws else False
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


def seeded_by(name: str) -> tuple[str, ...]:
    """Return the libraries that a call of this name seeds."""
    return next((libraries for patterns, libraries in SEEDS if matches(name, patterns)), ())


def drawn_by(call: Call) -> str | None:
    """Return the library whose global source a call draws from."""
    if call.method in NO_DRAW:
        return None
    for library, patterns in DRAWS:
        if matches(call.name, patterns):
            return library
    if matches(call.name, ("torch.utils.data.DataLoader",)):
        shuffles = call.argument("shuffle")
        own = call.argument("generator") is not None
        plain = shuffles is None or call.literal("shuffle") is False
        return None if plain or own else "torch"
    if call.name.startswith("sklearn.") and call.argument("random_state") is None:
        family = call.method.startswith(SKLEARN_FAMILIES) or call.method in SKLEARN
        shuffled = call.method.endswith("Fold") and call.literal("shuffle") is True
        return "numpy" if family or shuffled else None
    frame = call.method == "sample" and (call.argument("frac") or call.argument("n"))
    return "numpy" if frame and call.argument("random_state") is None else None


def skipped_by_default(call: Call, values: Values) -> Value | None:
    """Return the setting that leaves a call out by default, when a condition around it says so."""
    for condition in call.conditions:
        test: ast.expr = condition
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.IsNot, ast.NotEq)):
            test = test.left
            found = values.of(test, call.path, call.scope)
            if found.state is State.ABSENT:
                return found
        elif isinstance(test, (ast.Name, ast.Attribute, ast.Call, ast.UnaryOp, ast.Subscript)):
            found = values.of(test, call.path, call.scope)
            off = found.state is State.FIXED and found.value is False
            if off or (found.state is State.ABSENT and found.setting):
                return found
    return None


def follow(trace: Trace, values: Values, trains: bool) -> Path:
    """Walk one trace and note draws and seedings in their order."""
    path = Path(trace.entry, trains)
    for position, call in enumerate(trace.calls()):
        libraries = seeded_by(call.name)
        if libraries:
            given = call.argument("seed", 0) or call.argument("a") or call.argument("worker_seed")
            value = values.of(given, call.path, call.scope)
            off = skipped_by_default(call, values)
            if off is not None and value.state is not State.VARYING:
                value = Value(
                    State.ABSENT, off.value, value.setting or off.setting, off.path, off.line
                )
            path.seedings.append(Seeding(call, libraries, value, position))
            continue
        own_seed(call, values, path)
        library = drawn_by(call)
        if library is not None and library not in path.draws:
            message = f"{call.name} draws from {library}'s global source"
            path.draws[library] = (position, call.evidence(message))
    return path


def own_seed(call: Call, values: Values, path: Path) -> None:
    """Note generators and functions that carry a seed of their own."""
    if matches(call.name, GENERATORS):
        value = values.of(call.argument("seed", 0), call.path, call.scope)
        path.own.append((call, value))
        if value.state in {State.ABSENT, State.VARYING}:
            path.loose.append(call.evidence(f"{call.name} makes a generator without a fixed seed"))
        return
    method = call.method == "manual_seed" and not seeded_by(call.name)
    given = call.argument("random_state") or (call.argument("seed", 0) if method else None)
    if given is not None:
        path.own.append((call, values.of(given, call.path, call.scope)))


@dataclass(frozen=True)
class Randomness:
    """The paths that draw; `hidden` names packages that draw where reading cannot see it."""

    paths: tuple[Path, ...]
    hidden: tuple[Evidence, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Randomness:
        """Follow every entry point."""
        values = repo.fact(Values)
        training = {id(call) for call in training_calls(repo)}
        paths = tuple(
            follow(trace, values, any(id(call) in training for call in trace.calls()))
            for trace in repo.fact(Flow).traces.values()
        )
        imports = {
            top: (path, line) for path, line, top in repo.fact(PythonIndex).imported(*KNOWN_TO_DRAW)
        }
        hidden = tuple(
            Evidence(path, line, f"{top} is imported here and draws random numbers inside")
            for top, (path, line) in sorted(imports.items())
        )
        return cls(paths, hidden)

    def main(self) -> list[Path]:
        """Return the paths that count: those that train and draw, else all that draw."""
        drawing = [path for path in self.paths if path.draws or path.loose or path.own]
        training = [path for path in drawing if path.trains]
        return training or drawing

    def seedings(self) -> Iterator[Seeding]:
        """Yield the seeding calls of the paths that count."""
        for path in self.main():
            yield from path.seedings
